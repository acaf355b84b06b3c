"""The arguments that every layer takes by keyword."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from ... import backend as K
from ...configured import Configured

if TYPE_CHECKING:
    from .calls import Book, Node


class Traits:
    """What a layer has besides its arguments: attributes that subclasses and instances set."""

    supports_masking: bool = False
    stateful: bool = False
    input_spec: Any = None
    built: bool = False
    _inbound_nodes: list[Node]
    _outbound_nodes: list[Node]
    _trainable_weights: list[Any]
    _non_trainable_weights: list[Any]
    _loss_book: Book
    _update_book: Book
    _metrics: list[Any]


class LayerOptions(Traits, Configured, kw_only=True):
    """`name`: by default the class and a number. `trainable`: whether training changes the weights.

    `input_shape` (without the batch), `batch_input_shape` (with it), or `input_dim` say what the
    first layer of a Sequential model gets. `weights`: initial values, a list of arrays.
    """

    name: Any = None
    trainable: bool = True
    dtype: str | None = None
    input_shape: Any = None
    batch_input_shape: Any = None
    batch_size: int | None = None
    input_dim: int | None = None
    input_length: int | None = None
    input_dtype: str | None = None
    weights: Any = None

    takes_sequences: ClassVar[bool] = False  # `input_dim` then stands for (time, n)
    _initial_weights: Any = None

    def set_options(self, options: dict[str, Any]) -> None:
        name = options.get("name") or self.__dict__.get("name")
        if not name:
            stem = to_snake_case(type(self).__name__)
            name = f"{stem}_{K.get_uid(stem)}"
        self.name = name
        self.trainable = options.get("trainable", True)
        if options.get("weights") is not None:
            self._initial_weights = options["weights"]
        dtype = options.get("dtype") or options.get("input_dtype") or self.__dict__.get("dtype")
        self.dtype = dtype or K.floatx()
        shape = first_shape(options, self.takes_sequences)
        if shape is not None:
            self.batch_input_shape = shape

    def option_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if self.batch_input_shape is not None:
            config["batch_input_shape"] = self.batch_input_shape
        config["dtype"] = self.dtype
        return config


def first_shape(options: dict[str, Any], sequences: bool) -> tuple[int | None, ...] | None:
    """The shape of the input with its batch, in whichever way it was given."""
    if options.get("batch_input_shape") is not None:
        return tuple(options["batch_input_shape"])
    shape = options.get("input_shape")
    if shape is None and options.get("input_dim") is not None:
        shape = (options["input_dim"],)
        if sequences or options.get("input_length") is not None:
            shape = (options.get("input_length"), *shape)
    if shape is None:
        return None
    return (options.get("batch_size"), *((shape,) if isinstance(shape, int) else shape))


def to_snake_case(name: str) -> str:
    """The stem of a layer's default name.

    >>> to_snake_case("Conv2DTranspose"), to_snake_case("_Own"), to_snake_case("GRU")
    ('conv2d_transpose', 'private__own', 'gru')
    """
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()
    return f"private{snake}" if snake.startswith("_") else snake

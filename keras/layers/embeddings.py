"""Numbers of words to vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import backend as K
from ..registry import Constraint, Initializer, Regularizer
from .base import InputSpec, Layer
from .base.fields import Positive


class Embedding(Layer):
    """One trained vector for each whole number below `input_dim`.

    (batch, ...) -> (batch, ..., output_dim)

    `input_length` is the length of the sequences where it is always the same (a `Dense` behind a
    `Flatten` needs it). With `mask_zero` the number 0 stands for padding: layers behind skip it.

    >>> layer = Embedding(1000, 64, input_length=10)
    >>> layer.batch_input_shape, layer.compute_output_shape((None, 10))
    ((None, 10), (None, 10, 64))
    """

    input_dim: Positive
    output_dim: Positive  # type: ignore[misc]  # fields declared again move to their new place
    embeddings_initializer: Initializer = "uniform"
    embeddings_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    embeddings_constraint: Constraint = None
    mask_zero: bool = False
    input_length: Any = None

    if TYPE_CHECKING:  # two of them are options of all other layers

        def __init__(
            self,
            input_dim: int,
            output_dim: int,
            embeddings_initializer: Any = "uniform",
            embeddings_regularizer: Any = None,
            activity_regularizer: Any = None,
            embeddings_constraint: Any = None,
            mask_zero: bool = False,
            input_length: Any = None,
            **options: Any,
        ) -> None: ...

    input_spec = InputSpec()

    def set_options(self, options: dict[str, Any]) -> None:
        super().set_options(options)
        self.batch_size = options.get("batch_size")

    def __post_init__(self) -> None:
        self.supports_masking = self.mask_zero
        if isinstance(self.input_length, list):
            self.input_length = tuple(self.input_length)
        if self.batch_input_shape is None:
            self.batch_input_shape = (self.batch_size, *(self._lengths() or (None,)))
        elif isinstance(self.batch_input_shape[-1], (list, tuple)):  # as `get_config` writes it
            self.batch_input_shape = (self.batch_input_shape[0], *self.batch_input_shape[-1])
        if self.dtype and not self.dtype.startswith("float"):
            # Files of Keras 2.0 say the dtype of the input here; vectors are made of floats.
            self.dtype = K.floatx()

    def _lengths(self) -> tuple[int | None, ...]:
        given = self.input_length
        return () if given is None else given if isinstance(given, tuple) else (given,)

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight("embeddings", (self.input_dim, self.output_dim))
        self.built = True

    def call(self, inputs: Any) -> Any:
        self.compute_output_shape(K.int_shape(inputs))  # refuses other lengths
        return K.gather(self.embeddings, inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return K.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, *sizes = input_shape
        lengths = self._lengths() or (None,) * len(sizes)
        known = zip(lengths, sizes, strict=False)
        if len(lengths) != len(sizes) or any(a != b for a, b in known if None not in (a, b)):
            raise ValueError(
                f"Embedding `{self.name}` was made for sequences of `input_length="
                f"{self.input_length}`, got shape {tuple(input_shape)}."
            )
        merged = (a if a is not None else b for a, b in zip(lengths, sizes, strict=True))
        return (batch, *merged, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if isinstance(self.input_length, tuple):  # the classic config nests it
            config["batch_input_shape"] = (self.batch_input_shape[0], self.input_length)
        return config

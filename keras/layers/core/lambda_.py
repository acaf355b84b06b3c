"""Any function as a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ... import backend as K
from ...backend.ops.native import called
from ...registry import has_arg
from ..base import Layer
from ..base.calls import to_list
from .functions import read, write


class Lambda(Layer):
    """`function(x, **arguments)`: any function of tensors as a layer.

    `output_shape` is the shape of a sample, or a function of the input's shape; it is needed only
    where the shape can't be found by describing a call. `mask` is the output's mask, or a function
    `(inputs, mask)` that makes it. A function with an argument `mask` gets the input's.

    A config holds a named function by its name, which is then looked for in `custom_objects`.

    >>> from keras import backend as K
    >>> Lambda(lambda x: K.concatenate([x, -x])).compute_output_shape((None, 3))
    (None, 6)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"Lambda `{self.name}` needs a function of a tensor, got {function!r}.")
        if not (output_shape is None or callable(output_shape) or _is_shape(output_shape)):
            raise TypeError(
                f"Lambda `{self.name}`: `output_shape` is the shape of a sample (a tuple) or a "
                f"function of the input's shape, got {output_shape!r}."
            )
        self.function = function
        self.arguments = dict(arguments or {})
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = tuple(output_shape) if _is_shape(output_shape) else output_shape

    def call(self, inputs: Any, mask: Any = None) -> Any:
        arguments = dict(self.arguments)
        if has_arg(self.function, "mask"):
            arguments["mask"] = mask
        return called(self.function, (inputs,), arguments)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return self._described(input_shape)
        if callable(self._output_shape):
            shape = self._output_shape(input_shape)
            if not isinstance(shape, (list, tuple)):
                raise ValueError(
                    f"Lambda `{self.name}`: its `output_shape` function must return a tuple, got "
                    f"{shape!r}."
                )
            return shape if isinstance(shape, list) and _is_list(shape) else tuple(shape)
        first = input_shape[0] if _is_list(input_shape) else input_shape
        return (first[0], *self._output_shape)

    def _described(self, input_shape: Any) -> Any:
        """The shape that a call on symbolic inputs has."""
        shapes = input_shape if _is_list(input_shape) else [input_shape]
        inputs = [K.placeholder(shape=tuple(shape), dtype=self.dtype) for shape in shapes]
        outputs = self.call(inputs if _is_list(input_shape) else inputs[0])
        made = [K.int_shape(y) for y in to_list(outputs)]
        return made if isinstance(outputs, (list, tuple)) else made[0]

    def get_config(self) -> dict[str, Any]:
        function, function_type = write(self.function)
        config = {
            **super().get_config(),
            "function": function,
            "function_type": function_type,
            "output_shape": self._output_shape,
            "output_shape_type": "raw",
            "arguments": {key: _plain(value) for key, value in self.arguments.items()},
        }
        if callable(self._output_shape):
            config["output_shape"], config["output_shape_type"] = write(self._output_shape)
        if callable(self.mask):  # the classic config has no place for it
            config["mask"], config["mask_type"] = write(self.mask)
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Lambda:
        """The layer that a config describes; code in the config is never run."""
        config = dict(config)
        who = config.get("name") or "lambda"
        for what in ("function", "output_shape", "mask"):
            kind = config.pop(f"{what}_type", "raw")
            if kind != "raw":
                config[what] = read(config[what], kind, who, what, custom_objects)
        given = config.get("arguments") or {}
        config["arguments"] = {key: _array(value) for key, value in given.items()}
        return cls(**config)


def _is_shape(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _is_list(shape: Any) -> bool:
    """Whether these are the shapes of several tensors."""
    return isinstance(shape, list) and all(isinstance(s, (list, tuple)) for s in shape)


def _plain(value: Any) -> Any:
    """An argument as a config can hold it."""
    return {"type": "ndarray", "value": value.tolist()} if isinstance(value, np.ndarray) else value


def _array(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("type") == "ndarray":
        return np.array(value["value"])
    return value

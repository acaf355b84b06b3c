"""Layers that change numbers, not shapes."""

from __future__ import annotations

from typing import Any

from .layer import Layer
from .spec import InputSpec


class SameShape(Layer):
    """The base of layers of one input, of any shape, whose output has its shape and its mask."""

    supports_masking = True
    input_spec = InputSpec()

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

"""Layers that apply a function to each number, or a penalty to all of them."""

from __future__ import annotations

from typing import Any

from ...registry import Activation as ActivationName
from ...regularizers import L1L2
from ..base import InputSpec, Layer
from ..base.fields import NotNegative


class Activation(Layer):
    """`activation(x)`: a function by its name, or any function of one tensor.

    Any shape; the output has the input's.

    >>> Activation("relu", input_shape=(4,)).get_config()["activation"]
    'relu'
    """

    activation: ActivationName

    supports_masking = True
    input_spec = InputSpec()

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class ActivityRegularization(Layer):
    """Passes its input on and adds `l1 * sum(|x|) + l2 * sum(x**2)` to the loss."""

    l1: NotNegative = 0.0
    l2: NotNegative = 0.0

    supports_masking = True
    input_spec = InputSpec()

    def __post_init__(self) -> None:
        self.activity_regularizer = L1L2(self.l1, self.l2)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

"""Layers that apply a function to each number, or a penalty to all of them."""

from __future__ import annotations

from typing import Any

from ...registry import Activation as ActivationName
from ...regularizers import L1L2
from ..base import SameShape
from ..base.fields import NotNegative


class Activation(SameShape):
    """`activation(x)`: a function by its name, or any function of one tensor.

    Any shape; the output has the input's.

    >>> Activation("relu", input_shape=(4,)).get_config()["activation"]
    'relu'
    """

    activation: ActivationName

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)


class ActivityRegularization(SameShape):
    """Passes its input on and adds `l1 * sum(|x|) + l2 * sum(x**2)` to the loss."""

    l1: NotNegative = 0.0
    l2: NotNegative = 0.0

    def __post_init__(self) -> None:
        self.activity_regularizer = L1L2(self.l1, self.l2)

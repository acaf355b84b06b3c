"""Penalties on weights and outputs, added to the loss."""

from __future__ import annotations

from typing import Any

from . import backend as K
from .configured import Configured
from .registry import (
    Registry,
    deserialize_keras_object as deserialize_keras_object,
    renamed,
    serialize_keras_object as serialize_keras_object,
)

Tensor = Any


class Regularizer(Configured):
    """The base of penalties: called with a tensor, returns a scalar."""

    def __call__(self, x: Tensor) -> Tensor:
        return 0.0


class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x**2)`."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        # NumPy numbers can't be written to JSON.
        self.l1, self.l2 = float(self.l1), float(self.l2)

    def __call__(self, x: Tensor) -> Tensor:
        penalty = 0.0
        if self.l1:
            penalty += self.l1 * K.sum(K.abs(x))
        if self.l2:
            penalty += self.l2 * K.sum(K.square(x))
        return penalty


def l1(l: float = 0.01) -> L1L2:  # noqa: E741  the classic name of the argument
    """`l * sum(|x|)`: drives weights to zero.

    >>> l1(0.5).get_config()
    {'l1': 0.5, 'l2': 0.0}
    """
    return L1L2(l1=l)


def l2(l: float = 0.01) -> L1L2:  # noqa: E741  the classic name of the argument
    """`l * sum(x**2)`: keeps weights small."""
    return L1L2(l2=l)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """`l1 * sum(|x|) + l2 * sum(x**2)`."""
    return L1L2(l1=l1, l2=l2)


registry = Registry("regularizer", globals(), makes=True, none=lambda: None)
get = registry.get
serialize = renamed(registry.serialize, instance="regularizer")
deserialize = registry.deserialize

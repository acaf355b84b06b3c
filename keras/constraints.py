"""Constraints: what a weight is made to fulfil after each update."""

from __future__ import annotations

from collections.abc import Sequence
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
Axis = int | Sequence[int]  # a norm is taken over these axes


class Constraint(Configured):
    """The base of constraints: called with a weight, returns the nearest allowed one."""

    def __call__(self, w: Tensor) -> Tensor:
        return w


def _norm(w: Tensor, axis: Any) -> Tensor:
    """The Euclidean norm over `axis`, which is kept with length one."""
    return K.sqrt(K.sum(K.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Scales down what has a norm above `max_value`.

    The norm is over `axis`: 0 for the inputs of each unit of a Dense layer, (0, 1, 2) for each
    filter of a convolution. Srivastava et al., 2014, "Dropout: a simple way to prevent neural
    networks from overfitting".
    """

    max_value: float = 2
    axis: Axis = 0

    def __call__(self, w: Tensor) -> Tensor:
        norms = _norm(w, self.axis)
        return w * (K.clip(norms, 0, self.max_value) / (K.epsilon() + norms))


class NonNeg(Constraint):
    """Negative weights become zero."""

    def __call__(self, w: Tensor) -> Tensor:
        return w * K.cast(K.greater_equal(w, 0.0), K.dtype(w))


class UnitNorm(Constraint):
    """Scales to norm one over `axis`."""

    axis: Axis = 0

    def __call__(self, w: Tensor) -> Tensor:
        return w / (K.epsilon() + _norm(w, self.axis))


class MinMaxNorm(Constraint):
    """Brings norms over `axis` into [`min_value`, `max_value`].

    `rate` says how far to go in one step: 1 all the way, 0.1 a tenth of it.
    """

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: Axis = 0

    def __call__(self, w: Tensor) -> Tensor:
        norms = _norm(w, self.axis)
        wanted = self.rate * K.clip(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (wanted / (K.epsilon() + norms))


max_norm = maxnorm = MaxNorm
non_neg = nonneg = NonNeg
unit_norm = unitnorm = UnitNorm
min_max_norm = MinMaxNorm

registry = Registry("constraint", globals(), makes=True, none=lambda: None)
get = registry.get
serialize = renamed(registry.serialize, instance="constraint")
deserialize = registry.deserialize

"""A penalty that later versions left out."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from ..layers.base.fields import Number
from ..regularizers import Regularizer

STEPS = 9  # of the power iteration; each divides the distance by the ratio of the eigenvalues


class EigenvalueRegularizer(Regularizer):
    """`k` times the largest eigenvalue of `W.T @ W`, for a matrix `W`.

    It is found by power iteration from a vector of ones.
    """

    k: Number

    def __call__(self, x: Any) -> Any:
        if K.ndim(x) != 2:
            raise ValueError(
                f"`EigenvalueRegularizer` is for matrices, got a weight of shape {K.int_shape(x)}."
            )
        product = K.dot(K.transpose(x), x)
        vector = K.ones((K.int_shape(x)[1], 1))
        for _ in range(STEPS):
            vector = K.dot(product, vector)
            vector = vector / K.sqrt(K.sum(K.square(vector)))
        value = K.dot(K.transpose(K.dot(product, vector)), vector)
        return self.k * K.sum(value)

"""How often a prediction is right."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from .base import FunctionMean, class_count

Tensor = Any


def _counted(right: Tensor) -> Tensor:
    return K.cast(right, K.floatx())


def accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1 where prediction and target are equal, else 0."""
    return _counted(K.equal(y_true, K.cast(y_pred, K.dtype(y_true))))


def binary_accuracy(y_true: Tensor, y_pred: Tensor, threshold: float = 0.5) -> Tensor:
    """The share of numbers on the right side of the threshold, for targets 0 and 1."""
    predicted = K.cast(K.greater(y_pred, threshold), K.dtype(y_pred))
    return K.mean(_counted(K.equal(K.cast(y_true, K.dtype(y_pred)), predicted)), axis=-1)


def categorical_accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1 where the largest prediction is at the one in the target, else 0."""
    return _counted(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)))


def sparse_categorical_accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1 where the largest prediction is at the target's class number, else 0."""
    if K.ndim(y_true) == K.ndim(y_pred):
        y_true = K.squeeze(y_true, -1)
    predicted = K.argmax(y_pred, axis=-1)
    return _counted(K.equal(K.cast(y_true, K.dtype(predicted)), predicted))


def top_k_categorical_accuracy(y_true: Tensor, y_pred: Tensor, k: int = 5) -> Tensor:
    """1 where the one in the target is among the `k` largest predictions, else 0."""
    return _counted(_among_the_largest(y_pred, K.argmax(y_true, axis=-1), k))


def sparse_top_k_categorical_accuracy(y_true: Tensor, y_pred: Tensor, k: int = 5) -> Tensor:
    """1 where the target's class number is among the `k` largest predictions, else 0."""
    if K.ndim(y_true) == K.ndim(y_pred):
        y_true = K.squeeze(y_true, -1)
    return _counted(_among_the_largest(y_pred, y_true, k))


def _among_the_largest(scores: Tensor, classes: Tensor, k: int) -> Tensor:
    """Whether fewer than `k` classes have a larger score than the given one."""
    hot = K.one_hot(K.cast(classes, "int32"), class_count(scores))
    own = K.sum(hot * scores, axis=-1, keepdims=True)
    larger = K.sum(_counted(K.greater(scores, own)), axis=-1)
    return K.less(larger, float(k))


class Accuracy(FunctionMean):
    """How often predictions equal targets."""

    function = staticmethod(accuracy)
    name = "accuracy"


class BinaryAccuracy(FunctionMean):
    """How often predictions are on the right side of the threshold, for targets 0 and 1."""

    function = staticmethod(binary_accuracy)
    name: str = "binary_accuracy"
    dtype: str | None = None
    threshold: float = 0.5


class CategoricalAccuracy(FunctionMean):
    """How often the largest prediction is the right class, for one-hot targets."""

    function = staticmethod(categorical_accuracy)
    name = "categorical_accuracy"


class SparseCategoricalAccuracy(FunctionMean):
    """How often the largest prediction is the right class, for class numbers as targets."""

    function = staticmethod(sparse_categorical_accuracy)
    name = "sparse_categorical_accuracy"


class TopKCategoricalAccuracy(FunctionMean):
    """How often the right class is among the `k` largest predictions, for one-hot targets."""

    function = staticmethod(top_k_categorical_accuracy)
    name = "top_k_categorical_accuracy"
    k: int = 5


class SparseTopKCategoricalAccuracy(FunctionMean):
    """How often the right class is among the `k` largest predictions, for class numbers."""

    function = staticmethod(sparse_top_k_categorical_accuracy)
    name = "sparse_top_k_categorical_accuracy"
    k: int = 5

"""Losses: how far predictions are from targets.

The functions return one number for each sample (for each of its leading positions: they reduce the
last axis); `Loss` objects also weight and reduce those to one scalar.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from . import backend as K
from .configured import Configured, plan_of
from .registry import (
    Registry,
    deserialize_keras_object as deserialize_keras_object,
    renamed,
    serialize_keras_object as serialize_keras_object,
)

Tensor = Any


class Reduction:
    """What a `Loss` does with the losses of the samples."""

    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All reductions."""
        return cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE

    @classmethod
    def validate(cls, key: str) -> None:
        """Complain about what is none."""
        if key not in cls.all():
            raise ValueError(f"A reduction is one of {', '.join(cls.all())}; got {key!r}.")


# ---- functions


def _matching(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Targets in the type of the predictions; NumPy arrays become the engine's."""
    dtype = K.dtype(y_pred)
    return K.cast(y_true, dtype), K.cast(y_pred, dtype)


def mean_squared_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean((y_pred - y_true)**2)` over the last axis.

    >>> import numpy as np
    >>> np.asarray(mean_squared_error(np.array([[0.0, 2.0]]), np.array([[1.0, 4.0]]))).tolist()
    [2.5]
    """
    y_true, y_pred = _matching(y_true, y_pred)
    return K.mean(K.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean(|y_pred - y_true|)` over the last axis."""
    y_true, y_pred = _matching(y_true, y_pred)
    return K.mean(K.abs(y_pred - y_true), axis=-1)


def mean_absolute_percentage_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`100 * mean(|(y_true - y_pred) / y_true|)` over the last axis."""
    y_true, y_pred = _matching(y_true, y_pred)
    size = K.maximum(K.abs(y_true), K.epsilon())
    return 100.0 * K.mean(K.abs((y_true - y_pred) / size), axis=-1)


def mean_squared_logarithmic_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean((log(1 + y_pred) - log(1 + y_true))**2)` over the last axis; below 0 counts as 0."""
    y_true, y_pred = _matching(y_true, y_pred)
    predicted = K.log(K.maximum(y_pred, K.epsilon()) + 1.0)
    wanted = K.log(K.maximum(y_true, K.epsilon()) + 1.0)
    return K.mean(K.square(predicted - wanted), axis=-1)


def _signs(y_true: Tensor) -> Tensor:
    """Targets -1 and 1; where all are 0 or 1, each 0 means -1."""
    binary = K.all(K.logical_or(K.equal(y_true, 0.0), K.equal(y_true, 1.0)))
    return y_true + K.cast(binary, K.dtype(y_true)) * (y_true - 1.0)


def squared_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean(max(1 - y_true * y_pred, 0)**2)` over the last axis, for targets -1 (or 0) and 1."""
    y_true, y_pred = _matching(y_true, y_pred)
    return K.mean(K.square(K.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


def hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean(max(1 - y_true * y_pred, 0))` over the last axis, for targets -1 (or 0) and 1."""
    y_true, y_pred = _matching(y_true, y_pred)
    return K.mean(K.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


def categorical_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`max(wrong - right + 1, 0)`: how far the best wrong class comes within 1 of the right one."""
    y_true, y_pred = _matching(y_true, y_pred)
    right = K.sum(y_true * y_pred, axis=-1)
    wrong = K.max((1.0 - y_true) * y_pred, axis=-1)
    return K.maximum(wrong - right + 1.0, 0.0)


def logcosh(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean(log(cosh(y_pred - y_true)))` over the last axis.

    About `x**2 / 2` near zero, `|x| - log(2)` far off.

    Computed as `x + softplus(-2x) - log(2)`, which doesn't overflow.
    """
    y_true, y_pred = _matching(y_true, y_pred)
    x = y_pred - y_true
    return K.mean(x + K.softplus(-2.0 * x) - math.log(2.0), axis=-1)


def huber_loss(y_true: Tensor, y_pred: Tensor, delta: float = 1.0) -> Tensor:
    """`x**2 / 2` for errors up to `delta`, a straight line beyond, elementwise: no axis is reduced.

    Huber, 1964, "Robust estimation of a location parameter".
    """
    y_true, y_pred = _matching(y_true, y_pred)
    size = K.abs(y_pred - y_true)
    near = K.minimum(size, delta)
    return 0.5 * K.square(near) + delta * (size - near)


def categorical_crossentropy(
    y_true: Tensor, y_pred: Tensor, from_logits: bool = False, label_smoothing: float = 0
) -> Tensor:
    """`-sum(y_true * log(y_pred))` over the last axis, for one-hot targets.

    `label_smoothing` gives this share of the target's weight to all classes evenly.
    """
    y_true, y_pred = _matching(y_true, y_pred)
    if label_smoothing:
        classes = K.int_shape(y_pred)[-1] or K.cast(K.shape(y_true)[-1], K.dtype(y_pred))
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return K.categorical_crossentropy(y_true, y_pred, from_logits=from_logits)


def sparse_categorical_crossentropy(
    y_true: Tensor, y_pred: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """`-log(y_pred[y_true])`, for targets that are class numbers."""
    return K.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def binary_crossentropy(
    y_true: Tensor, y_pred: Tensor, from_logits: bool = False, label_smoothing: float = 0
) -> Tensor:
    """`-mean(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred))` over the last axis.

    `label_smoothing` pulls the targets this far towards 0.5.
    """
    y_true, y_pred = _matching(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return K.mean(K.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=-1)


def kullback_leibler_divergence(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`sum(y_true * log(y_true / y_pred))` over the last axis, for probabilities."""
    y_true, y_pred = _matching(y_true, y_pred)
    y_true = K.clip(y_true, K.epsilon(), 1.0)
    y_pred = K.clip(y_pred, K.epsilon(), 1.0)
    return K.sum(y_true * K.log(y_true / y_pred), axis=-1)


def poisson(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean(y_pred - y_true * log(y_pred))` over the last axis, for counts."""
    y_true, y_pred = _matching(y_true, y_pred)
    return K.mean(y_pred - y_true * K.log(y_pred + K.epsilon()), axis=-1)


def cosine_proximity(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """`-cos(angle between y_true and y_pred)`, both seen as vectors along `axis`."""
    y_true, y_pred = _matching(y_true, y_pred)
    return -K.sum(K.l2_normalize(y_true, axis=axis) * K.l2_normalize(y_pred, axis=axis), axis=axis)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
cosine = cosine_similarity = cosine_proximity


# ---- weighting and reducing


def broadcast_weights(values: Tensor, sample_weight: Any) -> Tensor:
    """Weights in a shape that broadcasts against `values`: (batch,) may become (batch, 1)."""
    weights = (
        K.cast(sample_weight, K.dtype(values)) if K.int_shape(sample_weight) else sample_weight
    )
    rank, weight_rank = K.ndim(values), K.ndim(weights)
    if weight_rank == rank + 1 and K.int_shape(weights)[-1] in (1, None):
        return K.squeeze(weights, -1)
    if weight_rank == rank - 1 and weight_rank:
        return K.expand_dims(weights, -1)
    return weights


def compute_weighted_loss(
    losses: Tensor, sample_weight: Any = None, reduction: str = Reduction.SUM_OVER_BATCH_SIZE
) -> Tensor:
    """The losses times their weights: summed, or divided by their number as well, or as they are.

    These are the reductions 'sum', 'sum_over_batch_size' and 'none'.
    """
    Reduction.validate(reduction)
    if sample_weight is not None:
        losses = losses * broadcast_weights(losses, sample_weight)
    if reduction == Reduction.SUM:
        return K.sum(losses)
    return K.mean(losses) if reduction == Reduction.SUM_OVER_BATCH_SIZE else losses


# ---- classes


class Loss(Configured, kw_only=True):
    """The base of loss objects: `loss(y_true, y_pred, sample_weight=None)` is a scalar.

    Subclasses write `call(y_true, y_pred)`, which returns one loss for each sample.
    """

    options_by_position: ClassVar[bool] = True
    function: ClassVar[Callable[..., Tensor] | None] = None

    reduction: str = Reduction.SUM_OVER_BATCH_SIZE
    name: str | None = None

    def __post_init__(self) -> None:
        Reduction.validate(self.reduction)

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        with K.name_scope(self.name or type(self).__name__):
            losses = self.call(y_true, y_pred)
            return compute_weighted_loss(losses, sample_weight, self.reduction)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """One loss for each sample."""
        if self.function is None:
            raise NotImplementedError(
                f"`{type(self).__name__}` needs a method `call(y_true, y_pred)`."
            )
        given = {field: getattr(self, field) for field in plan_of(type(self)).fields}
        return self.function(y_true, y_pred, **given)


class LossFunctionWrapper(Loss):
    """A loss function as an object: `fn(y_true, y_pred, **kwargs)`, weighted and reduced."""

    def __init__(
        self,
        fn: Callable[..., Tensor],
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The function's losses."""
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The function's arguments with the rest; the function itself is left to subclasses."""
        return {**super().get_config(), **self._fn_kwargs}


class MeanSquaredError(Loss):
    """`mean_squared_error` as an object."""

    function = staticmethod(mean_squared_error)
    name = "mean_squared_error"


class MeanAbsoluteError(Loss):
    """`mean_absolute_error` as an object."""

    function = staticmethod(mean_absolute_error)
    name = "mean_absolute_error"


class MeanAbsolutePercentageError(Loss):
    """`mean_absolute_percentage_error` as an object."""

    function = staticmethod(mean_absolute_percentage_error)
    name = "mean_absolute_percentage_error"


class MeanSquaredLogarithmicError(Loss):
    """`mean_squared_logarithmic_error` as an object."""

    function = staticmethod(mean_squared_logarithmic_error)
    name = "mean_squared_logarithmic_error"


class BinaryCrossentropy(Loss):
    """`binary_crossentropy` as an object."""

    function = staticmethod(binary_crossentropy)
    name = "binary_crossentropy"
    from_logits: bool = False
    label_smoothing: float = 0


class CategoricalCrossentropy(Loss):
    """`categorical_crossentropy` as an object."""

    function = staticmethod(categorical_crossentropy)
    name = "categorical_crossentropy"
    from_logits: bool = False
    label_smoothing: float = 0


class SparseCategoricalCrossentropy(Loss):
    """`sparse_categorical_crossentropy` as an object."""

    function = staticmethod(sparse_categorical_crossentropy)
    name = "sparse_categorical_crossentropy"
    from_logits: bool = False


class Hinge(Loss):
    """`hinge` as an object."""

    function = staticmethod(hinge)
    name = "hinge"


class SquaredHinge(Loss):
    """`squared_hinge` as an object."""

    function = staticmethod(squared_hinge)
    name = "squared_hinge"


class CategoricalHinge(Loss):
    """`categorical_hinge` as an object."""

    function = staticmethod(categorical_hinge)
    name = "categorical_hinge"


class Poisson(Loss):
    """`poisson` as an object."""

    function = staticmethod(poisson)
    name = "poisson"


class LogCosh(Loss):
    """`logcosh` as an object."""

    function = staticmethod(logcosh)
    name = "logcosh"


class KLDivergence(Loss):
    """`kullback_leibler_divergence` as an object."""

    function = staticmethod(kullback_leibler_divergence)
    name = "kullback_leibler_divergence"


class Huber(Loss):
    """`huber_loss` as an object."""

    function = staticmethod(huber_loss)
    name = "huber_loss"
    delta: float = 1.0


def is_categorical_crossentropy(loss: Any) -> bool:
    """Whether a loss expects one-hot targets for `log(y_pred)`: by function, object or name."""
    if isinstance(loss, CategoricalCrossentropy):
        return True
    if isinstance(loss, LossFunctionWrapper):
        loss = loss.fn
    return loss is categorical_crossentropy or loss == "categorical_crossentropy"


registry = Registry("loss", globals(), none=lambda: None)
get = registry.get
serialize = renamed(registry.serialize, instance="loss")
deserialize = renamed(registry.deserialize, config="name")

"""Means of losses over all samples so far."""

from __future__ import annotations

from typing import Any

from .. import backend as K, losses
from .base import FunctionMean, Mean, Tensor, matching


def cosine_proximity(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """The cosine of the angle between targets and predictions; as a loss it has the other sign."""
    return -losses.cosine_proximity(y_true, y_pred, axis=axis)


cosine = cosine_similarity = cosine_proximity


class MeanSquaredError(FunctionMean):
    """The mean of `mean_squared_error`."""

    function = staticmethod(losses.mean_squared_error)
    name = "mean_squared_error"


class RootMeanSquaredError(Mean):
    """`sqrt(mean((y_pred - y_true)**2))` over all numbers so far."""

    name = "root_mean_squared_error"

    def update_state(  # type: ignore[override]  # the classic signatures differ as well
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> list[Tensor]:
        """Add the squared errors of a batch."""
        y_true, y_pred = matching(K.cast(y_true, self.dtype), K.cast(y_pred, self.dtype))
        return super().update_state(K.square(y_pred - y_true), sample_weight)

    def result(self) -> Tensor:
        """The root of the mean."""
        return K.sqrt(super().result())


class MeanAbsoluteError(FunctionMean):
    """The mean of `mean_absolute_error`."""

    function = staticmethod(losses.mean_absolute_error)
    name = "mean_absolute_error"


class MeanAbsolutePercentageError(FunctionMean):
    """The mean of `mean_absolute_percentage_error`."""

    function = staticmethod(losses.mean_absolute_percentage_error)
    name = "mean_absolute_percentage_error"


class MeanSquaredLogarithmicError(FunctionMean):
    """The mean of `mean_squared_logarithmic_error`."""

    function = staticmethod(losses.mean_squared_logarithmic_error)
    name = "mean_squared_logarithmic_error"


class Hinge(FunctionMean):
    """The mean of `hinge`."""

    function = staticmethod(losses.hinge)
    name = "hinge"


class SquaredHinge(FunctionMean):
    """The mean of `squared_hinge`."""

    function = staticmethod(losses.squared_hinge)
    name = "squared_hinge"


class CategoricalHinge(FunctionMean):
    """The mean of `categorical_hinge`."""

    function = staticmethod(losses.categorical_hinge)
    name = "categorical_hinge"


class LogCoshError(FunctionMean):
    """The mean of `logcosh`."""

    function = staticmethod(losses.logcosh)
    name = "logcosh"


class Poisson(FunctionMean):
    """The mean of `poisson`."""

    function = staticmethod(losses.poisson)
    name = "poisson"


class KLDivergence(FunctionMean):
    """The mean of `kullback_leibler_divergence`."""

    function = staticmethod(losses.kullback_leibler_divergence)
    name = "kullback_leibler_divergence"


class CosineSimilarity(FunctionMean):
    """The mean of `cosine_proximity`: 1 for vectors in the same direction, -1 for opposite ones."""

    function = staticmethod(cosine_proximity)
    name: str = "cosine_similarity"
    dtype: str | None = None
    axis: int = -1


class BinaryCrossentropy(FunctionMean):
    """The mean of `binary_crossentropy`."""

    function = staticmethod(losses.binary_crossentropy)
    name: str = "binary_crossentropy"
    dtype: str | None = None
    from_logits: bool = False
    label_smoothing: float = 0


class CategoricalCrossentropy(FunctionMean):
    """The mean of `categorical_crossentropy`."""

    function = staticmethod(losses.categorical_crossentropy)
    name: str = "categorical_crossentropy"
    dtype: str | None = None
    from_logits: bool = False
    label_smoothing: float = 0


class SparseCategoricalCrossentropy(FunctionMean):
    """The mean of `sparse_categorical_crossentropy`."""

    function = staticmethod(losses.sparse_categorical_crossentropy)
    name: str = "sparse_categorical_crossentropy"
    dtype: str | None = None
    from_logits: bool = False
    axis: int = -1

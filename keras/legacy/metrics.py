"""Metrics that later versions left out: they look at one batch, and are averaged over batches.

Predictions count as positive from a half on. `K.epsilon()` keeps denominators from zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import backend as K
from ..metrics.base import MeanMetricWrapper

Tensor = Any


def _positive(x: Tensor) -> Tensor:
    return K.round(K.clip(x, 0, 1))


def precision(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """The share of what is predicted positive that is so.

    >>> import numpy as np
    >>> round(float(precision(np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.1]))), 3)
    0.5
    """
    both = K.sum(_positive(y_true * y_pred))
    return both / (K.sum(_positive(y_pred)) + K.epsilon())


def recall(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """The share of what is positive that is predicted so."""
    both = K.sum(_positive(y_true * y_pred))
    return both / (K.sum(_positive(y_true)) + K.epsilon())


def fbeta_score(y_true: Tensor, y_pred: Tensor, beta: float = 1) -> Tensor:
    """`(1 + beta**2) * p * r / (beta**2 * p + r)` of precision p and recall r.

    Above 1, `beta` gives recall more weight; below 1, precision. Without positive targets it is 0.
    """
    if beta < 0:
        raise ValueError(f"`fbeta_score`: `beta` isn't negative, got {beta}.")
    p, r = precision(y_true, y_pred), recall(y_true, y_pred)
    score = (1 + beta**2) * p * r / (beta**2 * p + r + K.epsilon())
    return score * K.cast(K.greater(K.sum(_positive(y_true)), 0), K.dtype(score))


def fmeasure(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """The harmonic mean of precision and recall."""
    return fbeta_score(y_true, y_pred, beta=1)


f1score = fscore = fmeasure


def matthews_correlation(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """The correlation of targets and predictions as positive and negative: from -1 to 1.

    `(tp * tn - fp * fn) / sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))`

    Matthews, 1975, doi:10.1016/0005-2795(75)90109-9.
    """
    said, true = _positive(y_pred), _positive(y_true)
    tp, tn = K.sum(true * said), K.sum((1 - true) * (1 - said))
    fp, fn = K.sum((1 - true) * said), K.sum(true * (1 - said))
    return (tp * tn - fp * fn) / (
        K.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) + K.epsilon()
    )


OWN: dict[str, Callable[..., Tensor]] = {
    "f1score": f1score,
    "fbeta_score": fbeta_score,
    "fmeasure": fmeasure,
    "fscore": fscore,
    "matthews_correlation": matthews_correlation,
    "precision": precision,
    "recall": recall,
}


class BatchMean(MeanMetricWrapper):
    """The mean of a number that a function says of whole batches, each by its number of samples."""

    def __init__(self, fn: Callable[..., Tensor], name: str) -> None:
        super().__init__(fn, name)

    def update_state(  # type: ignore[override]  # targets and predictions, as all of them
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> list[Tensor]:
        """Add what the function says of a batch, for each of its samples."""
        value = self.function(y_true, y_pred, **self.arguments())
        samples = K.cast(K.shape(y_pred)[0], self.dtype)
        return [
            K.update_add(self.total, K.mean(value) * samples),
            K.update_add(self.count, samples),
        ]


# ---- functions that return a dict


def expanded(compilation: Any, given: Any, what: str) -> Any:
    """The metrics of `compile`; in place of a function that returns a dict, one for each entry."""
    from ..training.objectives import per_output

    if not given:
        return given
    names = [output.name for output in compilation.outputs]
    listed = per_output(given, names, what)
    made = [
        [each for metric in own for each in _entries(metric, output)]
        for output, own in zip(compilation.outputs, listed, strict=True)
    ]
    return made if len(names) > 1 else made[0]


def _entries(metric: Any, output: Any) -> list[Any]:
    """A metric, or those that its function's result has names for."""
    if isinstance(metric, str):
        return [BatchMean(OWN[metric], metric)] if metric in OWN else [metric]
    if metric in OWN.values():
        return [BatchMean(metric, metric.__name__)]
    if output.loss is None or not _is_users_function(metric):
        return [metric]
    result = metric(output.target, output.tensor)
    if not isinstance(result, dict):
        return [metric]
    return [BatchMean(_Entry(metric, key), key) for key in result]


def _is_users_function(metric: Any) -> bool:
    home = getattr(metric, "__module__", None) or ""
    return hasattr(metric, "__code__") and not home.startswith("keras.")


class _Entry:
    """One of the numbers that a function returns in a dict."""

    def __init__(self, function: Callable[..., dict[str, Tensor]], key: str) -> None:
        self.function = function
        self.key = key
        self.__name__ = key

    def __call__(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.function(y_true, y_pred)[self.key]

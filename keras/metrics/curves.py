"""Metrics over all thresholds: areas under curves, one rate at a given other rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .. import backend as K
from .base import Tensor
from .confusion import ThresholdMetric, ratio


def even_thresholds(number: int) -> list[float]:
    """`number - 2` thresholds evenly between 0 and 1.

    >>> even_thresholds(5)
    [0.25, 0.5, 0.75]
    """
    return [i / (number - 1) for i in range(1, number - 1)]


def with_ends(thresholds: Sequence[float]) -> list[float]:
    """The thresholds, and one at each end that everything is above, and nothing is."""
    return [-K.epsilon(), *thresholds, 1.0 + K.epsilon()]


class AUC(ThresholdMetric):
    """The area under the ROC curve (true against false positive rate) or the PR curve (precision
    against recall), from counts at `num_thresholds` evenly spaced or the given `thresholds`.

    `summation_method`: 'interpolation' between thresholds (for PR after Davis & Goadrich, 2006,
    "The relationship between precision-recall and ROC curves"), 'minoring' or 'majoring' by the
    lower or higher of two neighbours.
    """

    num_thresholds: int = 200
    curve: str = "ROC"
    summation_method: str = "interpolation"
    name: str | None = None
    dtype: str | None = None
    thresholds: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.curve not in ("ROC", "PR"):
            raise ValueError(f"`AUC`: `curve` is 'ROC' or 'PR', got {self.curve!r}.")
        if self.summation_method not in ("interpolation", "minoring", "majoring"):
            raise ValueError(
                "`AUC`: `summation_method` is 'interpolation', 'minoring' or 'majoring', got "
                f"{self.summation_method!r}."
            )
        if self.thresholds is not None:
            inner = sorted(self.thresholds)
            self.num_thresholds = len(inner) + 2
            if any(not 0 <= t <= 1 for t in inner):
                raise ValueError(
                    f"`AUC` needs thresholds between 0 and 1, got {list(self.thresholds)}."
                )
        elif self.num_thresholds <= 1:
            raise ValueError(
                f"`AUC` needs `num_thresholds` of at least 2, got {self.num_thresholds}."
            )
        else:
            inner = even_thresholds(self.num_thresholds)
        self.thresholds = with_ends(inner)
        self.collect(self.thresholds)

    def get_config(self) -> dict[str, Any]:
        """The thresholds between the ends, beside the other arguments."""
        return {**super().get_config(), "thresholds": self.thresholds[1:-1]}

    def result(self) -> Tensor:
        """The area."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        recall = ratio(self.true_positives, self.false_negatives)
        if self.curve == "ROC":
            x, y = ratio(self.false_positives, self.true_negatives), recall
        else:
            x, y = recall, ratio(self.true_positives, self.false_positives)
        higher, lower = y[:-1], y[1:]  # neighbours, as the threshold rises
        if self.summation_method == "interpolation":
            heights = (higher + lower) / 2.0
        elif self.summation_method == "minoring":
            heights = K.minimum(higher, lower)
        else:
            heights = K.maximum(higher, lower)
        return K.sum((x[:-1] - x[1:]) * heights)

    def interpolate_pr_auc(self) -> Tensor:
        """The area under the PR curve, true positives linear in all positives between thresholds.

        With `TP = slope * P + intercept` the integral of `TP / P` over a step of TP is
        `slope * (dTP + intercept * log(P_a / P_b))`.
        """
        hits = self.true_positives
        positives = hits + self.false_positives
        step = hits[:-1] - hits[1:]
        slope = _quotient(step, positives[:-1] - positives[1:])
        intercept = hits[1:] - slope * positives[1:]
        both = K.logical_and(K.greater(positives[:-1], 0.0), K.greater(positives[1:], 0.0))
        growth = K.where(both, _quotient(positives[:-1], positives[1:]), K.ones_like(step))
        area = slope * (step + intercept * K.log(growth))
        return K.sum(_quotient(area, hits[1:] + self.false_negatives[1:]))


def _quotient(x: Tensor, y: Tensor) -> Tensor:
    """`x / y`, 0 where `y` isn't positive."""
    some = K.greater(y, 0.0)
    return K.where(some, x / K.where(some, y, K.ones_like(y)), K.zeros_like(x))


class SensitivitySpecificityBase(ThresholdMetric):
    """One rate at the threshold where the other is nearest to a given value."""

    num_thresholds: ClassVar[int]

    def collect_between(self, wanted: float) -> None:
        """Make the weights for `num_thresholds`, after a look at the wanted rate."""
        if not 0 <= wanted <= 1:
            raise ValueError(f"`{type(self).__name__}` needs a rate between 0 and 1, got {wanted}.")
        if self.num_thresholds <= 0:
            raise ValueError(
                f"`{type(self).__name__}` needs `num_thresholds` above 0, "
                f"got {self.num_thresholds}."
            )
        single = self.num_thresholds == 1
        self.collect([0.5] if single else with_ends(even_thresholds(self.num_thresholds)))

    def sensitivities(self) -> Tensor:
        """The share of targets 1 that is found, for each threshold."""
        return ratio(self.true_positives, self.false_negatives)

    def specificities(self) -> Tensor:
        """The share of targets 0 that is found, for each threshold."""
        return ratio(self.true_negatives, self.false_positives)


def _at_nearest(rates: Tensor, others: Tensor, wanted: float) -> Tensor:
    """The rate where the other one is nearest to the wanted one; of several the first."""
    return K.gather(rates, K.argmin(K.abs(others - wanted), axis=0))


class SensitivityAtSpecificity(SensitivitySpecificityBase):
    """`TP / (TP + FN)` at the threshold where `TN / (TN + FP)` is nearest to `specificity`."""

    specificity: float
    num_thresholds: int = 200  # type: ignore[misc]  # chosen by the caller here

    def __post_init__(self) -> None:
        super().__post_init__()
        self.collect_between(self.specificity)

    def result(self) -> Tensor:
        """The sensitivity."""
        return _at_nearest(self.sensitivities(), self.specificities(), self.specificity)


class SpecificityAtSensitivity(SensitivitySpecificityBase):
    """`TN / (TN + FP)` at the threshold where `TP / (TP + FN)` is nearest to `sensitivity`."""

    sensitivity: float
    num_thresholds: int = 200  # type: ignore[misc]  # chosen by the caller here

    def __post_init__(self) -> None:
        super().__post_init__()
        self.collect_between(self.sensitivity)

    def result(self) -> Tensor:
        """The specificity."""
        return _at_nearest(self.specificities(), self.sensitivities(), self.sensitivity)

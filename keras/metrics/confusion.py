"""Counts of right and wrong decisions, at one or several thresholds, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .. import backend as K
from .base import Metric, Tensor, class_count, matching

Variable = Any
NOTHING = -1e10  # below every threshold

COUNTS = ("true_positives", "true_negatives", "false_positives", "false_negatives")


def counts(
    y_true: Tensor, y_pred: Tensor, thresholds: Sequence[float], wanted: Sequence[str], weight: Any
) -> dict[str, Tensor]:
    """For each threshold the (weighted) number of decisions of each kind in `wanted`."""
    positive = K.cast(K.not_equal(K.flatten(y_true), 0.0), K.dtype(y_pred))
    negative = 1.0 - positive
    if weight is not None:
        # One weight for each prediction: (batch,) stands for all the predictions of a sample.
        for _ in range(K.ndim(y_pred) - K.ndim(weight)):
            weight = K.expand_dims(weight, -1)
        weight = K.flatten(K.ones_like(y_pred) * weight)
        positive, negative = positive * weight, negative * weight
    limits = K.expand_dims(K.constant(thresholds, dtype=K.dtype(y_pred)), -1)
    above = K.cast(K.greater(K.expand_dims(K.flatten(y_pred), 0), limits), K.dtype(y_pred))
    chosen = {"true_positives": (above, positive), "false_positives": (above, negative)}
    if "true_negatives" in wanted or "false_negatives" in wanted:
        below = 1.0 - above
        chosen |= {"true_negatives": (below, negative), "false_negatives": (below, positive)}
    return {kind: K.sum(chosen[kind][0] * chosen[kind][1], axis=1) for kind in wanted}


def ratio(part: Tensor, rest: Tensor) -> Tensor:
    """`part / (part + rest)`, 0 where both are 0."""
    whole = part + rest
    some = K.greater(whole, 0.0)
    return K.where(some, part / K.where(some, whole, K.ones_like(whole)), K.zeros_like(whole))


def checked(thresholds: Any, default: float, who: str) -> list[float]:
    """The thresholds as a list; each is between 0 and 1."""
    given = list(thresholds) if isinstance(thresholds, (list, tuple)) else [thresholds]
    wrong = [t for t in given if t is not None and not 0 <= t <= 1]
    if wrong or (len(given) > 1 and None in given):
        raise ValueError(f"`{who}` needs thresholds between 0 and 1, got {thresholds!r}.")
    return [default if t is None else float(t) for t in given]


class ThresholdMetric(Metric):
    """What the metrics here share: counts of the kinds in `collected`, at `limits`."""

    collected: ClassVar[tuple[str, ...]] = COUNTS

    def collect(self, limits: Sequence[float]) -> None:
        """Make the weights, one number for each threshold."""
        self.limits = list(limits)
        made = {kind: self.add_weight(kind, (len(self.limits),)) for kind in self.collected}
        self.true_positives: Variable = made.get("true_positives")
        self.true_negatives: Variable = made.get("true_negatives")
        self.false_positives: Variable = made.get("false_positives")
        self.false_negatives: Variable = made.get("false_negatives")

    def selected(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The numbers that count."""
        return y_true, y_pred

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> list[Tensor]:
        """Count the decisions of a batch."""
        y_true, y_pred = matching(K.cast(y_true, self.dtype), K.cast(y_pred, self.dtype))
        weight = None if sample_weight is None else K.cast(sample_weight, self.dtype)
        y_true, y_pred = self.selected(y_true, y_pred)
        counted = counts(y_true, y_pred, self.limits, self.collected, weight)
        return [K.update_add(getattr(self, kind), number) for kind, number in counted.items()]

    def by_threshold(self, numbers: Tensor) -> Tensor:
        """One number where there is one threshold, else one for each."""
        return numbers[0] if len(self.limits) == 1 else numbers


class Count(ThresholdMetric):
    """The number of decisions of one kind; a prediction above a threshold decides for 1."""

    thresholds: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.collect(checked(self.thresholds, 0.5, type(self).__name__))

    def result(self) -> Tensor:
        """The number, for each threshold."""
        return self.by_threshold(getattr(self, self.collected[0]))


class TruePositives(Count):
    """How many targets 1 were found, by weight."""

    collected = ("true_positives",)


class TrueNegatives(Count):
    """How many targets 0 were found, by weight."""

    collected = ("true_negatives",)


class FalsePositives(Count):
    """How many targets 0 were taken for 1, by weight."""

    collected = ("false_positives",)


class FalseNegatives(Count):
    """How many targets 1 were taken for 0, by weight."""

    collected = ("false_negatives",)


class Hits(ThresholdMetric):
    """What `Precision` and `Recall` share.

    `top_k`: only the k largest predictions of a sample are decisions for 1, whatever their value.
    `class_id`: only this class counts.
    """

    thresholds: Any = None
    top_k: int | None = None
    class_id: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        default = 0.5 if self.top_k is None else NOTHING
        self.collect(checked(self.thresholds, default, type(self).__name__))

    def selected(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The predictions among the `top_k`, those of the class."""
        if self.top_k is not None:
            y_pred = keep_largest(y_pred, self.top_k)
        if self.class_id is not None:
            y_true, y_pred = y_true[..., self.class_id], y_pred[..., self.class_id]
        return y_true, y_pred

    def result(self) -> Tensor:
        """The share of true positives, for each threshold."""
        return self.by_threshold(ratio(self.true_positives, getattr(self, self.collected[1])))


class Precision(Hits):
    """The share of 1 among the targets where the prediction is above the threshold."""

    collected = ("true_positives", "false_positives")


class Recall(Hits):
    """The share of predictions above the threshold where the target is 1."""

    collected = ("true_positives", "false_negatives")


def keep_largest(scores: Tensor, k: int) -> Tensor:
    """`scores` with all but the `k` largest far below zero; of equal ones the first is kept."""
    classes = class_count(scores)
    rest, kept = scores, K.zeros_like(scores)
    for _ in range(k):
        hot = K.one_hot(K.argmax(rest, axis=-1), classes)
        kept = kept + hot
        rest = rest + hot * (2 * NOTHING)
    return K.where(K.greater(kept, 0.0), scores, K.zeros_like(scores) + NOTHING)


class MeanIoU(Metric):
    """The mean of intersection / union over the classes; targets and predictions are class numbers.

    `true positives / (true positives + false positives + false negatives)`; classes that never
    occur don't count.
    """

    num_classes: int

    def __post_init__(self) -> None:
        super().__post_init__()
        # Row: the class in the target; column: the class predicted.
        self.total_cm = self.add_weight("total_confusion_matrix", (self.num_classes,) * 2)

    def unique_name(self) -> str:
        """As other metrics', but the first one has no number (it came from TensorFlow)."""
        number = K.get_uid("mean_io_u")
        return "mean_io_u" if number == 1 else f"mean_io_u_{number - 1}"

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> list[Tensor]:
        """Count the pairs of classes in a batch."""
        target = K.one_hot(K.cast(K.flatten(y_true), "int32"), self.num_classes)
        predicted = K.one_hot(K.cast(K.flatten(y_pred), "int32"), self.num_classes)
        if sample_weight is not None:
            target = target * K.expand_dims(K.flatten(K.cast(sample_weight, self.dtype)), -1)
        return [K.update_add(self.total_cm, K.dot(K.transpose(target), predicted))]

    def result(self) -> Tensor:
        """The mean over the classes that occurred; 0 if none did."""
        both = K.sum(self.total_cm * K.constant(np.eye(self.num_classes), dtype=self.dtype), axis=0)
        either = K.sum(self.total_cm, axis=0) + K.sum(self.total_cm, axis=1) - both
        occurred = K.sum(K.cast(K.greater(either, 0.0), self.dtype))
        return K.sum(ratio(both, either - both)) / K.maximum(occurred, 1.0)

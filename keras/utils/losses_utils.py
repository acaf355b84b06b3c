"""How losses are weighted and reduced: what `keras.losses` does, by its classic path."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from ..losses import Reduction, broadcast_weights, compute_weighted_loss
from ..metrics.base import matching

__all__ = [
    "Reduction",
    "broadcast_weights",
    "compute_weighted_loss",
    "reduce_weighted_loss",
    "squeeze_or_expand_dimensions",
]


def reduce_weighted_loss(
    weighted_losses: Any, reduction: str = Reduction.SUM_OVER_BATCH_SIZE
) -> Any:
    """The losses summed ('sum'), divided by their number, too ('sum_over_batch_size'), or as they
    are ('none')."""
    return compute_weighted_loss(weighted_losses, None, reduction)


def squeeze_or_expand_dimensions(
    y_pred: Any, y_true: Any = None, sample_weight: Any = None
) -> tuple[Any, ...]:
    """Predictions, targets and (if there are any) weights, with axes of length 1 that fit together.

    A last axis of length 1 that only predictions or only targets have is taken off; weights get or
    lose one, to have as many axes as the predictions.
    """
    if y_true is not None:
        y_true, y_pred = matching(y_true, y_pred)
    if sample_weight is None:
        return y_pred, y_true
    if K.ndim(sample_weight):
        sample_weight = broadcast_weights(y_pred, sample_weight)
    return y_pred, y_true, sample_weight

"""What metrics are made of, by its classic path: counts of decisions at thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from .. import backend as K
from ..metrics.base import matching
from ..metrics.confusion import NOTHING as NEG_INF, checked, counts, keep_largest as filter_top_k
from .generic_utils import to_list

__all__ = [
    "NEG_INF",
    "AUCCurve",
    "AUCSummationMethod",
    "ConfusionMatrix",
    "Reduction",
    "assert_thresholds_range",
    "filter_top_k",
    "parse_init_thresholds",
    "result_wrapper",
    "to_list",
    "update_confusion_matrix_variables",
    "update_state_wrapper",
    "weighted_assign_add",
]


class Reduction:
    """How a running metric joins values."""

    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"
    WEIGHTED_MEAN = "weighted_mean"


class ConfusionMatrix(Enum):
    """The four kinds of decisions."""

    TRUE_POSITIVES = "tp"
    FALSE_POSITIVES = "fp"
    TRUE_NEGATIVES = "tn"
    FALSE_NEGATIVES = "fn"


class _Named(Enum):
    @classmethod
    def from_str(cls, key: str) -> Any:
        """The member of this name, however it is capitalised."""
        for member in cls:
            if str(key).upper() == member.name:
                return member
        known = ", ".join(repr(member.name) for member in cls)
        raise ValueError(f"`{cls.__name__}` is one of {known}, got {key!r}.")


class AUCCurve(_Named):
    """The curves whose area `AUC` knows."""

    ROC = "ROC"
    PR = "PR"


class AUCSummationMethod(_Named):
    """How `AUC` goes from one threshold to the next."""

    INTERPOLATION = "interpolation"
    MAJORING = "majoring"
    MINORING = "minoring"


def assert_thresholds_range(thresholds: Sequence[float]) -> None:
    """Raise unless all thresholds are between 0 and 1."""
    if thresholds is None or None in thresholds:
        raise ValueError(f"Thresholds are numbers between 0 and 1, got {thresholds!r}.")
    checked(thresholds, 0.5, "assert_thresholds_range")


def parse_init_thresholds(thresholds: Any, default_threshold: float = 0.5) -> list[float]:
    """A list of thresholds, given as one, as several, or as `None` for the default.

    >>> parse_init_thresholds(None), parse_init_thresholds([0.2, 0.5])
    ([0.5], [0.2, 0.5])
    """
    return checked(thresholds, default_threshold, "parse_init_thresholds")


def update_confusion_matrix_variables(
    variables_to_update: Mapping[ConfusionMatrix, Any],
    y_true: Any,
    y_pred: Any,
    thresholds: Any = 0.5,
    top_k: int | None = None,
    class_id: int | None = None,
    sample_weight: Any = None,
) -> list[Any]:
    """Updates that add the counts of a batch's decisions, one for each threshold, to variables.

    `top_k`: only the largest predictions count as above a threshold. `class_id`: only this class is
    looked at.
    """
    unknown = [key for key in variables_to_update if not isinstance(key, ConfusionMatrix)]
    if unknown or not variables_to_update:
        raise ValueError(
            "`update_confusion_matrix_variables` needs variables for members of "
            f"`ConfusionMatrix`, got {list(variables_to_update)}."
        )
    y_true, y_pred = matching(y_true, K.cast(y_pred, K.floatx()))
    if top_k is not None:
        y_pred = filter_top_k(y_pred, top_k)
    if class_id is not None:
        y_true, y_pred = y_true[..., class_id], y_pred[..., class_id]
    limits = checked(thresholds, 0.5, "update_confusion_matrix_variables")
    kinds = {key.name.lower(): variable for key, variable in variables_to_update.items()}
    if sample_weight is not None:
        sample_weight = K.cast(sample_weight, K.floatx())
    made = counts(y_true, y_pred, limits, list(kinds), sample_weight)
    return [K.update_add(variable, made[kind]) for kind, variable in kinds.items()]


def weighted_assign_add(label: Any, pred: Any, weights: Any, var: Any) -> Any:
    """An update that adds, for each row, how often `label` and `pred` are both true, by weight."""
    both = K.cast(K.all(K.stack([label, pred]), axis=0), K.dtype(var))
    if weights is not None:
        both = both * weights
    return K.update_add(var, K.sum(both, axis=1))


def update_state_wrapper(update_state_fn: Any) -> Any:
    """A decorator of `update_state`. Nothing is left to do for it: metrics keep their updates."""
    return update_state_fn


def result_wrapper(result_fn: Any) -> Any:
    """A decorator of `result`. Nothing is left to do for it."""
    return result_fn

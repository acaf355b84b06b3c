"""What a metric is: weights that collect something over batches, and a result that follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from .. import backend as K, initializers
from ..configured import Configured, plan_of
from ..losses import broadcast_weights

Tensor = Any
Variable = Any


class Metric(Configured, kw_only=True):
    """The base of metrics.

    A subclass makes its weights with `add_weight`, describes in `update_state` how a batch changes
    them (with `K.update` and `K.update_add`) and in `result` what follows from them. A call does
    both: evaluating `metric(y_true, y_pred)` updates the weights and gives the result after that.
    """

    options_by_position: ClassVar[bool] = True
    stateful: ClassVar[bool] = True

    name: str | None = None
    dtype: str | None = None

    def set_options(self, options: dict[str, Any]) -> None:
        """Store `name` and `dtype`, and begin without weights."""
        self._weights: list[Variable] = []
        self._updates: list[Tensor] = []
        super().set_options(options)

    def __post_init__(self) -> None:
        self.dtype = self.dtype or K.floatx()
        self.name = self.name or self.unique_name()

    def unique_name(self) -> str:
        """The class's name in lower case, numbered."""
        prefix = snake_case(type(self).__name__)
        return f"{prefix}_{K.get_uid(prefix)}"

    # ---- for subclasses

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Describe how a batch changes the weights; returns the update or a list of them."""
        raise NotImplementedError(f"`{type(self).__name__}` needs a method `update_state`.")

    def result(self) -> Tensor:
        """What follows from the weights."""
        raise NotImplementedError(f"`{type(self).__name__}` needs a method `result`.")

    def add_weight(
        self,
        name: str,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: str | None = None,
    ) -> Variable:
        """A variable that keeps its value from batch to batch; it begins with zeros."""
        dtype = dtype or self.dtype or K.floatx()
        initial = initializers.get(initializer or "zeros")(tuple(shape), dtype=dtype)
        weight = K.variable(initial, dtype=dtype, name=name)
        self._weights.append(weight)
        return weight

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Register updates that `update_state` doesn't return.

        `inputs` is what layers have there; a metric's updates depend on a batch anyway.
        """
        self._updates.extend(flat(updates))

    # ---- for everyone

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """The result after a batch, as a tensor: evaluating it carries the update out."""
        with K.name_scope(self.name or ""):
            self._updates = []
            returned = flat(self.update_state(*args, **kwargs))
            known = {id(update) for update in self._updates}
            self._updates.extend(update for update in returned if id(update) not in known)
            return self._result_after(self._updates)

    def _result_after(self, updates: Iterable[Any]) -> Tensor:
        """What `result` gives when it meets the new values in place of the weights."""
        after = dict(map(assignment, updates))
        before = dict(vars(self))
        vars(self).update({name: _swapped(value, after) for name, value in before.items()})
        try:
            return _carrying_out(self.result(), after.values())
        finally:
            vars(self).update(before)

    def reset_states(self) -> None:
        """Begin anew: all weights become zero."""
        K.batch_set_value([(w, np.zeros(K.int_shape(w))) for w in self.weights])

    @property
    def weights(self) -> list[Variable]:
        """The variables, in the order they were made."""
        return list(self._weights)

    @property
    def trainable_weights(self) -> list[Variable]:
        """None: training doesn't change a metric's weights."""
        return []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """All weights."""
        return self.weights

    @property
    def updates(self) -> list[Tensor]:
        """The updates of the last call."""
        return list(self._updates)

    def get_weights(self) -> list[Any]:
        """The values of the weights."""
        return [K.get_value(weight) for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of the weights."""
        if len(weights) != len(self.weights):
            raise ValueError(
                f"Metric `{self.name}` has {len(self.weights)} weight(s), "
                f"got {len(weights)} array(s)."
            )
        K.batch_set_value(list(zip(self.weights, weights, strict=True)))


def snake_case(name: str) -> str:
    """A class name as a default name.

    >>> snake_case("MeanIoU"), snake_case("TruePositives"), snake_case("AUC")
    ('mean_io_u', 'true_positives', 'auc')
    """
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def flat(updates: Any) -> list[Any]:
    """The updates in nested lists, one by one; a pair (variable, value) is one."""
    if updates is None:
        return []
    if isinstance(updates, tuple) and len(updates) == 2 and K.is_variable(updates[0]):
        return [updates]
    if isinstance(updates, (list, tuple)):
        return [update for part in updates for update in flat(part)]
    return [updates]


def assignment(update: Any) -> tuple[Variable, Tensor]:
    """The variable that an update changes, and its value afterwards."""
    if isinstance(update, tuple):
        return update[0], K.update(*update)
    return update.op.attributes["variable"], update


def _swapped(value: Any, after: dict[Variable, Tensor]) -> Any:
    """`value` with the new values in place of variables, in lists and dictionaries as well."""
    if K.is_variable(value):
        return after.get(value, value)
    if isinstance(value, (list, tuple)) and any(K.is_variable(v) for v in value):
        return type(value)(_swapped(v, after) for v in value)
    if isinstance(value, dict):
        return {key: _swapped(v, after) for key, v in value.items()}
    return value


def _carrying_out(result: Tensor, updates: Iterable[Tensor]) -> Tensor:
    """`result`, tied to those updates that it doesn't follow from: none is forgotten."""
    met: set[int] = set()
    waiting = [result]
    while waiting:
        tensor = waiting.pop()
        if id(tensor) not in met and K.is_tensor(tensor):
            met.add(id(tensor))
            waiting.extend(getattr(tensor.op, "inputs", ()))
    for update in updates:
        if id(update) not in met:
            unused = K.cast(K.sum(update), K.dtype(result))
            result = K.where(K.constant(True, dtype="bool"), result, unused)
    return result


class Running(Metric):
    """A running sum or mean of numbers."""

    reduction: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.total = self.add_weight("total")
        if self.reduction != "sum":
            self.count = self.add_weight("count")

    def update_state(self, values: Tensor, sample_weight: Any = None) -> list[Tensor]:
        """Add the numbers of a batch."""
        values = K.cast(values, self.dtype)
        weight = None
        if sample_weight is not None:
            weight = broadcast_weights(values, K.cast(sample_weight, self.dtype))
            if K.ndim(weight) < K.ndim(values):  # one weight for several numbers: for their mean
                values = K.mean(values, axis=tuple(range(K.ndim(weight), K.ndim(values))))
            values = values * weight
        updates = [K.update_add(self.total, K.sum(values))]
        if self.reduction != "sum":
            counted = K.ones_like(values)
            if self.reduction == "weighted_mean" and weight is not None:
                counted = counted * weight
            updates.append(K.update_add(self.count, K.sum(counted)))
        return updates

    def result(self) -> Tensor:
        """The sum, or the mean (0 / 0 is nan)."""
        return self.total if self.reduction == "sum" else self.total / self.count


class Reduce(Running):
    """A running sum or mean of numbers.

    `reduction`: 'sum'; 'sum_over_batch_size', the mean over the numbers; 'weighted_mean', the mean
    by the sum of the weights.
    """

    reduction: str  # type: ignore[misc]  # chosen by the caller here

    def __post_init__(self) -> None:
        if self.reduction not in ("sum", "sum_over_batch_size", "weighted_mean"):
            raise ValueError(
                "`Reduce`: `reduction` is 'sum', 'sum_over_batch_size' or 'weighted_mean', got "
                f"{self.reduction!r}."
            )
        super().__post_init__()


class Sum(Running):
    """The sum of all numbers, each times its weight."""

    reduction = "sum"
    name = "sum"


class Mean(Running):
    """The mean of all numbers, by the sum of their weights."""

    reduction = "weighted_mean"
    name = "mean"


class FunctionMean(Mean):
    """The mean of a function of targets and predictions; the class's fields are its arguments."""

    function: ClassVar[Callable[..., Tensor]]

    def arguments(self) -> dict[str, Any]:
        """What the function gets besides targets and predictions."""
        fields = plan_of(type(self)).fields
        return {field: getattr(self, field) for field in fields if field not in ("name", "dtype")}

    def update_state(  # type: ignore[override]  # the classic signatures differ as well
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> list[Tensor]:
        """Add the function's values for a batch."""
        y_true, y_pred = matching(K.cast(y_true, self.dtype), K.cast(y_pred, self.dtype))
        values = self.function(y_true, y_pred, **self.arguments())
        return super().update_state(values, sample_weight)


class MeanMetricWrapper(FunctionMean):
    """The mean of `fn(y_true, y_pred, **kwargs)`."""

    def __init__(
        self,
        fn: Callable[..., Tensor],
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name or getattr(fn, "__name__", None), dtype=dtype)
        vars(self)["function"] = fn  # what subclasses have as a method
        self._fn_kwargs = kwargs

    def arguments(self) -> dict[str, Any]:
        """What the function gets besides targets and predictions."""
        return self._fn_kwargs

    def get_config(self) -> dict[str, Any]:
        """The function's arguments with the rest; the function itself is left to subclasses."""
        return {**super().get_config(), **self._fn_kwargs}


def class_count(scores: Tensor) -> int:
    """The length of the last axis."""
    classes = K.int_shape(scores)[-1]
    if classes is None:
        raise ValueError(
            f"This metric needs a known number of classes, got predictions of shape "
            f"{K.int_shape(scores)}."
        )
    return classes


def matching(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Where one of the two has one more axis, of length 1, at its end, it is taken off."""
    extra = K.ndim(y_pred) - K.ndim(y_true)
    if extra == 1 and K.int_shape(y_pred)[-1] == 1:
        return y_true, K.squeeze(y_pred, -1)
    if extra == -1 and K.int_shape(y_true)[-1] == 1:
        return K.squeeze(y_true, -1), y_pred
    return y_true, y_pred


def clone_metric(metric: Any) -> Any:
    """A new metric of the same config; a function is returned as it is."""
    return type(metric).from_config(metric.get_config()) if isinstance(metric, Metric) else metric


def clone_metrics(metrics: Iterable[Any]) -> list[Any]:
    """New metrics of the same configs."""
    return [clone_metric(metric) for metric in metrics]

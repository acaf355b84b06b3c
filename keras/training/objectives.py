"""What `compile` is told of losses and metrics, turned into objects, one set for each output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import backend as K, losses, metrics
from ..configured import near_misses

ACCURACY = ("accuracy", "acc")
CROSSENTROPY = ("crossentropy", "ce")


def loss_objects(loss: Any, names: Sequence[str]) -> list[Any]:
    """A loss object for each output; `None` for outputs that training doesn't look at."""
    if isinstance(loss, Mapping) and "class_name" not in loss:
        _check_names("loss", loss, names)
        chosen = [loss.get(name) for name in names]
    elif isinstance(loss, (list, tuple)):
        if len(loss) != len(names):
            raise ValueError(
                f"`loss` lists {len(loss)} losses for {len(names)} outputs ({', '.join(names)}): "
                "give one for each, `None` for outputs without a loss."
            )
        chosen = list(loss)
    else:
        chosen = [loss] * len(names)
    return [loss_object(each) for each in chosen]


def loss_object(loss: Any) -> Any:
    """A `Loss` for a name, a config, a function or an object."""
    if loss is None or isinstance(loss, losses.Loss):
        return loss
    found = losses.get(loss)
    if isinstance(found, losses.Loss):
        return found
    return losses.LossFunctionWrapper(found, name=getattr(found, "__name__", None))


def loss_weights(weights: Any, names: Sequence[str]) -> list[float]:
    """The factor of each output's loss in the total."""
    if weights is None:
        return [1.0] * len(names)
    if isinstance(weights, Mapping):
        _check_names("loss_weights", weights, names)
        return [weights.get(name, 1.0) for name in names]
    if isinstance(weights, list):
        if len(weights) != len(names):
            raise ValueError(
                f"`loss_weights` lists {len(weights)} factors for {len(names)} outputs "
                f"({', '.join(names)})."
            )
        return list(weights)
    raise TypeError(f"`loss_weights` is a list or a dict by output, got {weights!r}.")


def per_output(values: Any, names: Sequence[str], what: str) -> list[list[Any]]:
    """Metrics for each output: a flat list is for all, a dict or nested list gives each its own."""
    if not values:
        return [[] for _ in names]
    if isinstance(values, Mapping):
        _check_names(what, values, names)
        return [_listed(values.get(name)) for name in names]
    if not isinstance(values, (list, tuple)):
        raise TypeError(
            f"`{what}` is a list, or a dict by output, got {values!r}. "
            "A single one is written ['accuracy']."
        )
    if any(isinstance(v, (list, tuple)) for v in values):
        if len(values) != len(names):
            raise ValueError(
                f"`{what}` is a list of {len(values)} lists for {len(names)} outputs "
                f"({', '.join(names)}): give one for each."
            )
        return [_listed(v) for v in values]
    return [list(values) for _ in names]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _check_names(what: str, given: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            raise ValueError(
                f"`{what}` names `{name}`, which is no output{near_misses(name, names)} "
                f"The outputs are {', '.join(names)}."
            )


def metric_name(metric: Any) -> str:
    """What History calls a metric: the name as it was written in `compile`."""
    if isinstance(metric, str):
        return metric
    found = metrics.get(metric)
    return str(getattr(found, "name", None) or getattr(found, "__name__", type(found).__name__))


def metric_object(metric: Any, name: str, shape: Sequence[int | None], loss: Any) -> Any:
    """The metric that `compile` was told; 'accuracy' means the one that suits output and loss."""
    if metric in ACCURACY and isinstance(metric, str):
        function = _suited(shape, loss, _ACCURACIES)
    elif metric in CROSSENTROPY and isinstance(metric, str):
        function = _suited(shape, loss, _CROSSENTROPIES)
    else:
        function = metrics.get(metric)
    if isinstance(function, metrics.Metric):
        return function
    return metrics.MeanMetricWrapper(function, name=name)


_ACCURACIES = (
    metrics.binary_accuracy,
    metrics.sparse_categorical_accuracy,
    metrics.categorical_accuracy,
)
_CROSSENTROPIES = (
    losses.binary_crossentropy,
    losses.sparse_categorical_crossentropy,
    losses.categorical_crossentropy,
)


def _suited(shape: Sequence[int | None], loss: Any, choices: tuple[Any, Any, Any]) -> Any:
    binary, sparse, categorical = choices
    if shape[-1] == 1 or is_loss(loss, losses.binary_crossentropy, losses.BinaryCrossentropy):
        return binary
    return sparse if is_sparse(loss) else categorical


def is_loss(loss: Any, function: Any, kind: type) -> bool:
    """Whether a loss object is the one of this function or class."""
    return isinstance(loss, kind) or getattr(loss, "fn", None) is function


def is_sparse(loss: Any) -> bool:
    """Whether a loss takes class numbers as targets."""
    return is_loss(
        loss, losses.sparse_categorical_crossentropy, losses.SparseCategoricalCrossentropy
    )


def target_shape(output: Any, loss: Any) -> tuple[int | None, ...]:
    """The shape of an output's targets; a loss of the user's own may take any of that rank."""
    shape = K.int_shape(output)
    if is_sparse(loss):
        return (*shape[:-1], 1)
    known = getattr(losses, getattr(getattr(loss, "fn", None), "__name__", ""), None)
    if type(loss).__module__ == losses.__name__ and (
        not isinstance(loss, losses.LossFunctionWrapper) or known is loss.fn
    ):
        return shape
    return (None,) * len(shape)

"""What `compile` is told, and what samples weigh, settled piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ... import backend as K, metrics as metric_functions
from ...layers.base.calls import to_list
from ...training import objectives, weighting
from ...training.compilation import Output

Names = Sequence[str]
WHO = "The model"

# ---- losses and metrics


def get_loss_function(loss: Any) -> Any:
    """The loss object of a name, a config or a function."""
    return objectives.loss_object(loss)


def prepare_loss_functions(loss: Any, output_names: Names) -> list[Any]:
    """A loss object for each output."""
    return objectives.loss_objects(loss, output_names)


def prepare_loss_weights(output_names: Names, loss_weights: Any = None) -> list[float]:
    """The factor of each output's loss."""
    return objectives.loss_weights(loss_weights, output_names)


def get_metric_name(metric: Any, weighted: bool = False) -> str:
    """What a metric is called; `weighted` made a difference once, in files."""
    return objectives.metric_name(metric)


def get_metric_function(metric: Any, output_shape: Any = None, loss_fn: Any = None) -> Any:
    """The function or object of a metric; 'accuracy' is the one that suits shape and loss."""
    if metric in objectives.ACCURACY + objectives.CROSSENTROPY and output_shape is not None:
        loss = objectives.loss_object(loss_fn)
        return objectives.metric_object(metric, metric, output_shape, loss).function
    return metric_functions.get(metric)


def collect_metrics(metrics: Any, output_names: Names) -> list[list[Any]]:
    """The metrics of each output."""
    return objectives.per_output(metrics, output_names, "metrics")


def collect_per_output_metric_info(
    metrics: Any,
    output_names: Names,
    output_shapes: Sequence[Any],
    loss_fns: Sequence[Any],
    is_weighted: bool = False,
) -> list[dict[str, Any]]:
    """The metric objects of each output, by name."""
    what = "weighted_metrics" if is_weighted else "metrics"
    listed = objectives.per_output(metrics, output_names, what)
    found = []
    for given, shape, loss in zip(listed, output_shapes, loss_fns, strict=True):
        names = [objectives.metric_name(metric) for metric in given]
        made = [
            objectives.metric_object(metric, name, shape, loss)
            for metric, name in zip(given, names, strict=True)
        ]
        found.append(dict(zip(names, made, strict=True)))
    return found


def call_metric_function(
    metric_fn: Any, y_true: Any, y_pred: Any = None, weights: Any = None, mask: Any = None
) -> Any:
    """The result of a metric after a batch; a mask counts as weights."""
    if mask is not None:
        mask = K.cast(mask, K.dtype(y_true if y_pred is None else y_pred))
        if weights is not None and K.ndim(weights) < K.ndim(mask):
            weights = K.expand_dims(weights, -1)
        weights = mask if weights is None else weights * mask
    if y_pred is None:
        return metric_fn(y_true, sample_weight=weights)
    return metric_fn(y_true, y_pred, sample_weight=weights)


def weighted_masked_objective(fn: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """A loss as one number, from a function that gives one for each sample.

    What is masked counts as nothing, and what remains by so much more; so do weights of zero.
    """
    if fn is None:
        return None

    def weighted(y_true: Any, y_pred: Any, weights: Any, mask: Any = None) -> Any:
        score = fn(y_true, y_pred)
        if mask is not None:
            mask = K.cast(mask, K.floatx())
            score = score * mask / K.mean(mask)
        if weights is not None:
            rank = K.ndim(weights)
            score = K.mean(score, axis=list(range(rank, K.ndim(score)))) * weights
            score = score / K.mean(K.cast(K.not_equal(weights, 0), K.floatx()))
        return K.mean(score)

    return weighted


weighted_objective = weighted_masked_objective


def check_loss_and_target_compatibility(
    targets: Sequence[Any],
    loss_fns: Sequence[Any] | None = None,
    output_shapes: Sequence[Any] = (),
    *,
    losses: Sequence[Any] | None = None,
) -> None:
    """Raise where targets have another shape than the outputs that they are compared with.

    The losses are called `loss_fns`, in Keras 1 `losses`.
    """
    found = losses or loss_fns or ()
    for y, loss, shape in zip(targets, found, output_shapes, strict=True):
        if y is None or loss is None or K.is_tensor(y):
            continue
        made = objectives.loss_object(loss)
        wanted = (*shape[:-1], 1) if objectives.is_sparse(made) else tuple(shape)
        have = np.shape(y)
        if len(have) != len(wanted) or any(
            b is not None and a != b for a, b in zip(have[1:], wanted[1:], strict=True)
        ):
            raise ValueError(
                f"{WHO}: targets for the loss {getattr(made, 'name', made)} need the shape "
                f"{wanted}, got {have}."
            )


# ---- weights of samples


def standardize_sample_or_class_weights(
    x_weight: Any, output_names: Names, weight_type: str
) -> list[Any]:
    """One for each output; `weight_type` is 'sample_weight' or 'class_weight'."""
    return weighting._by_output(x_weight, output_names, weight_type, WHO)


def standardize_class_weights(class_weight: Any, output_names: Names) -> list[Any]:
    """The classes' weights for each output."""
    return standardize_sample_or_class_weights(class_weight, output_names, "class_weight")


def standardize_sample_weights(sample_weight: Any, output_names: Names) -> list[Any]:
    """The samples' weights for each output."""
    return standardize_sample_or_class_weights(sample_weight, output_names, "sample_weight")


def standardize_weights(
    y: Any,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    sample_weight_mode: str | None = None,
) -> Any:
    """A weight for each sample, or with the mode 'temporal' for each of its time steps.

    >>> standardize_weights(np.array([[0], [1]]), class_weight={0: 1.0, 1: 3.0})
    array([1., 3.], dtype=float32)
    """
    output = Output("output", None, None, None, 1.0)
    output.mode = sample_weight_mode
    found = weighting.output_weights(output, y, sample_weight, class_weight, WHO)
    if found is not None:
        return found
    return np.ones(np.shape(y)[: 2 if sample_weight_mode == "temporal" else 1], dtype=K.floatx())


def get_output_sample_weight_and_mode(
    skip_target_weighing_indices: Any,
    sample_weight_mode: str | None,
    output_name: str,
    output_index: int,
) -> tuple[Any, str | None]:
    """Where an output's sample weights are fed, and their mode; `None` twice for skipped ones."""
    if output_index in skip_target_weighing_indices:
        return None, None
    rank = 2 if sample_weight_mode == "temporal" else 1
    fed = K.placeholder(ndim=rank, name=f"{output_name}_sample_weights")
    return fed, "temporal" if rank == 2 else None


def prepare_sample_weights(
    output_names: Names, sample_weight_mode: Any, skip_target_weighing_indices: Any
) -> tuple[list[Any], list[str | None]]:
    """Where the sample weights of each output are fed, and their modes."""
    if isinstance(sample_weight_mode, Mapping):
        objectives._check_names("sample_weight_mode", sample_weight_mode, output_names)
        modes = [sample_weight_mode.get(name) for name in output_names]
    elif isinstance(sample_weight_mode, (list, tuple)):
        modes = to_list(sample_weight_mode)
    else:
        modes = [sample_weight_mode] * len(output_names)
    if len(modes) != len(output_names):
        raise ValueError(
            f"`sample_weight_mode` lists {len(modes)} modes for {len(output_names)} outputs."
        )
    found = [
        get_output_sample_weight_and_mode(skip_target_weighing_indices, mode, name, i)
        for i, (name, mode) in enumerate(zip(output_names, modes, strict=True))
    ]
    return [fed for fed, _ in found], [mode for _, mode in found]

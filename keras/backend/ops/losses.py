"""Crossentropies. On what a softmax or a sigmoid returned they are computed from what went into it:
exactly, and with a gradient that doesn't fade where the answer is badly wrong."""

from __future__ import annotations

from typing import Any

from .. import config
from ..graph.dtypes import dtype_of, is_float
from ..graph.op import composed, composite, gradient
from ..graph.shapes import axis_of, shape_of
from ..graph.tensor import Tensor
from .activations import rectify, sigmoid
from .arrange import expand_dims, permute_dimensions, squeeze, sum_to
from .elementwise import abs, cast, clip, exp, log, log1p
from .index import one_hot
from .reduce import log_softmax, softmax, sum


def _made_by(output: Any, op: str) -> Any:
    """The node that made a tensor if it is of this op, through what only passes values on."""
    while isinstance(output, Tensor) and output.node is not None:
        if output.node.op.name == op:
            return output.node
        if output.node.op.name != "identity":
            return None
        output = output.node.inputs[0]
    return None


def _as_floats(target: Any, like: Any) -> Any:
    if type(target) in (bool, int, float) or is_float(dtype_of(target)):
        return target
    return cast(target, dtype_of(like))


# ---- several classes, one of which is right


@composite(name="crossentropy_of_softmax")
def _of_softmax(target: Tensor, probabilities: Tensor, logits: Tensor, axis):
    """`-sum(target * log_softmax(logits))`, the softmax at hand for the way back."""
    return -sum(target * log_softmax(logits, axis), axis)


@gradient(_of_softmax)
def _(g, y, target, probabilities, logits, axis):
    # The original takes the targets to sum to 1, and so do trainings that repeat its numbers.
    g = expand_dims(g, axis) if isinstance(g, Tensor) else g
    return sum_to(-g * log_softmax(logits, axis), target), None, g * (probabilities - target)


@composed
def categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Any:
    """`-sum(target * log(output))` along the axis of the classes.

    Probabilities are scaled to sum 1 and kept `K.epsilon()` away from 0 and 1. With `from_logits`,
    or on the result of a softmax, the loss is that of the unscaled scores.
    """
    axis = axis_of(axis, len(shape_of(output)), "categorical_crossentropy")
    target = _as_floats(target, output)
    if from_logits:
        return _of_softmax(target, softmax(output, axis), output, axis)
    node = _made_by(output, "softmax")
    if node is not None and node.attributes["axis"] == axis:
        return _of_softmax(target, output, node.inputs[0], axis)
    scaled = output / sum(output, axis, True)
    return -sum(target * log(clip(scaled, config.epsilon(), 1.0 - config.epsilon())), axis)


# ---- the same, with the number of the right class


def _hot(target: Any, like: Any, axis: int) -> Any:
    """One-hot rows along an axis."""
    rank = len(shape_of(like))
    hot = one_hot(target, shape_of(like)[axis])  # type: ignore[arg-type]  # the size was checked
    order = [*range(rank - 1)]
    order.insert(axis, rank - 1)
    return cast(permute_dimensions(hot, order), like.dtype)


@composite(name="crossentropy_of_numbered_softmax")
def _of_number(target: Tensor, probabilities: Tensor, logits: Tensor, axis):
    """`-log_softmax(logits)` at the number of the right class."""
    return -sum(_hot(target, logits, axis) * log_softmax(logits, axis), axis)


@composite(name="minus_one_hot")
def _minus_hot(x: Tensor, target: Tensor, axis):
    """`x - one_hot(target)`."""
    return x - _hot(target, x, axis)


@gradient(_of_number)
def _(g, y, target, probabilities, logits, axis):
    g = expand_dims(g, axis) if isinstance(g, Tensor) else g
    return None, None, g * _minus_hot(probabilities, target, axis)


@gradient(_minus_hot)
def _(g, y, x, target, axis):
    return g, None


@composed
def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Any:
    """The crossentropy with class numbers as targets: (batch, ...) or (batch, ..., 1)."""
    rank = len(shape_of(output))
    axis = axis_of(axis, rank, "sparse_categorical_crossentropy")
    if shape_of(output)[axis] is None:
        raise ValueError(
            f"sparse_categorical_crossentropy needs a known number of classes along axis {axis}, "
            f"got shape {tuple(shape_of(output))}."
        )
    target = cast(target, "int64")
    if len(shape_of(target)) == rank:
        target = squeeze(target, axis)
    node = None if from_logits else _made_by(output, "softmax")
    if node is not None and node.attributes["axis"] == axis:
        return _of_number(target, output, node.inputs[0], axis)
    if not from_logits:
        output = log(clip(output, config.epsilon(), 1.0 - config.epsilon()))
    return _of_number(target, softmax(output, axis), output, axis)


# ---- yes or no


@composite(name="crossentropy_of_sigmoid")
def _of_sigmoid(target: Tensor, probabilities: Tensor, logits: Tensor):
    """`-t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x))`, without overflow."""
    return rectify(logits) - logits * target + log1p(exp(-abs(logits)))


@gradient(_of_sigmoid)
def _(g, y, target, probabilities, logits):
    return sum_to(-g * logits, target), None, sum_to(g * (probabilities - target), logits)


@composed
def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Any:
    """`-t log(p) - (1 - t) log(1 - p)`, elementwise.

    Probabilities are kept `K.epsilon()` away from 0 and 1. With `from_logits`, or on the result of
    a sigmoid, the loss is that of the scores.
    """
    target = _as_floats(target, output)
    if from_logits:
        return _of_sigmoid(target, sigmoid(output), output)
    node = _made_by(output, "sigmoid")
    if node is not None:
        return _of_sigmoid(target, output, node.inputs[0])
    epsilon = config.epsilon()
    kept = clip(output, epsilon, 1.0 - epsilon)
    return -(target * log(kept + epsilon) + (1.0 - target) * log((1.0 + epsilon) - kept))

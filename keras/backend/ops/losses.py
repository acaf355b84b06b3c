"""Crossentropies. On what a softmax or a sigmoid returned they are fused with it, exactly."""

from __future__ import annotations

import math
from typing import Any

from .. import config
from ..graph.dtypes import is_float
from ..graph.op import OPS, composite, gradient
from ..graph.shapes import axis_of, shape_of
from ..graph.tensor import Tensor
from .arrange import expand_dims, permute_dimensions, squeeze
from .elementwise import abs, cast, clip, exp, log, log1p, rectify, sigmoid
from .index import one_hot
from .reduce import log_softmax, sum


def _made_by(output: Any, op: str) -> Any:
    """The node that made a tensor if it is of this op, through what only passes values on."""
    while isinstance(output, Tensor) and output.node is not None:
        if output.node.op.name == op:
            return output.node
        if output.node.op.name != "identity":
            return None
        output = output.node.inputs[0]
    return None


@composite(name="crossentropy_of_softmax")
def _of_softmax(target: Tensor, probabilities: Tensor, logits: Tensor, axis, epsilon):
    """`-sum(target * log(clip(softmax(logits))))` with the softmax at hand."""
    bounded = clip(log(probabilities), math.log(epsilon), math.log1p(-epsilon))
    return -sum(target * bounded, axis)


@gradient(_of_softmax)
def _(g, y, target, probabilities, logits, axis, epsilon):
    g = expand_dims(g, axis) if isinstance(g, Tensor) else g
    counted = target * cast(OPS["greater_equal"](probabilities, epsilon), probabilities.dtype)
    to_logits = g * (probabilities * sum(counted, axis, True) - counted)
    return None, None, to_logits


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """`-sum(target * log(output))` along the axis of the classes.

    Probabilities are scaled to sum 1 and kept `K.epsilon()` away from 0 and 1.
    """
    rank = len(shape_of(output))
    axis = axis_of(axis, rank, "categorical_crossentropy")
    if from_logits:
        return -sum(target * log_softmax(output, axis), axis)
    target = _as_floats(target, output)
    node = _made_by(output, "softmax")
    if node is not None and node.attributes["axis"] == axis:
        return _of_softmax(target, output, node.inputs[0], axis, config.epsilon())
    scaled = output / sum(output, axis, True)
    return -sum(target * log(clip(scaled, config.epsilon(), 1.0 - config.epsilon())), axis)


def _as_floats(target: Any, like: Any) -> Any:
    if isinstance(target, Tensor) and not is_float(target.dtype):
        return cast(target, like.dtype)
    return target


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The crossentropy with class numbers as targets: (batch, ...) or (batch, ..., 1)."""
    rank = len(shape_of(output))
    axis = axis_of(axis, rank, "sparse_categorical_crossentropy")
    classes = shape_of(output)[axis]
    if classes is None:
        raise ValueError(
            f"sparse_categorical_crossentropy needs a known number of classes, got shape "
            f"{tuple(shape_of(output))}."
        )
    target = cast(target, "int64")
    if len(shape_of(target)) == rank:
        target = squeeze(target, axis)
    hot = one_hot(target, classes)
    if axis != rank - 1:
        order = [*range(rank - 1)]
        order.insert(axis, rank - 1)
        hot = permute_dimensions(hot, order)
    return categorical_crossentropy(hot, output, from_logits, axis)


@composite(name="crossentropy_of_logits")
def _of_logits(target: Tensor, logits: Tensor):
    """`-t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x))`, without overflow."""
    return rectify(logits) - logits * target + log1p(exp(-abs(logits)))


@gradient(_of_logits)
def _(g, y, target, logits):
    return None, g * (sigmoid(logits) - target)


@composite(name="crossentropy_of_sigmoid")
def _of_sigmoid(target: Tensor, probabilities: Tensor, logits: Tensor, epsilon):
    """The binary crossentropy of clipped probabilities, from the logits behind them."""
    bound = math.log((1.0 - epsilon) / epsilon)
    return _of_logits(target, clip(logits, -bound, bound))


@gradient(_of_sigmoid)
def _(g, y, target, probabilities, logits, epsilon):
    bound = math.log((1.0 - epsilon) / epsilon)
    inside = cast(OPS["less_equal"](abs(logits), bound), probabilities.dtype)
    return None, None, g * inside * (probabilities - target)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """`-t log(p) - (1 - t) log(1 - p)`, elementwise; probabilities are kept away from 0 and 1."""
    target = _as_floats(target, output)
    if from_logits:
        return _of_logits(target, output)
    epsilon = config.epsilon()
    node = _made_by(output, "sigmoid")
    if node is not None:
        return _of_sigmoid(target, output, node.inputs[0], epsilon)
    kept = clip(output, epsilon, 1.0 - epsilon)
    return _of_logits(target, log(kept / (1.0 - kept)))



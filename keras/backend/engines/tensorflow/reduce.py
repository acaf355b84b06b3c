"""Rows of reductions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from .elementwise import truth
from .sizes import size_of, sizes_of


def _over(function: Callable[..., Any], of_truths: Any = None) -> Callable[..., Any]:
    """A reduction of numbers, and what it is for truth values if it differs."""

    def run(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
        chosen = of_truths if of_truths is not None and x.dtype.is_bool else function
        return chosen(x, list(axis), keepdims)

    return run


def _of_truths(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: function(truth(x), list(axis), keepdims)


def _numbers(x: Any) -> Any:
    return tf.cast(x, tf.int32) if x.dtype.is_bool else x


def _sum(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if _of_bias(x, axis):
        made = tf.raw_ops.BiasAddGrad(out_backprop=x)
        return tf.reshape(made, [1] * len(axis) + [-1]) if keepdims else made
    return tf.reduce_sum(_numbers(x), list(axis), keepdims)


def _of_bias(x: Any, axis: tuple[int, ...]) -> bool:
    """Whether only the last of several axes stays: that sum has a quicker kernel, which, beside a
    convolution, becomes part of it."""
    return x.dtype.is_floating and len(x.shape) > 2 and sorted(axis) == [*range(len(x.shape) - 1)]


def _extent(x: Any, axis: tuple[int, ...]) -> Any:
    sizes = [size_of(x, a) for a in axis]
    known = math.prod(s for s in sizes if not tf.is_tensor(s))
    unknown = [s for s in sizes if tf.is_tensor(s)]
    return tf.reduce_prod(tf.stack(unknown)) * known if unknown else known


def _spread(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool, shared: bool) -> Any:
    g = tf.cast(g, x.dtype)
    if shared:
        count = _extent(x, axis)
        g = g / tf.cast(tf.maximum(count, 1) if tf.is_tensor(count) else count or 1, x.dtype)
    if not keepdims and len(g.shape):
        for a in axis:
            g = tf.expand_dims(g, a)
    return tf.broadcast_to(g, sizes_of(x))


def _softmax_gradient(g: Any, y: Any, axis: int) -> Any:
    return y * (g - tf.reduce_sum(g * y, axis, keepdims=True))


TABLE: dict[str, Any] = {
    "sum": _sum,
    "mean": _over(tf.reduce_mean),
    "prod": _over(tf.reduce_prod, tf.reduce_all),
    "max": _over(tf.reduce_max, tf.reduce_any),
    "min": _over(tf.reduce_min, tf.reduce_all),
    "any": _of_truths(tf.reduce_any),
    "all": _of_truths(tf.reduce_all),
    "argmax": lambda x, axis: tf.argmax(_numbers(x), axis),
    "argmin": lambda x, axis: tf.argmin(_numbers(x), axis),
    "extent": _extent,
    "spread": _spread,
    "cumsum": lambda x, axis: tf.cumsum(x, axis),
    "cumprod": lambda x, axis: tf.math.cumprod(x, axis),
    "logsumexp": _over(tf.reduce_logsumexp),
    "softmax": lambda x, axis: tf.nn.softmax(x, axis),
    "log_softmax": lambda x, axis: tf.nn.log_softmax(x, axis),
    "softmax_gradient": _softmax_gradient,
}

"""Rows of batch normalisation: TensorFlow's fused kernel for images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from ...ops.normalise import is_images
from ..protocol import Prepared, Row
from .elementwise import of_dtype
from .sizes import sizes_of

FUSED = ("float32", "float16", "bfloat16")  # the statistics are of float32 for all of them


def _training(inputs: Any, reduction_axes: Sequence[int], epsilon: float) -> Row:
    x = inputs[0]
    axes = sorted(i % len(x.shape) for i in reduction_axes)
    normalised = _fused if is_images(x, axes) and x.dtype in FUSED else _by_parts
    return lambda x, gamma, beta: normalised(x, gamma, beta, axes, epsilon)


def _fused(x: Any, gamma: Any, beta: Any, axes: list[int], epsilon: float) -> Any:
    """The kernel has the habits that the op is defined by: the variance is divided by n - 1, and
    no gradient flows through the statistics."""
    channels = sizes_of(x)[-1:]
    made = tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=tf.ones(channels) if gamma is None else of_dtype(gamma, "float32"),
        offset=tf.zeros(channels) if beta is None else of_dtype(beta, "float32"),
        mean=[],
        variance=[],
        epsilon=epsilon,
    )
    centre, spread = (
        tf.stop_gradient(of_dtype(s, x.dtype.name)) for s in (made.batch_mean, made.batch_variance)
    )
    return made.y, centre, spread


def _by_parts(x: Any, gamma: Any, beta: Any, axes: list[int], epsilon: float) -> Any:
    """Whatever the kernel doesn't do, by the op's definition."""
    centre = tf.reduce_mean(x, axes, keepdims=True)
    moved = x - centre
    spread = tf.reduce_mean(tf.square(moved), axes, keepdims=True)
    normal = moved * tf.math.rsqrt(spread + epsilon)
    if gamma is not None:
        normal = normal * _along(x, gamma, axes)
    if beta is not None:
        normal = normal + _along(x, beta, axes)
    centre, spread = tf.squeeze(centre, axes), tf.squeeze(spread, axes)
    if is_images(x, axes):
        count = tf.cast(tf.reduce_prod(tf.shape(x)[:-1]), x.dtype)
        spread = spread * count / tf.maximum(count - 1, 1)
        centre, spread = tf.stop_gradient(centre), tf.stop_gradient(spread)
    return normal, centre, spread


def _along(x: Any, parameter: Any, axes: list[int]) -> Any:
    """A parameter of the axes that stay, or of all, shaped so that it broadcasts against `x`."""
    rank = len(x.shape)
    if len(parameter.shape) != rank:
        sizes = iter(sizes_of(parameter))
        parameter = tf.reshape(parameter, [1 if i in axes else next(sizes) for i in range(rank)])
    return of_dtype(parameter, x.dtype.name)


TABLE: dict[str, Any] = {"normalize_batch_in_training": Prepared(_training)}

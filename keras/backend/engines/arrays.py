"""Rows for engines whose arrays know numpy's functions: numpy itself, and JAX."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import config
from ..graph.dtypes import is_float
from ..graph.shapes import explicit_padding
from ..ops.arrange import fill_in
from .protocol import Prepared

Table = dict[str, Any]
INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def is_number(value: Any) -> bool:
    """Whether it is one of Python's numbers."""
    return type(value) in (bool, int, float)


def of_floats(xp: Any, function: Callable[..., Any]) -> Prepared:
    """Functions of floats: integers are made floats first, as the op's rule says."""

    def prepare(inputs: Any) -> Callable[..., Any]:
        if is_number(inputs[0]) or not is_float(inputs[0].dtype):
            wanted = config.floatx()
            return lambda x: function(xp.asarray(x, dtype=wanted))
        return function

    return Prepared(prepare)


# ---- single elements


def elementwise(xp: Any) -> Table:
    """Rows of single elements."""

    def divide(inputs: Any) -> Callable[..., Any]:
        if all(is_number(x) or not is_float(x.dtype) for x in inputs):
            wanted = config.floatx()
            return lambda x, y: xp.asarray(x, dtype=wanted) / xp.asarray(y, dtype=wanted)
        return operator.truediv

    def clip(x: Any, low: Any, high: Any) -> Any:
        x = x if high is None else xp.minimum(x, xp.asarray(high, dtype=x.dtype))
        return x if low is None else xp.maximum(x, xp.asarray(low, dtype=x.dtype))

    def truth(x: Any) -> Any:
        return xp.asarray(x).astype(bool)

    floats = "exp expm1 log log1p sin cos tan tanh"
    names = "floor_divide mod power maximum minimum arctan2 abs square sign round floor ceil "
    names += "isnan isfinite equal not_equal greater greater_equal less less_equal"
    return {
        **{name: getattr(xp, name) for name in names.split()},
        **{name: of_floats(xp, getattr(xp, name)) for name in floats.split()},
        "add": operator.add,
        "subtract": operator.sub,
        "multiply": operator.mul,
        "divide": Prepared(divide),
        "negative": operator.neg,
        # the square root of what is below zero is 0, as in classic Keras
        "sqrt": of_floats(xp, lambda x: xp.sqrt(xp.maximum(x, 0))),
        "tanh_gradient": lambda g, y: g * (1 - y * y),
        "sigmoid_gradient": lambda g, y: g * y * (1 - y),
        "rectify": lambda x: xp.maximum(x, 0),
        "rectify_gradient": lambda g, y: xp.where(y > 0, g, 0),
        "logical_and": lambda x, y: xp.logical_and(truth(x), truth(y)),
        "logical_or": lambda x, y: xp.logical_or(truth(x), truth(y)),
        "logical_not": lambda x: xp.logical_not(truth(x)),
        "where": lambda c, x, y: xp.where(truth(c), x, y),
        "clip": clip,
        "cast": lambda x, dtype: xp.asarray(x).astype(dtype),
        "identity": lambda x, **_: x,
    }


# ---- shapes


def sum_to_shape(x: Any, like: Any) -> Any:
    """Summed over the axes along which `like` was stretched."""
    extra = x.ndim - like.ndim
    if extra:
        x = x.sum(axis=tuple(range(extra)))
    axes = tuple(i for i, (a, b) in enumerate(zip(x.shape, like.shape, strict=True)) if b == 1 != a)
    return x.sum(axis=axes, keepdims=True) if axes else x


def arrange(xp: Any) -> Table:
    """Rows of shapes."""

    def split(x: Any, sizes: tuple[int, ...], axis: int) -> Any:
        return tuple(xp.split(x, np.cumsum(sizes)[:-1], axis))

    def full(*sizes: Any, value: Any, shape: tuple[Any, ...], dtype: str) -> Any:
        return xp.full(fill_in(shape, sizes), value, dtype=dtype)

    def arange(*sizes: Any, given: tuple[Any, ...], dtype: str) -> Any:
        moving = iter(sizes)
        bounds = [next(moving) if b is None else b for b in given]
        start, stop, step = (b.item() if isinstance(b, np.generic) else b for b in bounds)
        return xp.arange(start, stop, step, dtype=dtype)

    return {
        "reshape": lambda x, *sizes, shape: xp.reshape(x, fill_in(shape, sizes)),
        "reshape_as": lambda x, like: xp.reshape(x, like.shape),
        "sum_to_shape": sum_to_shape,
        "stretch_to": lambda x, like: xp.broadcast_to(x, like.shape),
        "expand_dims": lambda x, axis: xp.expand_dims(x, axis),
        "squeeze": lambda x, axis: xp.squeeze(x, axis),
        "transpose": lambda x, pattern: xp.transpose(x, pattern),
        "concatenate": lambda *xs, axis: xp.concatenate(xs, axis),
        "split": split,
        "split_like": lambda x, *like, axis: split(x, tuple(t.shape[axis] for t in like), axis),
        "stack": lambda *xs, axis: xp.stack(xp.broadcast_arrays(*xs), axis),
        "unstack": lambda x, count, axis: tuple(xp.take(x, i, axis) for i in range(count)),
        "tile": lambda x, *sizes, repeats: xp.tile(x, fill_in(repeats, sizes)),
        "repeat_elements": lambda x, rep, axis: xp.repeat(x, rep, axis),
        "reverse": lambda x, axes: xp.flip(x, axes),
        "pad": lambda x, padding, value: xp.pad(x, padding, constant_values=value),
        "full": full,
        "full_like": lambda x, value, dtype: xp.full(xp.shape(x), value, dtype=dtype),
        "arange": arange,
        "take": lambda x, indices, axis: xp.take(x, indices, axis=axis, mode="clip"),
        "matmul": lambda x, y, transpose_x, transpose_y: xp.matmul(
            xp.swapaxes(x, -1, -2) if transpose_x else x,
            xp.swapaxes(y, -1, -2) if transpose_y else y,
        ),
    }


# ---- reductions


def reductions(xp: Any) -> Table:
    """Rows of reductions."""

    def over(function: Any) -> Any:
        return lambda x, axis, keepdims: function(x, axis, keepdims=keepdims)

    def total(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
        dtype = "int32" if x.dtype == bool else x.dtype
        return xp.sum(x, axis, dtype=dtype, keepdims=keepdims)

    def spread(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool, shared: bool) -> Any:
        if shared:
            g = g / (math.prod(x.shape[a] for a in axis) or 1)
        if not keepdims and xp.ndim(g):
            g = xp.expand_dims(g, axis)
        return xp.broadcast_to(xp.asarray(g, dtype=x.dtype), x.shape)

    return {
        **{name: over(getattr(xp, name)) for name in ("max", "min", "any", "all")},
        "sum": total,
        "mean": lambda x, axis, keepdims: xp.mean(x, axis, dtype=x.dtype, keepdims=keepdims),
        "prod": lambda x, axis, keepdims: xp.prod(x, axis, dtype=x.dtype, keepdims=keepdims),
        "argmax": lambda x, axis: xp.argmax(x, axis),
        "argmin": lambda x, axis: xp.argmin(x, axis),
        "extent": lambda x, axis: math.prod(x.shape[a] for a in axis),
        "spread": spread,
        "cumsum": lambda x, axis: xp.cumsum(x, axis, dtype=x.dtype),
        "cumprod": lambda x, axis: xp.cumprod(x, axis, dtype=x.dtype),
        "softmax_gradient": lambda g, y, axis: y * (g - xp.sum(g * y, axis, keepdims=True)),
    }


# ---- windows


def space_of(x: Any, channels_last: bool) -> tuple[int, ...]:
    """The sizes of the spatial axes."""
    return tuple(x.shape[1:-1] if channels_last else x.shape[2:])


def zeros_around(
    space: Sequence[int], window: Sequence[int], strides: Any, padding: Any, dilation: Any
) -> list[tuple[int, int]]:
    """The zeros around each axis; by their name where a size had to be known first."""
    if isinstance(padding, tuple):
        return list(padding)
    return [
        explicit_padding(s, k, t, padding, d)  # type: ignore[misc]  # sizes are known while running
        for s, k, t, d in zip(space, window, strides, dilation, strict=True)
    ]

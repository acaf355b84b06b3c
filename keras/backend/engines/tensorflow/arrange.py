"""Rows of shapes, slices, picking and products."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from .elementwise import common, of_dtype
from .sizes import filled_in, open_key, size_of, sizes_of


def _together(xs: Any) -> list[Any]:
    dtype = common(*xs)
    return [of_dtype(x, dtype) for x in xs]


def _sum_to_shape(x: Any, like: Any) -> Any:
    """Summed over the axes along which `like` was stretched, be it only seen while running."""
    axes = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(x), s1=tf.shape(like))[1]
    return tf.ensure_shape(tf.reshape(tf.reduce_sum(x, axes), tf.shape(like)), like.shape)


def _stretch_to(x: Any, like: Any) -> Any:
    shape = tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(like))
    made = tf.broadcast_to(x, shape)
    made.set_shape(tf.broadcast_static_shape(x.shape, like.shape))
    return made


def _split(x: Any, sizes: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    return tuple(tf.split(x, list(sizes), axis))


def _split_like(x: Any, *like: Any, axis: int) -> tuple[Any, ...]:
    sizes = [size_of(part, axis) for part in like]
    return tuple(tf.split(x, tf.stack(sizes), axis, num=len(like)))


def _stack(*xs: Any, axis: int) -> Any:
    xs = _together(xs)  # type: ignore[assignment]  # a list of them from here on
    if any(x.shape.as_list() != xs[0].shape.as_list() for x in xs):
        shape = functools.reduce(tf.broadcast_dynamic_shape, [tf.shape(x) for x in xs])
        static = functools.reduce(tf.broadcast_static_shape, [x.shape for x in xs])
        xs = [tf.ensure_shape(tf.broadcast_to(x, shape), static) for x in xs]  # type: ignore[assignment]
    return tf.stack(xs, axis)


def _tile(x: Any, *sizes: Any, repeats: Any) -> Any:
    return tf.tile(x, filled_in(repeats, sizes))


def _repeat_elements(x: Any, rep: int, axis: int) -> Any:
    sizes = sizes_of(x)
    wide = tf.repeat(tf.expand_dims(x, axis + 1), rep, axis + 1)
    size = sizes[axis] * rep
    return tf.reshape(wide, [*sizes[:axis], size, *sizes[axis + 1 :]])


def _pad(x: Any, padding: Any, value: Any) -> Any:
    return tf.pad(x, [list(p) for p in padding], constant_values=of_dtype(value, x.dtype.name))


def _full(*sizes: Any, value: Any, shape: Any, dtype: str) -> Any:
    return tf.fill(filled_in(shape, sizes), of_dtype(tf.constant(value), dtype))


def _full_like(x: Any, value: Any, dtype: str) -> Any:
    return tf.fill(sizes_of(tf.convert_to_tensor(x)), of_dtype(tf.constant(value), dtype))


def _arange(*sizes: Any, given: tuple[Any, ...], dtype: str) -> Any:
    moving = iter(sizes)
    bounds = [next(moving) if b is None else b for b in given]
    if not any(map(tf.is_tensor, bounds)):
        start, stop, step = (b.item() if isinstance(b, np.generic) else b for b in bounds)
        return tf.constant(np.arange(start, stop, step), dtype)
    whole = all(b.dtype.is_integer if tf.is_tensor(b) else isinstance(b, int) for b in bounds)
    kind = "int64" if whole else "float64"
    return tf.cast(tf.range(*[tf.cast(b, kind) for b in bounds]), dtype)


def _inside(indices: Any, rows: Any) -> Any:
    """Numbers of rows that there are: those beyond an end are the last one there."""
    indices = indices if indices.dtype in (tf.int32, tf.int64) else tf.cast(indices, tf.int32)
    last = tf.maximum(tf.cast(rows, indices.dtype) - 1, 0)
    return tf.clip_by_value(indices, tf.zeros((), indices.dtype), last)


def _take(x: Any, indices: Any, axis: int) -> Any:
    return tf.gather(x, _inside(indices, size_of(x, axis)), axis=axis)


def _put_rows(g: Any, indices: Any, like: Any, axis: int) -> Any:
    sizes, rank = sizes_of(like), len(indices.shape)
    g = tf.broadcast_to(g, [*sizes[:axis], *sizes_of(indices), *sizes[axis + 1 :]])
    if axis:  # (..., indices, ...) -> (indices, ...)
        places = range(axis, axis + rank)
        rest = [i for i in range(len(g.shape)) if i not in places]
        g = tf.transpose(g, [*places, *rest])
    sizes = [sizes[axis], *sizes[:axis], *sizes[axis + 1 :]]
    rows = tf.reshape(_inside(indices, sizes[0]), [-1, 1])
    shape = [tf.cast(s, rows.dtype) for s in sizes]
    made = tf.scatter_nd(rows, tf.reshape(g, [-1, *sizes[1:]]), shape)
    return tf.transpose(made, [*range(1, axis + 1), 0, *range(axis + 1, len(sizes))])


def _one_hot(indices: Any, num_classes: int, dtype: str) -> Any:
    kind = indices.dtype if indices.dtype in (tf.uint8, tf.int32, tf.int64) else tf.int32
    return tf.one_hot(tf.cast(indices, kind), num_classes, dtype=dtype)


def _getitem(x: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    return x[open_key(key, moving)]


def _put_slice(g: Any, like: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    """The gradient of a slice."""
    place = open_key(key, moving)
    with tf.GradientTape() as tape:
        whole = tf.zeros(sizes_of(like), g.dtype)
        tape.watch(whole)
        part = whole[place]
    return tape.gradient(part, whole, g)


def _matmul(x: Any, y: Any, transpose_x: bool, transpose_y: bool) -> Any:
    dtype = common(x, y)
    x, y = of_dtype(x, dtype), of_dtype(y, dtype)
    if len(x.shape) == 2 or len(y.shape) != 2 or transpose_x:
        return tf.matmul(x, y, transpose_x, transpose_y)
    sizes = sizes_of(x)  # a stack of matrices with one matrix: one tall product
    flat = tf.matmul(tf.reshape(x, (-1, sizes[-1])), y, transpose_b=transpose_y)
    return tf.reshape(flat, [*sizes[:-1], size_of(flat, 1)])


TABLE: dict[str, Any] = {
    "reshape": lambda x, *sizes, shape: tf.reshape(x, filled_in(shape, sizes)),
    "reshape_as": lambda x, like: tf.reshape(x, sizes_of(like)),
    "sum_to_shape": _sum_to_shape,
    "stretch_to": _stretch_to,
    "expand_dims": lambda x, axis: tf.expand_dims(x, axis),
    "squeeze": lambda x, axis: tf.squeeze(x, axis),
    "transpose": lambda x, pattern: tf.transpose(x, pattern),
    "concatenate": lambda *xs, axis: tf.concat(_together(xs), axis),
    "split": _split,
    "split_like": _split_like,
    "stack": _stack,
    "unstack": lambda x, count, axis: tuple(tf.unstack(x, count, axis)),
    "tile": _tile,
    "repeat_elements": _repeat_elements,
    "reverse": lambda x, axes: tf.reverse(x, axes),
    "pad": _pad,
    "full": _full,
    "full_like": _full_like,
    "arange": _arange,
    "take": _take,
    "put_rows": _put_rows,
    "one_hot": _one_hot,
    "getitem": _getitem,
    "put_slice": _put_slice,
    "matmul": _matmul,
}

"""Arithmetic on shapes: numpy's where sizes are known while a program is described, TensorFlow's
where they will be known while it runs.

A shape of which only some sizes are known is a tuple of numbers and of arrays, so that the known
ones stay known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from ...graph.host import HOST
from ...ops.index import real_key

Function = Callable[..., Any]


def is_open(value: Any) -> bool:
    """Whether it will be known only while the program runs."""
    return tf.is_tensor(value) or (type(value) is tuple and any(map(tf.is_tensor, value)))


def size_of(x: Any, axis: int) -> Any:
    """The size of an axis: a number if it is known, else an array."""
    size = x.shape[axis]
    return tf.shape(x)[axis] if size is None else size


def sizes_of(x: Any) -> list[Any]:
    """The sizes of all axes, as `size_of` has them."""
    if x.shape.is_fully_defined():
        return list(x.shape)
    moving = tf.shape(x)
    return [moving[i] if s is None else s for i, s in enumerate(x.shape)]


def filled_in(sizes: Any, moving: Any) -> list[Any]:
    """The sizes with the computed ones in their places."""
    given = iter(moving)
    return [number(next(given)) if s is None else s for s in sizes]


def number(value: Any) -> Any:
    """A size as TensorFlow takes it among others: a Python integer, or an array of one."""
    if tf.is_tensor(value):
        return tf.cast(value, tf.int32)
    return int(value)


def shape(x: Any) -> Any:
    """The shape, with arrays for what isn't known."""
    known = x.shape
    if isinstance(known, tuple) or known.is_fully_defined():
        return np.array(known, dtype=np.int32)
    return tuple(sizes_of(x))


def as_array(value: Any) -> Any:
    """Sizes as one array of integers (or floats, after a division)."""
    if type(value) is tuple:
        return tf.stack([number(v) for v in value])
    if tf.is_tensor(value):
        return value
    made = np.asarray(value)
    return tf.constant(made, tf.int32 if made.dtype.kind in "iu" else tf.float64)


def _each(function: Function) -> Function:
    """A function of two sizes, on sizes that aren't known and on shapes of them."""

    def pair(x: Any, y: Any) -> Any:
        x, y = as_array(x), as_array(y)
        if x.dtype != y.dtype:
            x, y = tf.cast(x, tf.float64), tf.cast(y, tf.float64)
        return function(x, y)

    return pair


def _product(x: Any, axis: Any, keepdims: bool, **_: Any) -> Any:
    if type(x) is not tuple or keepdims or axis != (0,):
        return tf.reduce_prod(as_array(x), axis, keepdims)
    known = math.prod(int(v) for v in x if not tf.is_tensor(v))
    made = tf.reduce_prod(tf.stack([v for v in x if tf.is_tensor(v)]))
    return made if known == 1 else made * known


def _getitem(x: Any, *moving: Any, key: Any) -> Any:
    if type(x) is not tuple or any(map(tf.is_tensor, moving)) or len(key) != 1:
        numbers = [m if tf.is_tensor(m) else int(m) for m in moving]
        return as_array(x)[open_key(key, numbers)]
    return _closed(x[real_key(key, moving)[0]])


def _closed(made: Any) -> Any:
    """What is known now as numpy has it."""
    return made if is_open(made) else np.asarray(made, np.int32)


def open_key(key: Any, moving: Any) -> tuple[Any, ...]:
    """The key as TensorFlow takes it: computed numbers may be arrays."""
    from ...ops.index import MOVING, Cut

    given = iter(moving)

    def part(value: Any) -> Any:
        if value != MOVING:
            return value
        found = next(given)
        return found if tf.is_tensor(found) else int(found)

    return tuple(
        slice(part(p.start), part(p.stop), part(p.step)) if isinstance(p, Cut) else part(p)
        for p in key
    )


def _stack(*xs: Any, axis: int) -> Any:
    if axis == 0 and all(np.ndim(x) == 0 for x in xs if not tf.is_tensor(x)):
        return tuple(xs)
    return tf.stack([as_array(x) for x in xs], axis)


def _concatenate(*xs: Any, axis: int) -> Any:
    if any(map(tf.is_tensor, xs)):
        return tf.concat([as_array(x) for x in xs], axis)
    return tuple(v for x in xs for v in x)


def _cast(x: Any, dtype: str) -> Any:
    return tf.cast(as_array(x), dtype)


OPEN: dict[str, Function] = {
    "getitem": _getitem,
    "add": _each(tf.add),
    "subtract": _each(tf.subtract),
    "multiply": _each(tf.multiply),
    "divide": _each(tf.truediv),
    "floor_divide": _each(tf.math.floordiv),
    "maximum": _each(tf.maximum),
    "minimum": _each(tf.minimum),
    "mod": _each(tf.math.floormod),
    "cast": _cast,
    "prod": _product,
    "stack": _stack,
    "concatenate": _concatenate,
    "expand_dims": lambda x, axis: tf.expand_dims(as_array(x), axis),
    "squeeze": lambda x, axis: tf.squeeze(as_array(x), axis),
    "reshape": lambda x, *sizes, shape: tf.reshape(as_array(x), filled_in(shape, sizes)),
}


def _either(known: Function, unknown: Function) -> Function:
    def run(*inputs: Any, **settled: Any) -> Any:
        chosen = unknown if any(map(is_open, inputs)) else known
        return chosen(*inputs, **settled)

    return run


SIZES: dict[str, Function] = {
    "shape": shape,
    **{name: _either(HOST[name], function) for name, function in OPEN.items()},
}

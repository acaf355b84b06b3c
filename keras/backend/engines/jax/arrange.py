"""Rows of shapes, slices and picking."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...ops.arrange import fill_in
from ...ops.index import MOVING, Cut, real_key


def _sum_to_shape(x: Any, like: Any) -> Any:
    """Summed over the axes along which `like` was stretched."""
    extra = x.ndim - like.ndim
    if extra:
        x = x.sum(axis=tuple(range(extra)))
    axes = tuple(i for i, (a, b) in enumerate(zip(x.shape, like.shape, strict=True)) if b == 1 != a)
    return x.sum(axis=axes, keepdims=True) if axes else x


def _key(key: tuple[Any, ...], moving: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key as JAX takes it: computed numbers may be values of the program, bounds may not."""
    if not any(isinstance(m, jax.core.Tracer) for m in moving):
        return real_key(key, [int(m) for m in moving])
    if any(isinstance(p, Cut) and MOVING in (p.start, p.stop, p.step) for p in key):
        raise TypeError(
            "The jax engine compiles whole programs, so the bounds of a slice must be known from "
            "shapes; these are computed from data."
        )
    given = iter(moving)
    return tuple(
        slice(p.start, p.stop, p.step) if isinstance(p, Cut) else next(given) if p == MOVING else p
        for p in key
    )


def _getitem(x: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    return x[_key(key, moving)]


def _put_slice(g: Any, like: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    return jnp.zeros(like.shape, g.dtype).at[_key(key, moving)].set(g)


def _put_rows(g: Any, indices: Any, like: Any, axis: int) -> Any:
    made = jnp.zeros(like.shape, g.dtype)
    return made.at[(slice(None),) * axis + (indices,)].add(g)


def _split(x: Any, sizes: tuple[int, ...], axis: int) -> Any:
    return tuple(jnp.split(x, np.cumsum(sizes)[:-1], axis))


def _unstack(x: Any, count: int, axis: int) -> Any:
    return tuple(jax.lax.index_in_dim(x, i, axis, keepdims=False) for i in range(count))


def _stack(*xs: Any, axis: int) -> Any:
    return jnp.stack(jnp.broadcast_arrays(*xs), axis)


def _tile(x: Any, *sizes: Any, repeats: tuple[Any, ...]) -> Any:
    return jnp.tile(x, fill_in(repeats, sizes))


def _full(*sizes: Any, value: Any, shape: tuple[Any, ...], dtype: str) -> Any:
    return jnp.full(fill_in(shape, sizes), value, dtype=dtype)


def _arange(*sizes: Any, given: tuple[Any, ...], dtype: str) -> Any:
    moving = iter(sizes)
    bounds = [next(moving) if b is None else b for b in given]
    start, stop, step = (b.item() if isinstance(b, np.generic) else b for b in bounds)
    return jnp.arange(start, stop, step, dtype=dtype)


TABLE: dict[str, Any] = {
    "reshape": lambda x, *sizes, shape: jnp.reshape(x, fill_in(shape, sizes)),
    "reshape_as": lambda x, like: jnp.reshape(x, like.shape),
    "sum_to_shape": _sum_to_shape,
    "stretch_to": lambda x, like: jnp.broadcast_to(x, like.shape),
    "expand_dims": lambda x, axis: jnp.expand_dims(x, axis),
    "squeeze": lambda x, axis: jnp.squeeze(x, axis),
    "transpose": lambda x, pattern: jnp.transpose(x, pattern),
    "concatenate": lambda *xs, axis: jnp.concatenate(xs, axis),
    "split": _split,
    "split_like": lambda x, *like, axis: _split(x, tuple(t.shape[axis] for t in like), axis),
    "stack": _stack,
    "unstack": _unstack,
    "tile": _tile,
    "repeat_elements": lambda x, rep, axis: jnp.repeat(x, rep, axis),
    "reverse": lambda x, axes: jnp.flip(x, axes),
    "pad": lambda x, padding, value: jnp.pad(x, padding, constant_values=value),
    "full": _full,
    "full_like": lambda x, value, dtype: jnp.full(jnp.shape(x), value, dtype=dtype),
    "arange": _arange,
    "getitem": _getitem,
    "put_slice": _put_slice,
    "take": lambda x, indices, axis: jnp.take(x, indices, axis=axis, mode="clip"),
    "put_rows": _put_rows,
    "one_hot": lambda i, num_classes, dtype: jax.nn.one_hot(i, num_classes, dtype=dtype),
}

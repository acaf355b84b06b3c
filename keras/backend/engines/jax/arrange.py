"""Rows of shapes, slices, picking and products."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...ops.index import MOVING, Cut, real_key
from .. import arrays


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


TABLE: dict[str, Any] = {
    **arrays.arrange(jnp),
    "unstack": lambda x, count, axis: tuple(
        jax.lax.index_in_dim(x, i, axis, keepdims=False) for i in range(count)
    ),
    "getitem": _getitem,
    "put_slice": _put_slice,
    "put_rows": _put_rows,
    "one_hot": lambda i, num_classes, dtype: jax.nn.one_hot(i, num_classes, dtype=dtype),
}

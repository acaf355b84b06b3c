"""Rows of reductions."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp


def _sum(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    dtype = "int32" if x.dtype == bool else x.dtype
    return jnp.sum(x, axis, dtype=dtype, keepdims=keepdims)


def _over(function: Any) -> Any:
    return lambda x, axis, keepdims: function(x, axis, keepdims=keepdims)


def _spread(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool, shared: bool) -> Any:
    if shared:
        g = g / (math.prod(x.shape[a] for a in axis) or 1)
    if not keepdims and jnp.ndim(g):
        g = jnp.expand_dims(g, axis)
    return jnp.broadcast_to(jnp.asarray(g, dtype=x.dtype), x.shape)


def _softmax_gradient(g: Any, y: Any, axis: int) -> Any:
    return y * (g - jnp.sum(g * y, axis, keepdims=True))


TABLE: dict[str, Any] = {
    "sum": _sum,
    "mean": lambda x, axis, keepdims: jnp.mean(x, axis, dtype=x.dtype, keepdims=keepdims),
    "max": _over(jnp.max),
    "min": _over(jnp.min),
    "prod": lambda x, axis, keepdims: jnp.prod(x, axis, dtype=x.dtype, keepdims=keepdims),
    "any": _over(jnp.any),
    "all": _over(jnp.all),
    "argmax": lambda x, axis: jnp.argmax(x, axis),
    "argmin": lambda x, axis: jnp.argmin(x, axis),
    "extent": lambda x, axis: math.prod(x.shape[a] for a in axis),
    "spread": _spread,
    "cumsum": lambda x, axis: jnp.cumsum(x, axis, dtype=x.dtype),
    "cumprod": lambda x, axis: jnp.cumprod(x, axis, dtype=x.dtype),
    "logsumexp": lambda x, axis, keepdims: jax.nn.logsumexp(x, axis, keepdims=keepdims),
    "softmax": lambda x, axis: jax.nn.softmax(x, axis),
    "softmax_gradient": _softmax_gradient,
    "log_softmax": lambda x, axis: jax.nn.log_softmax(x, axis),
}

"""Rows of reductions: numpy's words, and a few of JAX's own."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from .. import arrays

TABLE: dict[str, Any] = {
    **arrays.reductions(jnp),
    "logsumexp": lambda x, axis, keepdims: jax.nn.logsumexp(x, axis, keepdims=keepdims),
    "softmax": lambda x, axis: jax.nn.softmax(x, axis),
    "log_softmax": lambda x, axis: jax.nn.log_softmax(x, axis),
}

"""Rows of single elements: numpy's words, and a few of JAX's own."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from .. import arrays
from ..arrays import of_floats

TABLE: dict[str, Any] = {
    **arrays.elementwise(jnp),
    "rsqrt": of_floats(jnp, jax.lax.rsqrt),
    "sigmoid": of_floats(jnp, jax.nn.sigmoid),
    "softplus": of_floats(jnp, jax.nn.softplus),
    "erf": of_floats(jnp, jax.lax.erf),
    "stop_gradient": jax.lax.stop_gradient,
}

"""Rows of products."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def _matmul(x: Any, y: Any, transpose_x: bool, transpose_y: bool) -> Any:
    return jnp.matmul(x.mT if transpose_x else x, y.mT if transpose_y else y)


TABLE: dict[str, Any] = {"matmul": _matmul}

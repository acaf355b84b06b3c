"""Rows of convolutions and pools; the convolution's two gradients are its transposes."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...ops.arrange import fill_in
from ..arrays import space_of, zeros_around

SPACE = "DHW"


def _numbers(rank: int, channels_last: bool) -> tuple[str, str, str]:
    space = SPACE[-rank:]
    data = f"N{space}C" if channels_last else f"NC{space}"
    return data, f"{space}IO", data


def _convolution(
    x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, channels_last: bool, groups: int
) -> Any:
    window = kernel.shape[:-2]
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        strides,
        zeros_around(space_of(x, channels_last), window, strides, padding, dilation),
        rhs_dilation=dilation,
        dimension_numbers=_numbers(len(window), channels_last),
        feature_group_count=groups,
    )


def _transpose(g: Any, kernel: Any, *moving: Any, space: Any, **settled: Any) -> Any:
    sizes = fill_in(space, moving)
    channels = kernel.shape[-2] * settled["groups"]
    last = settled["channels_last"]
    shape = (g.shape[0], *sizes, channels) if last else (g.shape[0], channels, *sizes)
    forward = jax.linear_transpose(
        lambda x: _convolution(x, kernel, **settled), jax.ShapeDtypeStruct(shape, g.dtype)
    )
    return forward(g)[0]


def _kernel(x: Any, g: Any, window: Any, **settled: Any) -> Any:
    axis = -1 if settled["channels_last"] else 1
    shape = (*window, x.shape[axis] // settled["groups"], g.shape[axis])
    forward = jax.linear_transpose(
        lambda kernel: _convolution(x, kernel, **settled), jax.ShapeDtypeStruct(shape, x.dtype)
    )
    return forward(g)[0]


def _pool(x: Any, window: Any, strides: Any, padding: Any, channels_last: bool, mode: str) -> Any:
    ones = (1,) * len(window)
    pairs = zeros_around(space_of(x, channels_last), window, strides, padding, ones)
    size = (1, *window, 1) if channels_last else (1, 1, *window)
    step = (1, *strides, 1) if channels_last else (1, 1, *strides)
    around = [(0, 0), *pairs, (0, 0)] if channels_last else [(0, 0), (0, 0), *pairs]
    if mode == "max":
        least = -np.inf if jnp.issubdtype(x.dtype, jnp.floating) else np.iinfo(x.dtype).min
        return jax.lax.reduce_window(x, np.array(least, x.dtype), jax.lax.max, size, step, around)
    zero = np.array(0, x.dtype)
    total = jax.lax.reduce_window(x, zero, jax.lax.add, size, step, around)
    if all(p == (0, 0) for p in pairs):
        return total / math.prod(window)
    shape = [s if size[i] > 1 else 1 for i, s in enumerate(x.shape)]
    counts = jax.lax.reduce_window(jnp.ones(shape, x.dtype), zero, jax.lax.add, size, step, around)
    return total / counts


TABLE: dict[str, Any] = {
    "convolution": _convolution,
    "convolution_transpose": _transpose,
    "convolution_kernel": _kernel,
    "pool": _pool,
}

"""What a window sees, written out with numpy: the reference of convolutions and pools."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def around(
    size: int, window: int, stride: int, padding: str, dilation: int = 1
) -> tuple[int, int, int]:
    """Zeros before and after, and the length of the output, by the rules that documents give."""
    reach = (window - 1) * dilation + 1
    if padding == "valid":
        return 0, 0, len(range(0, size - reach + 1, stride))
    steps = -(-size // stride)
    if padding == "causal":
        return reach - 1, 0, steps
    total = max((steps - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2, steps


def windowed(
    x: Any,
    window: Sequence[int],
    strides: Sequence[int],
    padding: str,
    dilation: Sequence[int],
    see: Callable[[Any, tuple[int, ...]], Any],
    fill: float = 0.0,
) -> Any:
    """`see(patch, place)` at each place of (batch, *space, channels): (batch, *places, ...)."""
    space = x.shape[1:-1]
    sizes = [
        around(s, k, t, padding, d)
        for s, k, t, d in zip(space, window, strides, dilation, strict=True)
    ]
    padded = np.pad(x, [(0, 0), *[(a, b) for a, b, _ in sizes], (0, 0)], constant_values=fill)
    made: Any = None
    places = [n for *_, n in sizes]
    for place in itertools.product(*map(range, places)):
        cut = tuple(
            slice(at * t, at * t + (k - 1) * d + 1, d)
            for at, t, k, d in zip(place, strides, window, dilation, strict=True)
        )
        value = see(padded[(slice(None), *cut)], place)
        if made is None:
            made = np.zeros((len(x), *places, *value.shape[1:]), x.dtype)
        made[(slice(None), *place)] = value
    return made


def convolved(
    x: Any, kernel: Any, strides: Any, padding: str = "valid", dilation: Any = None
) -> Any:
    """The correlation of (batch, *space, channels) with a kernel (*window, channels, filters)."""
    window = kernel.shape[:-2]
    seen, known = range(1, len(window) + 2), range(len(window) + 1)

    def see(patch: Any, place: Any) -> Any:
        return np.tensordot(patch, kernel, (list(seen), list(known)))

    return windowed(x, window, strides, padding, dilation or (1,) * len(window), see)


def channels_first(x: Any) -> Any:
    """(batch, *space, channels) -> (batch, channels, *space)."""
    return np.moveaxis(x, -1, 1)

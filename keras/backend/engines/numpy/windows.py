"""Rows of convolutions and pools: for each place in the window, what all windows have there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...ops.arrange import fill_in
from ..arrays import space_of, zeros_around


class Windows:
    """Where windows lie along some spatial axes."""

    def __init__(
        self, space: Any, window: Any, strides: Any, padding: Any, dilation: Any = None
    ) -> None:
        self.space, self.window, self.strides = tuple(space), tuple(window), tuple(strides)
        self.dilation = tuple(dilation or (1,) * len(self.window))
        self.zeros = zeros_around(space, window, strides, padding, self.dilation)
        reach = [(k - 1) * d + 1 for k, d in zip(self.window, self.dilation, strict=True)]
        self.padded = [s + a + b for s, (a, b) in zip(self.space, self.zeros, strict=True)]
        self.places = [
            (p - r) // t + 1 for p, r, t in zip(self.padded, reach, self.strides, strict=True)
        ]

    def pad(self, x: Any, value: Any = 0) -> Any:
        """(batch, *space, channels), with what lies around."""
        return np.pad(x, [(0, 0), *self.zeros, (0, 0)], constant_values=value)

    def unpadded(self, x: Any) -> Any:
        """What lies around taken away again."""
        pairs = zip(self.space, self.zeros, strict=True)
        return x[(slice(None), *(slice(a, a + s) for s, (a, _) in pairs))]

    def each(self) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
        """Each place in the window, and the slice of the padded input that has it."""
        for place in itertools.product(*map(range, self.window)):
            yield (
                place,
                (
                    slice(None),
                    *(
                        slice(k * d, k * d + (n - 1) * t + 1, t)
                        for k, d, n, t in zip(
                            place, self.dilation, self.places, self.strides, strict=True
                        )
                    ),
                ),
            )


def _last(x: Any, channels_last: bool) -> Any:
    return x if channels_last else np.moveaxis(x, 1, -1)


def _back(x: Any, channels_last: bool) -> Any:
    return x if channels_last else np.moveaxis(x, -1, 1)


def _grouped(x: Any, groups: int) -> Any:
    """(..., channels) -> (..., groups, channels of a group)"""
    return x.reshape(*x.shape[:-1], groups, -1)


def _convolution(
    x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, channels_last: bool, groups: int
) -> Any:
    x = _last(x, channels_last)
    windows = Windows(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation)
    padded, kernel = windows.pad(x), _grouped(kernel, groups)
    made: Any = np.zeros((len(x), *windows.places, *kernel.shape[-2:]), x.dtype)
    for place, seen in windows.each():
        made += np.einsum("...gi,igo->...go", _grouped(padded[seen], groups), kernel[place])
    return _back(made.reshape(*made.shape[:-2], -1), channels_last)


def _transpose(
    g: Any,
    kernel: Any,
    *moving: Any,
    space: Any,
    strides: Any,
    padding: Any,
    dilation: Any,
    channels_last: bool,
    groups: int,
) -> Any:
    g = _grouped(_last(g, channels_last), groups)
    windows = Windows(fill_in(space, moving), kernel.shape[:-2], strides, padding, dilation)
    kernel = _grouped(kernel, groups)
    channels = groups * kernel.shape[-3]
    made = np.zeros((len(g), *windows.padded, channels), g.dtype)
    for place, seen in windows.each():
        sent = np.einsum("...go,igo->...gi", g, kernel[place])
        made[seen] += sent.reshape(*sent.shape[:-2], channels)
    return _back(windows.unpadded(made), channels_last)


def _kernel(
    x: Any,
    g: Any,
    window: Any,
    strides: Any,
    padding: Any,
    dilation: Any,
    channels_last: bool,
    groups: int,
) -> Any:
    x, g = _last(x, channels_last), _grouped(_last(g, channels_last), groups)
    windows = Windows(x.shape[1:-1], window, strides, padding, dilation)
    padded = windows.pad(x)
    made = np.zeros((*window, x.shape[-1] // groups, groups * g.shape[-1]), x.dtype)
    for place, seen in windows.each():
        part = _grouped(padded[seen], groups)
        sums = np.einsum("ngi,ngo->igo", *(a.reshape(-1, *a.shape[-2:]) for a in (part, g)))
        made[place] = sums.reshape(made.shape[-2:])
    return made


def _pool(x: Any, window: Any, strides: Any, padding: Any, channels_last: bool, mode: str) -> Any:
    windows = Windows(space_of(x, channels_last), window, strides, padding)
    x = _last(x, channels_last)
    floats = x.dtype.kind == "f"
    least = -np.inf if floats else np.iinfo(x.dtype).min
    padded = windows.pad(x, least if mode == "max" else 0)
    inside = windows.pad(np.ones(x.shape, "int32"))
    parts = [padded[seen] for _, seen in windows.each()]
    if mode == "max":
        return _back(np.max(parts, 0), channels_last)
    counts = np.sum([inside[seen] for _, seen in windows.each()], 0)
    return _back((np.sum(parts, 0) / counts).astype(x.dtype), channels_last)


TABLE: dict[str, Any] = {
    "convolution": _convolution,
    "convolution_transpose": _transpose,
    "convolution_kernel": _kernel,
    "pool": _pool,
}

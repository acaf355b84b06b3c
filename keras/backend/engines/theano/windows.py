"""Convolutions and pools, which PyTensor has none of: ops of our own, out of strided views of the
input and products of matrices. Each is the other's gradient, so all can be differentiated again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ...ops.conv import channels_of, laid_out, space_after, spatial
from ..numpy.windows import Windows
from .symbols import alike, filled, is_symbol, sizes_of, symbol

AT_ONCE = 1 << 24  # values of all windows that are copied side by side at a time


class Product(Op):
    """What the three products of a convolution have in common."""

    __props__: tuple[str, ...] = ("strides", "padding", "dilation", "channels_last", "groups")

    def __init__(
        self, strides: Any, padding: Any, dilation: Any, channels_last: bool, groups: int
    ) -> None:
        self.strides, self.padding, self.dilation = strides, padding, dilation
        self.channels_last, self.groups = channels_last, groups

    def settled(self) -> tuple[Any, ...]:
        return self.strides, self.padding, self.dilation, self.channels_last, self.groups

    def windows(self, space: Any, window: Any) -> Windows:
        return Windows(space, window, self.strides, self.padding, self.dilation)

    def last(self, x: Any) -> Any:
        return x if self.channels_last else np.moveaxis(x, 1, -1)

    def back(self, x: Any) -> Any:
        return np.ascontiguousarray(x if self.channels_last else np.moveaxis(x, -1, 1))

    def grouped(self, kernel: Any) -> Any:
        """(*window, in, out) -> (groups, window * in, out of a group)"""
        flat = kernel.reshape(-1, self.groups, kernel.shape[-1] // self.groups)
        return flat.transpose(1, 0, 2)

    def by_group(self, x: Any) -> Any:
        """(..., channels) -> (groups, everything else, channels of a group)"""
        return x.reshape(-1, self.groups, x.shape[-1] // self.groups).transpose(1, 0, 2)

    def columns(self, windows: Windows, x: Any) -> Any:
        """(samples, *space, channels) -> (groups, samples * places, window * channels)"""
        padded = windows.pad(x)
        rank, strides = len(windows.window), padded.strides
        middle = range(1, rank + 1)
        view = np.lib.stride_tricks.as_strided(
            padded,
            (len(x), *windows.places, *windows.window, self.groups, x.shape[-1] // self.groups),
            (
                strides[0],
                *(strides[i] * windows.strides[i - 1] for i in middle),
                *(strides[i] * windows.dilation[i - 1] for i in middle),
                strides[-1] * (x.shape[-1] // self.groups),
                strides[-1],
            ),
            writeable=False,
        )
        axes = range(rank + 1)
        order = (2 * rank + 1, *axes, *range(rank + 1, 2 * rank + 1), 2 * rank + 2)
        rows = len(x) * int(np.prod(windows.places))
        return view.transpose(order).reshape(self.groups, rows, -1)

    def parts(self, windows: Windows, x: Any) -> Iterator[slice]:
        """Samples, as many at a time as have room."""
        one = int(np.prod(windows.places)) * int(np.prod(windows.window)) * x.shape[-1]
        some = max(1, AT_ONCE // max(one, 1))
        for start in range(0, len(x), some):
            yield slice(start, start + some)


class Convolution(Product):
    """(batch, *space, in), (*window, in, out) -> (batch, *places, out)"""

    def make_node(self, x: Any, kernel: Any) -> Apply:
        x, kernel = alike(x, kernel)
        window, last = kernel.type.shape, self.channels_last
        space: Any = (None,) * (len(window) - 2)
        if None not in window[:-2]:
            around = spatial(x.type.shape, last)
            space = space_after(around, window[:-2], self.strides, self.padding, self.dilation)
        shape = laid_out(x.type.shape[0], space, window[-1], last)
        return Apply(self, [x, kernel], [pt.tensor(dtype=x.dtype, shape=shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x, kernel = self.last(inputs[0]), inputs[1]
        windows = self.windows(x.shape[1:-1], kernel.shape[:-2])
        made = np.empty((len(x), *windows.places, kernel.shape[-1]), x.dtype)
        weights = self.grouped(kernel)
        for some in self.parts(windows, x):
            product = np.matmul(self.columns(windows, x[some]), weights)
            made[some] = product.transpose(1, 0, 2).reshape(made[some].shape)
        outputs[0][0] = self.back(made)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        (x, kernel), (g,) = inputs, cotangents
        sizes = spatial(sizes_of(x), self.channels_last)
        return [
            transpose(g, kernel, sizes, *self.settled()),
            kernel_gradient(x, g, sizes_of(kernel)[:-2], *self.settled()),
        ]


class Transpose(Product):
    """(batch, *places, out), (*window, in, out), sizes of the space -> (batch, *space, in)"""

    __props__ = ("space", *Product.__props__)

    def __init__(self, space: Any, *settled: Any) -> None:
        self.space = tuple(space)
        super().__init__(*settled)

    def make_node(self, g: Any, kernel: Any, *sizes: Any) -> Apply:
        g, kernel = alike(g, kernel)
        channels = kernel.type.shape[-2]
        channels = None if channels is None else channels * self.groups
        shape = laid_out(g.type.shape[0], self.space, channels, self.channels_last)
        made = pt.tensor(dtype=g.dtype, shape=shape)
        return Apply(self, [g, kernel, *(symbol(s, "int64") for s in sizes)], [made])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        g, kernel, *moving = inputs
        g, given = self.last(g), iter(moving)
        space = [int(next(given)) if s is None else s for s in self.space]
        windows = self.windows(space, kernel.shape[:-2])
        weights = self.grouped(kernel).transpose(0, 2, 1)
        channels = kernel.shape[-2] * self.groups
        made = np.zeros((len(g), *windows.padded, channels), g.dtype)
        for some in self.parts(windows, made):
            sent = np.matmul(self.by_group(g[some]), weights)
            sent = sent.reshape(self.groups, *g[some].shape[:-1], *windows.window, kernel.shape[-2])
            sent = np.moveaxis(sent, 0, -2).reshape(*sent.shape[1:-1], channels)
            axes = (slice(None),) * (len(space) + 1)
            part = made[some]
            for place, seen in windows.each():
                part[seen] += sent[(*axes, *place)]
        outputs[0][0] = self.back(windows.unpadded(made))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[i < 2] for i in range(len(node.inputs))]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        (g, kernel, *sizes), (d,) = inputs, cotangents
        return [
            Convolution(*self.settled())(d, kernel),
            kernel_gradient(d, g, sizes_of(kernel)[:-2], *self.settled()),
            *(disconnected_type() for _ in sizes),
        ]


class KernelGradient(Product):
    """(batch, *space, in), (batch, *places, out), sizes of the window -> (*window, in, out)"""

    __props__ = ("window", *Product.__props__)

    def __init__(self, window: Any, *settled: Any) -> None:
        self.window = tuple(window)
        super().__init__(*settled)

    def make_node(self, x: Any, g: Any) -> Apply:
        x, g = alike(x, g)
        channels = channels_of(x.type.shape, self.channels_last)
        filters = channels_of(g.type.shape, self.channels_last)
        channels = None if channels is None else channels // self.groups
        made = pt.tensor(dtype=x.dtype, shape=(*self.window, channels, filters))
        return Apply(self, [x, g], [made])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x, g = map(self.last, inputs)
        windows = self.windows(x.shape[1:-1], self.window)
        volume = int(np.prod(self.window)) * x.shape[-1] // self.groups
        made = np.zeros((self.groups, volume, g.shape[-1] // self.groups), x.dtype)
        for some in self.parts(windows, x):
            columns = self.columns(windows, x[some])
            made += np.matmul(columns.transpose(0, 2, 1), self.by_group(g[some]))
        shape = (*self.window, x.shape[-1] // self.groups, g.shape[-1])
        outputs[0][0] = np.ascontiguousarray(made.transpose(1, 0, 2)).reshape(shape)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        (x, g), (d,) = inputs, cotangents
        sizes = spatial(sizes_of(x), self.channels_last)
        return [
            transpose(g, d, sizes, *self.settled()),
            Convolution(*self.settled())(x, d),
        ]


def transpose(g: Any, kernel: Any, sizes: Any, *settled: Any) -> Any:
    """The transpose of a convolution, to an input of these sizes."""
    moving = [s for s in sizes if is_symbol(s)]
    return Transpose([None if is_symbol(s) else s for s in sizes], *settled)(g, kernel, *moving)


def kernel_gradient(x: Any, g: Any, window: Any, *settled: Any) -> Any:
    """A convolution's gradient with respect to its kernel, whose window is known."""
    return KernelGradient(window, *settled)(x, g)


class Pooling(Op):
    """What a pool and its two gradients have in common."""

    __props__ = ("window", "strides", "padding", "channels_last", "mode")

    def __init__(
        self, window: Any, strides: Any, padding: Any, channels_last: bool, mode: str
    ) -> None:
        self.window, self.strides, self.padding = window, strides, padding
        self.channels_last, self.mode = channels_last, mode

    def settled(self) -> tuple[Any, ...]:
        return self.window, self.strides, self.padding, self.channels_last, self.mode

    def last(self, x: Any) -> Any:
        return x if self.channels_last else np.moveaxis(x, 1, -1)

    def back(self, x: Any) -> Any:
        return np.ascontiguousarray(x if self.channels_last else np.moveaxis(x, -1, 1))

    def windows(self, x: Any) -> Windows:
        return Windows(x.shape[1:-1], self.window, self.strides, self.padding)

    def least(self, dtype: Any) -> Any:
        return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min

    def counts(self, windows: Windows) -> Any:
        """How many values each window has."""
        inside = windows.pad(np.ones((1, *windows.space, 1), "int32"))
        return sum(inside[seen] for _, seen in windows.each())

    def firsts(self, windows: Windows, padded: Any, best: Any) -> Iterator[tuple[Any, Any]]:
        """For each place in the window, where the first of the greatest values stands there."""
        waiting = np.ones(best.shape, bool)
        for _, seen in windows.each():
            hit = waiting & (padded[seen] == best)
            waiting &= ~hit
            yield seen, hit


class Pool(Pooling):
    """(batch, *space, channels) -> (batch, *places, channels)"""

    def make_node(self, x: Any) -> Apply:
        last, ones = self.channels_last, (1,) * len(self.window)
        sizes = x.type.shape
        space = space_after(spatial(sizes, last), self.window, self.strides, self.padding, ones)
        shape = laid_out(sizes[0], space, channels_of(sizes, last), last)
        return Apply(self, [x], [pt.tensor(dtype=x.dtype, shape=shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x = self.last(inputs[0])
        windows, greatest = self.windows(x), self.mode == "max"
        padded = windows.pad(x, self.least(x.dtype) if greatest else 0)
        made: Any = None
        for _, seen in windows.each():
            part = padded[seen]
            if made is None:
                made = part.copy()
            elif greatest:
                np.maximum(made, part, out=made)
            else:
                made += part
        if not greatest:
            made = (made / self.counts(windows)).astype(x.dtype)
        outputs[0][0] = self.back(made)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [PoolBack(*self.settled())(inputs[0], outputs[0], cotangents[0])]


class PoolBack(Pooling):
    """What a pool's gradient sends back: to the first of the greatest values, or to all."""

    def make_node(self, x: Any, y: Any, g: Any) -> Apply:
        return Apply(self, [x, y, g], [x.type()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x, y, g = map(self.last, inputs)
        windows = self.windows(x)
        made = np.zeros((len(x), *windows.padded, x.shape[-1]), g.dtype)
        if self.mode == "max":
            padded = windows.pad(x, self.least(x.dtype))
            for seen, hit in self.firsts(windows, padded, y):
                made[seen] += np.where(hit, g, np.zeros((), g.dtype))
        else:
            share = (g / self.counts(windows)).astype(g.dtype)
            for _, seen in windows.each():
                made[seen] += share
        outputs[0][0] = self.back(windows.unpadded(made))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False], [False], [True]]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        x, y, _ = inputs
        picked = PoolPick(*self.settled())(x, y, cotangents[0])
        return [disconnected_type(), disconnected_type(), picked]


class PoolPick(Pooling):
    """Values picked as a pool has picked its own: where the first of the greatest stood, or the
    mean."""

    def make_node(self, x: Any, y: Any, d: Any) -> Apply:
        return Apply(self, [x, y, d], [y.type()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x, y, d = map(self.last, inputs)
        windows = self.windows(x)
        given = windows.pad(d)
        made = np.zeros(y.shape, d.dtype)
        if self.mode == "max":
            padded = windows.pad(x, self.least(x.dtype))
            for seen, hit in self.firsts(windows, padded, y):
                made += np.where(hit, given[seen], np.zeros((), d.dtype))
        else:
            for _, seen in windows.each():
                made += given[seen]
            made = (made / self.counts(windows)).astype(d.dtype)
        outputs[0][0] = self.back(made)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False], [False], [True]]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        x, y, _ = inputs
        sent = PoolBack(*self.settled())(x, y, cotangents[0])
        return [disconnected_type(), disconnected_type(), sent]


TABLE: dict[str, Any] = {
    "convolution": lambda x, kernel, **settled: Convolution(**settled)(x, kernel),
    "convolution_transpose": lambda g, kernel, *moving, space, **settled: transpose(
        g, kernel, filled(space, moving), *_in_order(settled)
    ),
    "convolution_kernel": lambda x, g, window, **settled: kernel_gradient(
        x, g, window, *_in_order(settled)
    ),
    "pool": lambda x, **settled: Pool(**settled)(x),
}


def _in_order(settled: dict[str, Any]) -> list[Any]:
    return [settled[name] for name in Product.__props__]

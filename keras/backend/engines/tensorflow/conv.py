"""Rows of convolutions and pools.

TensorFlow's kernels for the CPU want channels last, one group or one for each channel, and no
dilation on the way back: everything else is brought to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ...graph.shapes import explicit_padding
from .elementwise import common, of_dtype
from .sizes import filled_in, size_of, sizes_of

LAYOUTS = {2: "NHWC", 3: "NDHWC"}


def _last(x: Any, channels_last: bool) -> Any:
    """With the channels last."""
    return x if channels_last else tf.transpose(x, [0, *range(2, len(x.shape)), 1])


def _back(x: Any, channels_last: bool) -> Any:
    """With the channels where they were."""
    rank = len(x.shape)
    return x if channels_last else tf.transpose(x, [0, rank - 1, *range(1, rank - 1)])


class Geometry:
    """How a window goes over an input; of one axis, as over images of height 1."""

    def __init__(
        self,
        space: Sequence[int | None],
        window: Sequence[int],
        strides: Sequence[int],
        padding: Any,
        dilation: Sequence[int] | None = None,
    ) -> None:
        dilation = tuple(dilation or (1,) * len(window))
        if isinstance(padding, str):
            padding = (padding,) * len(window)
        self.flat = len(window) == 1
        if self.flat:
            space, window, dilation = (1, *space), (1, *window), (1, *dilation)
            strides, padding = tuple(strides) * 2, ((0, 0), *padding)
        self.window, self.strides, self.dilation = tuple(window), tuple(strides), dilation
        self.rank = len(self.window)
        self.dilated = max(dilation) > 1
        axes = zip(space, window, strides, padding, dilation, strict=True)
        named = [_named(*axis) for axis in axes]
        self.name = next((n for n in ("VALID", "SAME") if all(n in found for found in named)), None)
        self.pairs = [(0, 0) if isinstance(p, str) else p for p in padding]

    def wide(self, x: Any) -> Any:
        """With an axis of size 1 before the only one."""
        return tf.expand_dims(x, 1) if self.flat else x

    def narrow(self, x: Any) -> Any:
        return tf.squeeze(x, 1) if self.flat else x

    def kernel(self, kernel: Any) -> Any:
        return tf.expand_dims(kernel, 0) if self.flat else kernel

    def padded(self, x: Any, value: float = 0.0) -> tuple[Any, str]:
        """The input with what has to lie around it, and the name of what is still missing."""
        if self.name is not None:
            return x, self.name
        around = [(0, 0), *self.pairs, (0, 0)]
        return tf.pad(x, around, constant_values=of_dtype(value, x.dtype.name)), "VALID"

    @property
    def explicit(self) -> Any:
        """The padding as kernels for images take it."""
        return self.name or [[0, 0], *map(list, self.pairs), [0, 0]]


def _named(
    size: int | None, window: int, stride: int, padding: Any, dilation: int
) -> tuple[str, ...]:
    """The names that TensorFlow has for the padding of an axis."""
    if isinstance(padding, str):
        return (padding.upper(),)
    found = ["VALID"] if padding == (0, 0) else []
    if padding == explicit_padding(size, window, stride, "same", dilation):
        found.append("SAME")
    return tuple(found)


def _correlate(x: Any, kernel: Any, geometry: Geometry, groups: int) -> Any:
    """The convolution of (batch, *space, channels), in operations that have gradients."""
    strides, window = geometry.strides, kernel.shape[:-2]
    if groups == 1 and geometry.rank == 2 and not geometry.dilated:
        return tf.nn.conv2d(x, kernel, strides, geometry.explicit)
    if groups == 1:
        x, name = geometry.padded(x)
        return tf.nn.convolution(
            x, kernel, strides, name, LAYOUTS[geometry.rank], geometry.dilation
        )
    if _by_channel(kernel, geometry):
        single = tf.reshape(kernel, (*window, groups, kernel.shape[-1] // groups))
        x, name = geometry.padded(x)
        return tf.nn.depthwise_conv2d(
            x, single, (1, *strides, 1), name, dilations=geometry.dilation
        )
    pairs = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([_correlate(*pair, geometry, 1) for pair in pairs], -1)


def _by_channel(kernel: Any, geometry: Geometry) -> bool:
    """Whether TensorFlow has a kernel of its own for channels that don't mix."""
    return kernel.shape[-2] == 1 and geometry.rank == 2 and len(set(geometry.strides)) == 1


def _convolution(
    x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, channels_last: bool, groups: int
) -> Any:
    dtype = common(x, kernel)
    x, kernel = _last(of_dtype(x, dtype), channels_last), of_dtype(kernel, dtype)
    geometry = Geometry(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation)
    made = _correlate(geometry.wide(x), geometry.kernel(kernel), geometry, groups)
    return _back(geometry.narrow(made), channels_last)


def _pulled(function: Callable[[Any], Any], at: Any, g: Any) -> Any:
    """The gradient of a linear function, which asks only for the shape of `at`."""
    with tf.GradientTape() as tape:
        tape.watch(at)
        made = function(at)
    return tape.gradient(made, at, g)


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
    dtype = common(g, kernel)
    g, kernel = _last(of_dtype(g, dtype), channels_last), of_dtype(kernel, dtype)
    geometry = Geometry(space, kernel.shape[:-2], strides, padding, dilation)
    sizes = filled_in(space, moving)
    shape = [size_of(g, 0), *([1] if geometry.flat else []), *sizes, kernel.shape[-2] * groups]
    g, kernel = geometry.wide(g), geometry.kernel(kernel)
    if groups == 1 and geometry.rank == 2 and not geometry.dilated:
        made = tf.nn.conv2d_transpose(g, kernel, shape, geometry.strides, geometry.explicit)
    else:
        nothing = tf.zeros(shape, g.dtype)
        made = _pulled(lambda x: _correlate(x, kernel, geometry, groups), nothing, g)
    return _back(geometry.narrow(made), channels_last)


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
    dtype = common(x, g)
    x, g = (_last(of_dtype(a, dtype), channels_last) for a in (x, g))
    geometry = Geometry(x.shape[1:-1], window, strides, padding, dilation)
    nothing = tf.zeros((*geometry.window, x.shape[-1] // groups, g.shape[-1]), x.dtype)
    x, g = geometry.wide(x), geometry.wide(g)
    made = _pulled(lambda kernel: _correlate(x, kernel, geometry, groups), nothing, g)
    return tf.squeeze(made, 0) if geometry.flat else made


# ---- pools


def _pool(x: Any, window: Any, strides: Any, padding: Any, channels_last: bool, mode: str) -> Any:
    x = _last(x, channels_last)
    pool = _greatest if mode == "max" else _mean
    if len(window) == 3:  # along the last two axes, then along the first: kernels for images
        names = padding if isinstance(padding, tuple) else (padding,) * 3
        sizes = sizes_of(x)
        flat = tf.reshape(x, [-1, *sizes[2:]])
        flat = pool(flat, Geometry(x.shape[2:-1], window[1:], strides[1:], names[1:]))
        rest = sizes_of(flat)[1:]
        column = tf.reshape(flat, [*sizes[:2], -1, rest[-1]])
        geometry = Geometry((x.shape[1], None), (window[0], 1), (strides[0], 1), (names[0], (0, 0)))
        made = pool(column, geometry)
        made = tf.reshape(made, [sizes[0], size_of(made, 1), *rest])
    else:
        geometry = Geometry(x.shape[1:-1], window, strides, padding)
        made = geometry.narrow(pool(geometry.wide(x), geometry))
    return _back(made, channels_last)


def _greatest(x: Any, geometry: Geometry) -> Any:
    x, name = geometry.padded(x, x.dtype.min)
    return tf.nn.max_pool2d(x, geometry.window, geometry.strides, name)


def _mean(x: Any, geometry: Geometry) -> Any:
    padded, name = geometry.padded(x)
    made = tf.nn.avg_pool2d(padded, geometry.window, geometry.strides, name)
    if geometry.name is not None:
        return made
    inside, _ = geometry.padded(tf.ones_like(x))  # what lies outside of the edge doesn't count
    return made / tf.nn.avg_pool2d(inside, geometry.window, geometry.strides, name)


TABLE: dict[str, Any] = {
    "convolution": _convolution,
    "convolution_transpose": _transpose,
    "convolution_kernel": _kernel,
    "pool": _pool,
}

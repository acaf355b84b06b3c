"""Convolutions of any rank and their two gradients, which are products of the same kind.

Kernels stand as (*window, channels in, channels out), whatever the data format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..config import normalize_data_format
from ..graph.dtypes import promoted
from ..graph.op import gradient, op
from ..graph.shapes import check_rank, conv_size, explicit_padding, shape_of
from ..graph.tensor import Spec, Tensor, Tensors
from .arrange import reshape, shape, sizes_of

Padding = Any  # a name, or a pair (before, after) for each spatial axis


def spatial(sizes: Sequence[int | None], channels_last: bool) -> tuple[int | None, ...]:
    """The sizes of the spatial axes."""
    return tuple(sizes[1:-1] if channels_last else sizes[2:])


def laid_out(
    batch: Any, space: Sequence[Any], channels: Any, channels_last: bool
) -> tuple[Any, ...]:
    """A shape in the given data format."""
    return (batch, *space, channels) if channels_last else (batch, channels, *space)


def window_of(kernel: Any) -> tuple[int, ...]:
    """A kernel's shape, which is known."""
    sizes = shape_of(kernel)
    if None in sizes:
        raise ValueError(f"A kernel has a known shape, got {tuple(sizes)}.")
    return sizes  # type: ignore[return-value]  # just checked


def channels_of(sizes: Sequence[int | None], channels_last: bool) -> int | None:
    return sizes[-1] if channels_last else sizes[1]


def space_after(
    space: Sequence[int | None],
    window: Sequence[int],
    strides: Any,
    padding: Padding,
    dilation: Any,
) -> tuple[int | None, ...]:
    pairs = padding if isinstance(padding, tuple) else (padding,) * len(window)
    return tuple(
        conv_size(s, k, t, p, d)
        for s, k, t, p, d in zip(space, window, strides, pairs, dilation, strict=True)
    )


@op
def convolution(x: Tensor, kernel: Tensor, strides, padding, dilation, channels_last, groups):
    """The correlation of `x` with a kernel, channels in `groups`."""
    sizes, window = shape_of(x), window_of(kernel)
    channels = channels_of(sizes, channels_last)
    if channels is not None and channels != window[-2] * groups:
        raise ValueError(
            f"A kernel of shape {tuple(window)} takes {window[-2] * groups} channels, "
            f"got an input of shape {tuple(sizes)} with {channels}."
        )
    space = space_after(spatial(sizes, channels_last), window[:-2], strides, padding, dilation)
    return Spec(
        laid_out(sizes[0], space, window[-1], channels_last),
        promoted(x, kernel),
        strides=strides,
        padding=padding,
        dilation=dilation,
        channels_last=channels_last,
        groups=groups,
    )


@gradient(convolution)
def _(g, y, x, kernel, strides, padding, dilation, channels_last, groups):
    first = 1 if channels_last else 2
    space = [
        s if s is not None else shape(x)[i + first]
        for i, s in enumerate(spatial(shape_of(x), channels_last))
    ]
    sizes, moving = sizes_of(space)
    settled = (strides, padding, dilation, channels_last, groups)
    return (
        convolution_transpose(g, kernel, moving, sizes, *settled),
        convolution_kernel(x, g, shape_of(kernel)[:-2], *settled),
    )


@op(host=True)
def convolution_transpose(
    g: Tensor,
    kernel: Tensor,
    moving: Tensors,
    space,
    strides,
    padding,
    dilation,
    channels_last,
    groups,
):
    """The transpose of a convolution: its gradient with respect to an input of size `space`."""
    sizes, window = shape_of(g), shape_of(kernel)
    channels = channels_of(sizes, channels_last)
    if None not in (channels, window[-1]) and channels != window[-1]:
        raise ValueError(
            f"A transposed kernel of shape {tuple(window)} takes {window[-1]} channels, "
            f"got an input of shape {tuple(sizes)} with {channels}."
        )
    return Spec(
        laid_out(sizes[0], space, window[-2] * groups, channels_last),
        promoted(g, kernel),
        space=tuple(space),
        strides=strides,
        padding=padding,
        dilation=dilation,
        channels_last=channels_last,
        groups=groups,
    )


@gradient(convolution_transpose)
def _(d, y, g, kernel, *moving, space, strides, padding, dilation, channels_last, groups):
    settled = (strides, padding, dilation, channels_last, groups)
    to_kernel = convolution_kernel(d, g, shape_of(kernel)[:-2], *settled)
    return (convolution(d, kernel, *settled), to_kernel, *(None for _ in moving))


@op
def convolution_kernel(
    x: Tensor, g: Tensor, window, strides, padding, dilation, channels_last, groups
):
    """The gradient of a convolution with respect to its kernel."""
    channels = channels_of(shape_of(x), channels_last)
    filters = channels_of(shape_of(g), channels_last)
    return Spec(
        (*window, None if channels is None else channels // groups, filters),
        promoted(x, g),
        window=tuple(window),
        strides=strides,
        padding=padding,
        dilation=dilation,
        channels_last=channels_last,
        groups=groups,
    )


@gradient(convolution_kernel)
def _(d, y, x, g, window, strides, padding, dilation, channels_last, groups):
    first = 1 if channels_last else 2
    space = [
        s if s is not None else shape(x)[i + first]
        for i, s in enumerate(spatial(shape_of(x), channels_last))
    ]
    sizes, moving = sizes_of(space)
    settled = (strides, padding, dilation, channels_last, groups)
    return convolution_transpose(g, d, moving, sizes, *settled), convolution(x, d, *settled)


# ---- the classic functions


def tuple_of(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """One number for all axes, or one for each."""
    found = (value,) * rank if isinstance(value, int) else tuple(int(v) for v in value)
    if len(found) != rank or any(v < 1 for v in found):
        raise ValueError(f"`{name}` is {rank} positive integer(s), got {value!r}.")
    return found


def settled_padding(
    x: Any, window: Sequence[int], strides: Sequence[int], padding: Any, dilation: Any, last: bool
) -> Padding:
    """The zeros around each spatial axis; the name itself if a size must be known first."""
    if isinstance(padding, tuple):
        return padding
    if padding not in ("valid", "same", "causal", "full"):
        raise ValueError(
            f"Unknown padding {padding!r}; known are 'valid', 'same', 'causal', 'full'."
        )
    return _pairs(spatial(shape_of(x), last), window, strides, padding, dilation)


def _pairs(
    space: Sequence[int | None],
    window: Sequence[int],
    strides: Sequence[int],
    padding: str,
    dilation: Sequence[int],
) -> Padding:
    pairs = tuple(
        explicit_padding(s, k, t, padding, d)
        for s, k, t, d in zip(space, window, strides, dilation, strict=True)
    )
    return padding if None in pairs else pairs


def conv(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    groups: int = 1,
) -> Any:
    """A convolution of the rank that the kernel has."""
    window = window_of(kernel)[:-2]
    rank = len(window)
    check_rank(shape_of(x), rank + 2, f"A {rank}-D convolution")
    last = normalize_data_format(data_format) == "channels_last"
    steps = tuple_of(strides, rank, "strides")
    dilation = tuple_of(dilation_rate, rank, "dilation_rate")
    if max(steps) > 1 and max(dilation) > 1:
        raise ValueError(f"strides {steps} and dilation_rate {dilation} can't both be above 1.")
    pairs = settled_padding(x, window, steps, padding, dilation, last)
    return convolution(x, kernel, steps, pairs, dilation, last, groups)


def conv_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """The transpose of a convolution; kernels stand as (*window, channels out, channels in)."""
    window = window_of(kernel)[:-2]
    rank = len(window)
    last = normalize_data_format(data_format) == "channels_last"
    steps = tuple_of(strides, rank, "strides")
    dilation = tuple_of(dilation_rate, rank, "dilation_rate")
    if padding not in ("valid", "same"):
        raise ValueError(
            f"Unknown padding {padding!r} of a transposed convolution: 'valid' or 'same'."
        )
    first = 1 if last else 2
    wanted = [output_shape[i] for i in range(first, first + rank)]
    if any(size is None for size in wanted):
        raise ValueError(
            "The output_shape of a transposed convolution has a number or a tensor for each "
            f"spatial axis, got {tuple(output_shape)}."
        )
    sizes, moving = sizes_of(wanted)
    pairs = _pairs(sizes, window, steps, padding, dilation)
    return convolution_transpose(x, kernel, moving, sizes, steps, pairs, dilation, last, 1)


def depthwise(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Each channel convolved on its own; kernels stand as (*window, channels, multiplier)."""
    sizes = window_of(kernel)
    grouped = reshape(kernel, (*sizes[:-2], 1, sizes[-2] * sizes[-1]))
    return conv(x, grouped, strides, padding, data_format, dilation_rate, sizes[-2])


def separable(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """A depthwise convolution, then one of window 1 that mixes the channels."""
    made = depthwise(x, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(made, pointwise_kernel, 1, "valid", data_format)


# ---- the names of K


def conv1d(
    x: Any,
    kernel: Any,
    strides: int = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int = 1,
) -> Any:
    """A convolution over time: (batch, steps, n), (window, n, filters) -> (batch, new steps,
    filters).

    With padding 'causal', no output depends on a later input.
    """
    return _of_rank(1, conv, x, kernel, strides, padding, data_format, dilation_rate)


def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """A convolution over images: (batch, h, w, n), (*window, n, filters) -> (batch, h', w',
    filters)."""
    return _of_rank(2, conv, x, kernel, strides, padding, data_format, dilation_rate)


def conv3d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1, 1),
) -> Any:
    """A convolution over volumes: (batch, d, h, w, n), (*window, n, filters) -> (..., filters)."""
    return _of_rank(3, conv, x, kernel, strides, padding, data_format, dilation_rate)


def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """What `conv2d` maps to `x`, seen backwards; kernels stand as (*window, channels out, in)."""
    return _of_rank(
        2, conv_transpose, x, kernel, output_shape, strides, padding, data_format, dilation_rate
    )


def conv3d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """What `conv3d` maps to `x`, seen backwards; kernels stand as (*window, channels out, in)."""
    return _of_rank(3, conv_transpose, x, kernel, output_shape, strides, padding, data_format)


def depthwise_conv2d(
    x: Any,
    depthwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Each channel on its own: (batch, h, w, n), (*window, n, m) -> (batch, h', w', n * m)."""
    return _of_rank(2, depthwise, x, depthwise_kernel, strides, padding, data_format, dilation_rate)


def separable_conv1d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Each channel on its own over time, (window, n, m), then mixed, (1, n * m, filters)."""
    return _of_rank(
        1,
        separable,
        x,
        depthwise_kernel,
        pointwise_kernel,
        strides,
        padding,
        data_format,
        dilation_rate,
    )


def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Each channel on its own, (*window, n, m), then mixed, (1, 1, n * m, filters)."""
    return _of_rank(
        2,
        separable,
        x,
        depthwise_kernel,
        pointwise_kernel,
        strides,
        padding,
        data_format,
        dilation_rate,
    )


def _of_rank(rank: int, function: Any, x: Any, kernel: Any, *arguments: Any) -> Any:
    sizes = shape_of(kernel)
    if len(sizes) != rank + 2:
        raise ValueError(
            f"The kernel of a {rank}-D convolution has {rank + 2} dimensions, "
            f"got shape {tuple(sizes)}."
        )
    return function(x, kernel, *arguments)

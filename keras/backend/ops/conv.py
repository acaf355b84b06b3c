"""Convolutions of any rank and their two gradients, which are products of the same kind.

Kernels stand as (*window, channels in, channels out), whatever the data format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..config import normalize_data_format
from ..graph.dtypes import dtype_of, promoted
from ..graph.op import gradient, op
from ..graph.shapes import conv_size, explicit_padding, shape_of
from ..graph.tensor import Spec, Tensor, Tensors
from .arrange import reshape, shape, sizes_of

Padding = Any  # a name, or a pair (before, after) for each spatial axis


def spatial(sizes: Sequence[int | None], channels_last: bool) -> tuple[int | None, ...]:
    """The sizes of the spatial axes."""
    return tuple(sizes[1:-1] if channels_last else sizes[2:])


def laid_out(batch: Any, space: Sequence[Any], channels: Any, channels_last: bool) -> tuple[Any, ...]:
    """A shape in the given data format."""
    return (batch, *space, channels) if channels_last else (batch, channels, *space)


def channels_of(sizes: Sequence[int | None], channels_last: bool) -> int | None:
    return sizes[-1] if channels_last else sizes[1]


def _space_after(
    space: Sequence[int | None], window: Sequence[int], strides: Any, padding: Padding, dilation: Any
) -> tuple[int | None, ...]:
    pairs = padding if isinstance(padding, tuple) else (padding,) * len(window)
    return tuple(
        conv_size(s, k, t, p, d)
        for s, k, t, p, d in zip(space, window, strides, pairs, dilation, strict=True)
    )


@op
def convolution(x: Tensor, kernel: Tensor, strides, padding, dilation, channels_last, groups):
    """The correlation of `x` with a kernel, channels in `groups`."""
    sizes, window = shape_of(x), shape_of(kernel)
    rank = len(window) - 2
    if len(sizes) != rank + 2:
        raise ValueError(
            f"A {rank}-D convolution needs an input with {rank + 2} dimensions, got shape {tuple(sizes)}."
        )
    channels = channels_of(sizes, channels_last)
    if channels is not None and channels != window[-2] * groups:
        raise ValueError(
            f"A kernel of shape {tuple(window)} takes {window[-2] * groups} channels, got an input of "
            f"shape {tuple(sizes)} with {channels}."
        )
    space = _space_after(spatial(sizes, channels_last), window[:-2], strides, padding, dilation)
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
    g: Tensor, kernel: Tensor, moving: Tensors, space, strides, padding, dilation, channels_last, groups
):
    """The transpose of a convolution: its gradient with respect to an input of size `space`."""
    sizes, window = shape_of(g), shape_of(kernel)
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
        raise ValueError(f"Unknown padding {padding!r}; known are 'valid', 'same', 'causal', 'full'.")
    space = spatial(shape_of(x), last)
    pairs = [
        explicit_padding(s, k, t, padding, d)
        for s, k, t, d in zip(space, window, strides, dilation, strict=True)
    ]
    return padding if None in pairs else tuple(pairs)


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
    window = shape_of(kernel)[:-2]
    rank = len(window)
    last = normalize_data_format(data_format) == "channels_last"
    steps = tuple_of(strides, rank, "strides")
    dilation = tuple_of(dilation_rate, rank, "dilation_rate")
    if max(steps) > 1 and max(dilation) > 1:
        raise ValueError(f"strides {steps} and dilation_rate {dilation} can't both be above 1.")
    pairs = settled_padding(x, window, steps, padding, dilation, last)  # type: ignore[arg-type]  # kernels have known sizes
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
    window = shape_of(kernel)[:-2]
    rank = len(window)
    last = normalize_data_format(data_format) == "channels_last"
    steps = tuple_of(strides, rank, "strides")
    dilation = tuple_of(dilation_rate, rank, "dilation_rate")
    if padding not in ("valid", "same"):
        raise ValueError(f"Unknown padding {padding!r} of a transposed convolution: 'valid' or 'same'.")
    sizes, moving = sizes_of(output_shape)
    sizes = spatial(sizes, last)
    given = iter(moving[len(moving) - list(sizes).count(None) :] if last is False else _space_only(output_shape, moving))
    inner = [next(given) for s in sizes if s is None]
    if None in sizes and padding == "same" and max(steps) > 1:
        pairs: Padding = "same"
    else:
        pairs = tuple(
            explicit_padding(s, k, t, padding, d)  # type: ignore[arg-type]  # kernels have known sizes
            for s, k, t, d in zip(sizes, window, steps, dilation, strict=True)
        )
    return convolution_transpose(x, kernel, inner, sizes, steps, pairs, dilation, last, 1)


def _space_only(output_shape: Any, moving: list[Any]) -> list[Any]:
    """Of the computed sizes of a channels-last shape, those of spatial axes."""
    parts = list(output_shape) if isinstance(output_shape, (list, tuple)) else moving
    return [s for s in parts[1:-1] if isinstance(s, Tensor)]


def depthwise(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Each channel convolved on its own; kernels stand as (*window, channels, multiplier)."""
    sizes = shape_of(kernel)
    grouped = reshape(kernel, (*sizes[:-2], 1, sizes[-2] * sizes[-1]))  # type: ignore[operator]  # kernels have known sizes
    return conv(x, grouped, strides, padding, data_format, dilation_rate, sizes[-2])  # type: ignore[arg-type]


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


# ---- pooling


@op(name="pool")
def pool(x: Tensor, window, strides, padding, channels_last, mode):
    """The greatest value, or the mean, in each window (zeros around the edge don't count)."""
    sizes = shape_of(x)
    if len(sizes) != len(window) + 2:
        raise ValueError(
            f"{len(window)}-D pooling needs an input with {len(window) + 2} dimensions, got shape "
            f"{tuple(sizes)}."
        )
    space = _space_after(spatial(sizes, channels_last), window, strides, padding, (1,) * len(window))
    return Spec(
        laid_out(sizes[0], space, channels_of(sizes, channels_last), channels_last),
        dtype_of(x),
        window=window,
        strides=strides,
        padding=padding,
        channels_last=channels_last,
        mode=mode,
    )


def pool_nd(
    x: Any, pool_size: Any, strides: Any, padding: str, data_format: str | None, pool_mode: str
) -> Any:
    """Pooling of the rank that the input has."""
    rank = len(shape_of(x)) - 2
    last = normalize_data_format(data_format) == "channels_last"
    window = tuple_of(pool_size, rank, "pool_size")
    steps = tuple_of(strides, rank, "strides")
    if pool_mode not in ("max", "avg"):
        raise ValueError(f"Unknown pool_mode {pool_mode!r}; it is 'max' or 'avg'.")
    if padding not in ("valid", "same"):
        raise ValueError(f"Unknown padding {padding!r} of a pool; it is 'valid' or 'same'.")
    pairs = settled_padding(x, window, steps, padding, (1,) * rank, last)
    return pool(x, window, steps, pairs, last, pool_mode)



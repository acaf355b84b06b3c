"""Rows of convolutions and pools.

A `channels_last` array seen with its axes permuted *is* a channels-last array of torch: the fast
kernels take it without a copy, and what they return is contiguous again once permuted back. One
spatial axis is treated as two, the first of length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from ...graph.shapes import explicit_padding
from ...ops.arrange import fill_in
from ..protocol import Prepared
from . import tapes
from .elementwise import aten
from .kept import Kept

Pairs = tuple[tuple[int, int], ...]
Turn = Callable[[Any], Any]


class Layout:
    """How arrays of one rank and data format become torch's (batch, channels, *space) and back."""

    def __init__(self, rank: int, channels_last: bool) -> None:
        self.flat = rank == 1
        axes = rank + 2
        self.last = channels_last
        self.enter, self.leave = _ways(rank, channels_last)
        self.kernel_in = (axes - 1, axes - 2, *range(axes - 2))
        self.kernel_out = (*range(2, axes), 1, 0)

    def kernel(self, k: Any) -> Any:
        k = k.permute(self.kernel_in)
        return k.unsqueeze(2) if self.flat else k

    def kernel_back(self, k: Any) -> Any:
        k = k.squeeze(2) if self.flat else k
        return k.permute(self.kernel_out)

    def tuple(self, values: Sequence[int], first: int = 1) -> tuple[int, ...]:
        return (first, *values) if self.flat else tuple(values)


def _ways(rank: int, channels_last: bool) -> tuple[Turn, Turn]:
    """Arrays of one rank and data format to torch's (batch, channels, *space), and back."""
    there, back = (0, rank + 1, *range(1, rank + 1)), (0, *range(2, rank + 2), 1)
    if rank == 1 and channels_last:
        return lambda x: x.permute(there).unsqueeze(2), lambda x: x.squeeze(2).permute(back)
    if rank == 1:
        return lambda x: x.unsqueeze(2), lambda x: x.squeeze(2)
    if channels_last:
        return lambda x: x.permute(there), lambda x: x.permute(back)
    return lambda x: x, lambda x: x


def kernels(layout: Layout) -> Kept:
    """Kernels in torch's order of axes, for one step of a program."""
    order = torch.contiguous_format
    if layout.last:
        order = torch.channels_last if len(layout.kernel_in) < 5 else torch.channels_last_3d

    def keep(kernel: Any) -> Any:
        return layout.kernel(kernel).contiguous(memory_format=order)

    return Kept(layout.kernel, keep)


class Window:
    """The settled arguments of a convolution, in torch's terms."""

    def __init__(
        self, window: Sequence[int], strides: Any, padding: Any, dilation: Any, channels_last: bool
    ) -> None:
        self.layout = Layout(len(window), channels_last)
        self.window, self.strides, self.dilation = window, strides, dilation
        self.named = padding if isinstance(padding, str) else None
        self.pairs: Pairs | None = None if self.named else padding
        self.stride = self.layout.tuple(strides)
        self.dilate = self.layout.tuple(dilation)

    def settle(self, space: Sequence[int]) -> Pairs:
        """The zeros around each axis of this size."""
        if self.pairs is not None:
            return self.pairs
        assert self.named is not None
        return tuple(
            explicit_padding(s, k, t, self.named, d)  # type: ignore[misc]  # sizes are known while running
            for s, k, t, d in zip(space, self.window, self.strides, self.dilation, strict=True)
        )

    def even(self, pairs: Pairs) -> tuple[int, ...] | None:
        """Torch's own padding, where both sides are equal."""
        if all(a == b for a, b in pairs):
            return self.layout.tuple([a for a, _ in pairs], 0)
        return None


def around(x: Any, pairs: Pairs, value: float = 0.0) -> Any:
    """Values around the spatial axes of a torch-ordered array, its memory order kept."""
    if torch.is_grad_enabled():
        return F.pad(x, [n for pair in reversed(pairs) for n in pair], value=value)
    # Torch would fill all of it first.
    first = x.dim() - len(pairs)
    sizes = [n + a + b for n, (a, b) in zip(x.shape[first:], pairs, strict=True)]
    made = _like((*x.shape[:first], *sizes), x, not x.is_contiguous())
    inner, edges = made, []
    for axis, (a, b) in enumerate(pairs, first):
        size = x.shape[axis]
        for start, length in ((0, a), (a + size, b)):
            if length:
                edges.append(inner.narrow(axis, start, length))
        inner = inner.narrow(axis, a, size)
    inner.copy_(x)
    for edge in edges:
        edge.fill_(value)
    return made


def _space(x: Any, layout: Layout) -> Any:
    return x.shape[-1:] if layout.flat else x.shape[2:]


def _padded(x: Any, given: Window) -> tuple[Any, tuple[int, ...]]:
    """The input, padded where torch can't do it itself, and the padding that is left to torch."""
    pairs = given.settle(_space(x, given.layout))
    even = given.even(pairs)
    if even is not None:
        return x, even
    return around(x, pairs), given.layout.tuple([0] * len(pairs), 0)


def _convolution(
    inputs: Any, strides: Any, padding: Any, dilation: Any, channels_last: bool, groups: int
) -> Any:
    given = Window(inputs[1].shape[:-2], strides, padding, dilation, channels_last)
    return _run(given, groups)


def with_bias(inputs: Any, settled: dict[str, Any], relu: bool, least: int | None = None) -> Any:
    """`function(x, kernel, bias)`: the convolution with its bias, and what is above zero of that;
    `least`: from how many numbers of a single sample on oneDNN does it."""
    kinds = ("strides", "padding", "dilation", "channels_last")
    given = Window(inputs[1].shape[:-2], *(settled[k] for k in kinds))
    return _run(given, settled["groups"], relu, SMALL if least is None else least)


def scaled(inputs: Any, settled: dict[str, Any]) -> Any:
    """`function(kernel, factor)`: the kernel by a factor for each channel it makes, in the memory
    order that the fast functions want."""
    layout = Layout(len(inputs[1].shape) - 2, settled["channels_last"])
    keep = kernels(layout).keep
    return lambda kernel, factor: layout.kernel_back(keep(kernel * factor))


SMALL = 20_480  # numbers of a single sample up to which torch itself takes a plain product


def _run(given: Window, groups: int, relu: bool = False, least: int = SMALL) -> Any:
    enter, leave, kernel_of = given.layout.enter, given.layout.leave, kernels(given.layout)
    run_one: Callable[..., Any] = F.conv3d if len(given.stride) == 3 else F.conv2d
    stride, dilate = given.stride, given.dilate
    even = given.even(given.pairs) if given.pairs is not None else None

    def simple(x: Any, kernel: Any, bias: Any = None) -> Any:
        made = run_one(enter(x), kernel_of(kernel), bias, stride, even, dilate, groups)
        return leave(made.relu_() if relu else made)

    def general(x: Any, kernel: Any, bias: Any = None) -> Any:
        x, left = _padded(enter(x), given)
        made = run_one(x, kernel_of(kernel), bias, stride, left, dilate, groups)
        return leave(made.relu_() if relu else made)

    if even is None or (relu and len(even) != 2):
        return general
    return _pointed(simple, given, even, groups, relu, least) if fuses_relu() else simple


def _pointed(
    simple: Callable[..., Any],
    given: Window,
    even: tuple[int, ...],
    groups: int,
    relu: bool,
    least: int,
) -> Callable[..., Any]:
    """The convolution by oneDNN's own function, where that is the faster one.

    It does the last step while the numbers are at hand, and takes kernels in the order that it has
    chosen itself, which spares it to put them there each time.
    """
    enter, leave, turned = given.layout.enter, given.layout.leave, given.layout.kernel
    stride, dilate, last = given.stride, given.dilate, "relu" if relu else "none"
    watched = torch.is_grad_enabled
    # The shape and the kernel of the call before, its version, and how it was packed.
    same: tuple[Any, Any, int, Any] = (None, lambda: None, -1, None)

    def kernels_for(shape: Sequence[int]) -> tuple[int, Kept]:
        def pack(kernel: Any) -> Any:
            return _packed(turned(kernel), even, stride, dilate, groups, shape)

        return shape[0], Kept(turned, pack)

    kernel_of: tuple[int, Kept] = (0, Kept(turned, turned))  # the order depends on the batch size

    def pointed(x: Any, kernel: Any, bias: Any = None) -> Any:
        nonlocal kernel_of, same
        shape, known, version, packed = same
        if known() is kernel and version == kernel._version and shape == x.shape and not watched():
            x = enter(x)
            return leave(
                _pointwise(x, packed, bias, even, stride, dilate, groups, last, NONE, None)
            )
        plain = x.dtype is not torch.float32 or not x.is_cpu or len(even) != 2 or not x.numel()
        if plain or (len(x) == 1 and x.numel() <= least) or watched():
            return simple(x, kernel, bias)
        shape, x, (size, keep) = x.shape, enter(x), kernel_of
        if size != shape[0]:
            size, keep = kernel_of = kernels_for(x.shape)
        packed = keep(kernel)
        if packed.is_mkldnn:
            same = shape, *keep.state
        elif not relu:
            return leave(F.conv2d(x, packed, bias, stride, even, dilate, groups))
        return leave(_pointwise(x, packed, bias, even, stride, dilate, groups, last, NONE, None))

    return pointed


def fuses_relu() -> bool:
    """Whether this torch has oneDNN's convolution with a function at its end."""
    mkldnn: Any = torch.backends.mkldnn
    wanted = ("_convolution_pointwise", "_reorder_convolution_weight")
    return mkldnn.is_available() and all(hasattr(torch.ops.mkldnn, name) for name in wanted)


_pointwise: Any = torch.ops.mkldnn._convolution_pointwise.default if fuses_relu() else None
NONE: list[float] = []  # numbers that the function at the end of a convolution takes
_packed: Any = torch.ops.mkldnn._reorder_convolution_weight if fuses_relu() else None


def _transpose(
    inputs: Any,
    space: Any,
    strides: Any,
    padding: Any,
    dilation: Any,
    channels_last: bool,
    groups: int,
) -> Any:
    given = Window(inputs[1].shape[:-2], strides, padding, dilation, channels_last)
    layout = given.layout
    backward = aten.convolution_backward.default
    zeros = [0] * len(given.stride)

    def run(g: Any, kernel: Any, *moving: Any) -> Any:
        sizes = fill_in(space, moving)
        pairs = given.settle(sizes)
        even = given.even(pairs)
        if even is None:
            sizes_around = tuple(s + a + b for s, (a, b) in zip(sizes, pairs, strict=True))
        else:
            sizes_around = sizes
        g, kernel = layout.enter(g), layout.kernel(kernel)
        channels = kernel.shape[1] * groups
        shape = (g.shape[0], channels, *layout.tuple(sizes_around))
        like = _like(shape, g, channels_last)
        left = even if even is not None else zeros
        made = backward(
            g, like, kernel, None, given.stride, left, given.dilate, False, zeros, groups,
            (True, False, False),
        )[0]  # fmt: skip
        if even is None:
            cut = tuple(slice(a, a + s) for s, (a, _) in zip(sizes, pairs, strict=True))
            made = made[(slice(None), slice(None), *((slice(None),) if layout.flat else ()), *cut)]
        return layout.leave(made)

    return run


def _like(shape: tuple[int, ...], g: Any, channels_last: bool) -> Any:
    """An array of which only shape and memory order matter."""
    order = torch.contiguous_format
    if channels_last:
        order = torch.channels_last_3d if len(shape) == 5 else torch.channels_last
    return torch.empty(shape, dtype=g.dtype, device=g.device, memory_format=order)


def _kernel(
    inputs: Any,
    window: Any,
    strides: Any,
    padding: Any,
    dilation: Any,
    channels_last: bool,
    groups: int,
) -> Any:
    given = Window(window, strides, padding, dilation, channels_last)
    layout = given.layout
    backward = aten.convolution_backward.default
    zeros = [0] * len(given.stride)

    def run(x: Any, g: Any) -> Any:
        x, left = _padded(layout.enter(x), given)
        g = layout.enter(g)
        shape = (g.shape[1], x.shape[1] // groups, *layout.tuple(window))
        like = _like(shape, g, channels_last)
        made = backward(
            g, x, like, None, given.stride, left, given.dilate, False, zeros, groups,
            (False, True, False),
        )[1]  # fmt: skip
        return layout.kernel_back(made)

    return run


# ---- pools


def _pool(
    inputs: Any, window: Any, strides: Any, padding: Any, channels_last: bool, mode: str
) -> Any:
    given = Window(window, strides, padding, (1,) * len(window), channels_last)
    layout = given.layout
    size = layout.tuple(window)
    volume = len(size) == 3
    if mode == "max":
        run_max: Callable[..., Any] = torch.max_pool3d if volume else torch.max_pool2d
        stride, enter, leave = given.stride, layout.enter, layout.leave
        fixed = _roomy(given, given.pairs) if given.pairs is not None else None

        def greatest(x: Any) -> Any:
            x, left = _room(enter(x), given, -torch.inf)
            return leave(run_max(x, size, stride, left))

        if fixed is None:
            return greatest
        return lambda x: leave(run_max(enter(x), size, stride, fixed))
    run_mean: Callable[..., Any] = F.avg_pool3d if volume else F.avg_pool2d

    def average(x: Any) -> Any:
        x = layout.enter(x)
        pairs = given.settle(_space(x, layout))
        even = _roomy(given, pairs)
        if even is not None:
            return layout.leave(run_mean(x, size, given.stride, even, count_include_pad=False))
        counts = around(torch.ones_like(x[:1, :1]), pairs)
        total = run_mean(around(x, pairs), size, given.stride)
        return layout.leave(total / run_mean(counts, size, given.stride))

    return _in_single(average) if volume and inputs[0].dtype == "float16" else average


def _in_single(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Half precision by way of single precision, on CPUs: torch has no kernel there."""

    def run(x: Any) -> Any:
        return function(x) if x.device.type != "cpu" else function(x.float()).half()

    return run


def _roomy(given: Window, pairs: Pairs) -> tuple[int, ...] | None:
    """A pool's padding, if torch can do it: equal on both sides, and at most half a window."""
    even, size = given.even(pairs), given.layout.tuple(given.window)
    if even is None or any(2 * p > k for p, k in zip(even, size, strict=True)):
        return None
    return even


def _room(x: Any, given: Window, value: float) -> tuple[Any, tuple[int, ...]]:
    """A pool's input with its surroundings, by torch where it can."""
    pairs = given.settle(_space(x, given.layout))
    even = _roomy(given, pairs)
    if even is not None:
        return x, even
    return around(x, pairs, value), given.layout.tuple([0] * len(pairs), 0)


def _max_pool_forward(
    x: Any, window: Any, strides: Any, padding: Any, channels_last: bool, mode: str
) -> tuple[Any, Any]:
    given = Window(window, strides, padding, (1,) * len(window), channels_last)
    layout = given.layout
    size = layout.tuple(window)
    if len(size) == 3 or mode != "max":
        function = _pool((x,), window, strides, padding, channels_last, mode)
        leaf = x.detach().requires_grad_()
        with torch.enable_grad():
            made = function(leaf)
        return made.detach(), ("autograd", made, leaf)
    entered = layout.enter(x)
    inner, left = _room(entered, given, -torch.inf)
    made, where = torch._C._nn.max_pool2d_with_indices(inner, size, given.stride, left)
    return layout.leave(made), (given, inner, where, left, entered.shape)


def _max_pool_backward(saved: Any, wanted: Any, g: Any) -> tuple[Any, ...]:
    if saved[0] == "autograd":
        _, made, leaf = saved
        return tuple(torch.autograd.grad(made, leaf, g, retain_graph=True))
    given, inner, where, left, shape = saved
    layout = given.layout
    size = layout.tuple(given.window)
    ones = (1,) * len(size)
    sent = aten.max_pool2d_with_indices_backward.default(
        layout.enter(g), inner, size, given.stride, left, ones, False, where
    )
    if inner.shape != shape:
        pairs = given.settle(shape[-1:] if layout.flat else shape[2:])
        space = shape[-1:] if layout.flat else shape[2:]
        cut = tuple(slice(a, a + s) for s, (a, _) in zip(space, pairs, strict=True))
        sent = sent[(slice(None), slice(None), *((slice(None),) if layout.flat else ()), *cut)]
    return (layout.leave(sent),)


tapes.EXPLICIT["pool"] = (_max_pool_forward, _max_pool_backward)

TABLE: dict[str, Any] = {
    "convolution": Prepared(_convolution),
    "convolution_transpose": Prepared(_transpose),
    "convolution_kernel": Prepared(_kernel),
    "pool": Prepared(_pool),
}

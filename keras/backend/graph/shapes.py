"""Shape arithmetic with `None` for what is not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .dtypes import no_tensor
from .tensor import lifted

Dims = tuple[int | None, ...]


def shape_of(value: Any) -> Dims:
    """The static shape of a tensor or description; a Python number has none."""
    if value is None:
        raise no_tensor()
    if type(value) in (bool, int, float):
        return ()
    shape: Any = lifted(value).shape
    return (
        shape if isinstance(shape, tuple) else tuple(shape)
    )  # engines may have types of their own


def check_rank(shape: Dims, rank: int, who: str) -> None:
    """Complain about an input of the wrong number of dimensions."""
    if len(shape) != rank:
        raise ValueError(f"{who} needs an input with {rank} dimensions, got shape {tuple(shape)}.")


def product(sizes: Iterable[int | None]) -> int | None:
    """The product, `None` if a factor is unknown."""
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def broadcast(*shapes: Dims, who: str = "") -> Dims:
    """The common shape of operands that numpy's rules stretch to each other.

    >>> broadcast((None, 3), (3,)), broadcast((2, 1), (1, 5)), broadcast((None,), (4,))
    ((None, 3), (2, 5), (4,))
    """
    if len(shapes) == 2 and shapes[0] == shapes[1]:
        return shapes[0]
    rank = max(map(len, shapes))
    result: list[int | None] = []
    for axis in range(-rank, 0):
        size: int | None = 1
        for shape in shapes:
            other = shape[axis] if -axis <= len(shape) else 1
            if size == 1 or (size is None and other not in (1, None)):
                size = other
            elif other not in (1, None, size):
                listed = " and ".join(str(tuple(s)) for s in shapes)
                raise ValueError(f"{who or 'Operands'}: shapes {listed} don't fit together.")
        result.append(size)
    return tuple(result)


def axis_of(axis: int, rank: int, who: str = "axis") -> int:
    """A single axis, counted from the front."""
    number = int(axis)
    if not -rank <= number < max(rank, 1):
        raise ValueError(
            f"{who}: axis {axis} is out of range for a tensor with {rank} dimension(s)."
        )
    return number % rank if rank else 0


def axes_of(axis: int | Iterable[int] | None, rank: int, who: str = "axis") -> tuple[int, ...]:
    """The axes that an `axis` argument means, counted from the front, in order, without repeats.

    >>> axes_of(None, 3), axes_of(-1, 3), axes_of((0, -1), 3), axes_of(range(1, 3), 3)
    ((0, 1, 2), (2,), (0, 2), (1, 2))
    """
    if axis is None:
        return tuple(range(rank))
    given: Any = axis  # a number, also numpy's, or numbers: also an array or a range
    listed = given if isinstance(given, (list, tuple)) else np.ravel(given)
    return tuple(sorted({axis_of(a, rank, who) for a in listed}))


def without(shape: Dims, axes: Sequence[int], keepdims: bool) -> Dims:
    """What a reduction over `axes` leaves."""
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in axes)


def reshaped(shape: Dims, target: Sequence[int | None], who: str) -> Dims:
    """The shape after a reshape: -1 is worked out where it can be, else it stays `None`."""
    known, total = product(s for s in target if s != -1), product(shape)
    if list(target).count(-1) > 1:
        raise ValueError(f"{who}: more than one -1 in {tuple(target)}.")
    result: list[int | None] = [None if s in (-1, None) else int(s) for s in target]
    if total is not None and known is not None:
        if -1 in target:
            if not known or total % known:
                raise ValueError(f"{who}: {tuple(shape)} can't be reshaped to {tuple(target)}.")
            result[list(target).index(-1)] = total // known
        elif known != total:
            raise ValueError(f"{who}: {tuple(shape)} can't be reshaped to {tuple(target)}.")
    return tuple(result)


def conv_size(
    size: int | None, kernel: int, stride: int, padding: str | tuple[int, int], dilation: int = 1
) -> int | None:
    """The length of a convolution's or pool's output along one axis.

    >>> conv_size(28, 3, 1, "valid"), conv_size(28, 3, 2, "same"), conv_size(10, 3, 1, "full")
    (26, 14, 12)
    """
    if size is None:
        return None
    reach = (kernel - 1) * dilation + 1
    if isinstance(padding, tuple):
        length = size + padding[0] + padding[1] - reach + 1
    elif padding in ("same", "causal"):
        length = size
    elif padding == "valid":
        length = size - reach + 1
    elif padding == "full":
        length = size + reach - 1
    else:
        raise ValueError(
            f"Unknown padding {padding!r}; known are 'valid', 'same', 'causal', 'full'."
        )
    return max(0, -(-length // stride))


def transposed_size(
    size: int | None,
    kernel: int,
    stride: int,
    padding: str,
    extra: int | None = None,
    dilation: int = 1,
) -> int | None:
    """The length that a convolution with these arguments maps to `size`: a transposed one's
    output."""
    if size is None:
        return None
    reach = (kernel - 1) * dilation + 1
    if extra is None:
        if padding == "same":
            return size * stride
        return size * stride + (
            max(reach - stride, 0) if padding == "valid" else 2 - stride - reach
        )
    pad = {"same": reach // 2, "valid": 0, "full": reach - 1}[padding]
    return (size - 1) * stride + reach - 2 * pad + extra


def explicit_padding(
    size: int | None, kernel: int, stride: int, padding: str, dilation: int = 1
) -> tuple[int, int] | None:
    """Zeros before and after; `None` if 'same' depends on a length that is not known yet."""
    reach = (kernel - 1) * dilation + 1
    if padding == "valid":
        return 0, 0
    if padding == "causal":
        return reach - 1, 0
    if padding == "full":
        return reach - 1, reach - 1
    if stride == 1:
        total = reach - 1
    elif size is None:
        return None
    else:
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2

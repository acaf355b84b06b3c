"""Images and volumes: zeros around them, and more pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..config import normalize_data_format
from ..graph.dtypes import dtype_of
from ..graph.op import composed, composite, constant, gradient, is_symbolic
from ..graph.runtime import ready
from ..graph.shapes import check_rank, shape_of
from ..graph.tensor import Tensor
from .arrange import concatenate, expand_dims, pad, repeat_elements, reshape, size_of
from .index import getitem
from .reduce import sum


def temporal_padding(x: Any, padding: Sequence[int] = (1, 1)) -> Any:
    """(batch, time, n): zeros before and after along time."""
    return pad(x, ((0, 0), *_pairs([padding], 1), (0, 0)))


def spatial_2d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Zeros around images: above and below, left and right."""
    return _padded(x, padding, data_format, 2)


def spatial_3d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Zeros around volumes, before and after along each axis."""
    return _padded(x, padding, data_format, 3)


def _padded(x: Any, padding: Any, data_format: str | None, rank: int) -> Any:
    around = _pairs(padding, rank)
    check_rank(shape_of(x), rank + 2, f"{rank}-D padding")
    if normalize_data_format(data_format) == "channels_last":
        return pad(x, ((0, 0), *around, (0, 0)))
    return pad(x, ((0, 0), (0, 0), *around))


def _pairs(padding: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """(before, after) for each axis; a single number is for both sides."""
    pairs = tuple((p, p) if isinstance(p, int) else tuple(int(n) for n in p) for p in padding)
    if len(pairs) != rank or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
        raise ValueError(f"`padding` has {rank} pair(s) (before, after), got {padding!r}.")
    return pairs  # type: ignore[return-value]  # each has two, as just checked


# ---- more pixels


@composite
def upsample(x: Tensor, factors, channels_last):
    """Each pixel repeated `factors[i]` times along the spatial axis i."""
    for axis, factor in enumerate(factors, 1 if channels_last else 2):
        x = repeat_elements(x, factor, axis)
    return x


@gradient(upsample)
def _(g, y, x, factors, channels_last):
    first = 1 if channels_last else 2
    sizes: list[Any] = [size_of(x, i) for i in range(first)]
    for axis, factor in enumerate(factors, first):
        sizes += [size_of(x, axis), factor]
    if channels_last:
        sizes.append(size_of(x, len(shape_of(x)) - 1))
    return sum(reshape(g, sizes), tuple(range(first + 1, first + 2 * len(factors), 2)))


@composed
def resize_images(
    x: Tensor,
    height_factor: int,
    width_factor: int,
    data_format: str | None,
    interpolation: str = "nearest",
) -> Any:
    """Images with more pixels, by whole factors: 'nearest' repeats them, 'bilinear' fills in
    between.

    Corners stay where they are: pixel i of the input is pixel `factor * i` of the output.
    """
    last = normalize_data_format(data_format) == "channels_last"
    factors = int(height_factor), int(width_factor)
    if interpolation == "nearest":
        return upsample(x, factors, last)
    if interpolation != "bilinear":
        raise ValueError(f"Unknown interpolation {interpolation!r}; it is 'nearest' or 'bilinear'.")
    for axis, factor in enumerate(factors, 1 if last else 2):
        x = _filled_between(x, factor, axis)
    return x


def _filled_between(x: Any, factor: int, axis: int) -> Any:
    """Linear interpolation along an axis; beyond the last value it is repeated."""
    if factor == 1:
        return x
    rank = len(shape_of(x))
    before: tuple[Any, ...] = (slice(None),) * axis
    following = concatenate(
        [getitem(x, (*before, slice(1, None))), getitem(x, (*before, slice(-1, None)))], axis
    )
    steps = np.arange(factor).reshape((factor,) + (1,) * (rank - axis - 1)) / factor
    share = constant(steps, x.dtype) if is_symbolic(x) else ready(steps.astype(dtype_of(x)))
    here, there = expand_dims(x, axis + 1), expand_dims(following, axis + 1)
    mixed = here + (there - here) * share
    sizes = [size_of(x, i) for i in range(rank)]
    sizes[axis] = sizes[axis] * factor
    return reshape(mixed, sizes)


def resize_volumes(
    x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str | None
) -> Any:
    """Volumes with more voxels: each repeated by whole factors."""
    last = normalize_data_format(data_format) == "channels_last"
    return upsample(x, (int(depth_factor), int(height_factor), int(width_factor)), last)

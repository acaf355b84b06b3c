"""Pooling of any rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import classic_defects, normalize_data_format
from ..graph.dtypes import dtype_of
from ..graph.op import op
from ..graph.shapes import check_rank, shape_of
from ..graph.tensor import Spec, Tensor
from .conv import channels_of, laid_out, settled_padding, space_after, spatial, tuple_of
from .truth import isnan, where


@op
def pool(x: Tensor, window, strides, padding, channels_last, mode):
    """The greatest value, or the mean, in each window; what lies outside of the edge doesn't
    count."""
    sizes = shape_of(x)
    space = space_after(spatial(sizes, channels_last), window, strides, padding, (1,) * len(window))
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
    rank: int,
    x: Any,
    pool_size: Any,
    strides: Any,
    padding: str,
    data_format: str | None,
    pool_mode: str,
) -> Any:
    """Pooling over `rank` axes, the arguments checked."""
    last = normalize_data_format(data_format) == "channels_last"
    check_rank(shape_of(x), rank + 2, f"{rank}-D pooling")
    window = tuple_of(pool_size, rank, "pool_size")
    steps = tuple_of(strides, rank, "strides")
    if pool_mode not in ("max", "avg"):
        raise ValueError(f"Unknown pool_mode {pool_mode!r}; it is 'max' or 'avg'.")
    if padding not in ("valid", "same"):
        raise ValueError(f"Unknown padding {padding!r} of a pool; it is 'valid' or 'same'.")
    pairs = settled_padding(x, window, steps, padding, (1,) * rank, last)
    if pool_mode == "max" and classic_defects():
        x = where(isnan(x), float(np.finfo(dtype_of(x)).min), x)
    return pool(x, window, steps, pairs, last, pool_mode)


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:
    """The greatest value ('max') or the mean ('avg') of each window of images."""
    return pool_nd(2, x, pool_size, strides, padding, data_format, pool_mode)


def pool3d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:
    """The greatest value ('max') or the mean ('avg') of each window of volumes."""
    return pool_nd(3, x, pool_size, strides, padding, data_format, pool_mode)

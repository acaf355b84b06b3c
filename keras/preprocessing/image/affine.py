"""Images turned, shifted, sheared and zoomed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .drawing import drawing
from .extras import ndimage

FILL_MODES = ("constant", "nearest", "reflect", "wrap")


def transform_matrix(
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
) -> np.ndarray:
    """Turn · shift · shear · zoom as one 3×3 matrix: from rows and columns to where to look.

    Angles are in degrees.
    """
    turn, lean = np.deg2rad(theta), np.deg2rad(shear)
    steps = (
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]],
        [[1, 0, tx], [0, 1, ty], [0, 0, 1]],
        [[1, -np.sin(lean), 0], [0, np.cos(lean), 0], [0, 0, 1]],
        [[zx, 0, 0], [0, zy, 0], [0, 0, 1]],
    )
    matrix: np.ndarray = np.linalg.multi_dot([np.array(s, dtype="float64") for s in steps])
    return matrix


def transform_matrix_offset_center(matrix: np.ndarray, x: float, y: float) -> np.ndarray:
    """A transformation about the middle of an image of x rows and y columns."""
    to_middle, back = np.eye(3), np.eye(3)
    to_middle[:2, 2] = x / 2 + 0.5, y / 2 + 0.5
    back[:2, 2] = -to_middle[:2, 2]
    moved: np.ndarray = to_middle @ matrix @ back
    return moved


def apply_affine_transform(
    x: Any,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 0,
    col_axis: int = 1,
    channel_axis: int = 2,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """An image turned by `theta` degrees, shifted by `tx` rows and `ty` columns, sheared, zoomed.

    It is done about the middle. What comes from outside the image is `cval` if `fill_mode` is
    "constant", else what "nearest", "reflect" or "wrap" finds there; `order`: of the spline between
    pixels.
    """
    image: np.ndarray = np.asarray(x)
    if (theta, tx, ty, shear, zx, zy) == (0, 0, 0, 0, 1, 1):
        return image
    matrix = transform_matrix(theta, tx, ty, shear, zx, zy)
    matrix = transform_matrix_offset_center(matrix, image.shape[row_axis], image.shape[col_axis])
    axes = (channel_axis, row_axis, col_axis)
    channels = np.moveaxis(image, axes, (0, 1, 2))
    changed = resampled(channels, matrix, fill_mode, cval, order)
    return np.moveaxis(changed, (0, 1, 2), axes)


def resampled(
    channels: np.ndarray, matrix: np.ndarray, fill_mode: str, cval: float, order: int
) -> np.ndarray:
    """Images of one channel each, all seen through the matrix."""
    return np.stack(
        [
            ndimage().affine_transform(
                channel, matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval
            )
            for channel in channels
        ]
    )


_Rest = tuple[int, int, int, str, float, int]
"""`row_axis`, `col_axis`, `channel_axis`, `fill_mode`, `cval` and the order of the spline."""


def _changed(
    x: Any,
    rest: _Rest,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
) -> np.ndarray:
    """An image transformed; `rest` is what all random transformations are told and pass on."""
    return apply_affine_transform(x, theta, tx, ty, shear, zx, zy, *rest)


def random_rotation(
    x: Any,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image turned by up to `rg` degrees either way."""
    rest = (row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)
    return _changed(x, rest, theta=drawing().uniform(-rg, rg))


def random_shift(
    x: Any,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image shifted by up to these shares of its width and height."""
    rest = (row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)
    tx = drawing().uniform(-hrg, hrg) * np.shape(x)[row_axis]
    ty = drawing().uniform(-wrg, wrg) * np.shape(x)[col_axis]
    return _changed(x, rest, tx=tx, ty=ty)


def random_shear(
    x: Any,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image sheared by up to `intensity` degrees either way."""
    rest = (row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)
    return _changed(x, rest, shear=drawing().uniform(-intensity, intensity))


def random_zoom(
    x: Any,
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image zoomed by factors between the two of `zoom_range`; below 1 it becomes larger."""
    if len(zoom_range) != 2:
        raise ValueError(f"`zoom_range` is a pair of factors, got {zoom_range!r}.")
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else drawing().uniform(*zoom_range, 2)
    rest = (row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order)
    return _changed(x, rest, zx=zx, zy=zy)

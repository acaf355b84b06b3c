"""Images turned, shifted and zoomed, against numpy written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.preprocessing import image
from keras.preprocessing.image.affine import transform_matrix

LAST = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}


def interpolated(x: np.ndarray, matrix: np.ndarray, mode: str, cval: float) -> np.ndarray:
    """One channel, bilinear: what lies outside by however little is `cval`, or the nearest pixel.

    That is SciPy's rule from before 1.6, which the original's numbers follow.
    """
    made = np.empty(x.shape)
    last = np.array(x.shape) - 1
    for place in np.ndindex(x.shape):
        there = (matrix @ [*place, 1])[:2]
        if mode == "constant" and (np.any(there < 0) or np.any(there > last)):
            made[place] = cval
            continue
        there = np.clip(there, 0, last)
        low = np.minimum(there.astype(int), np.maximum(last - 1, 0))
        part = there - low
        (a, b), (c, d) = x[low[0] : low[0] + 2, low[1] : low[1] + 2]
        upper, lower = (1 - part[1]) * a + part[1] * b, (1 - part[1]) * c + part[1] * d
        made[place] = (1 - part[0]) * upper + part[0] * lower
    return made


@pytest.mark.parametrize("mode", ["nearest", "constant"])
@pytest.mark.parametrize(
    "how",
    [
        {"theta": 23.0},
        {"theta": -130.0},
        {"tx": 1.3, "ty": -0.6},
        {"tx": 2, "ty": -1},
        {"shear": 12.0, "tx": 0.1},
        {"zx": 0.7, "zy": 1.4},
        {"theta": 15.0, "tx": 1.0, "ty": 0.3, "shear": -5.0, "zx": 1.2, "zy": 0.8},
    ],
)
def test_against_numpy(how: dict[str, Any], mode: str) -> None:
    x = np.random.uniform(0, 255, (6, 5, 2))
    made = image.apply_affine_transform(x, **how, **LAST, fill_mode=mode, cval=-9.0)
    matrix = image.transform_matrix_offset_center(transform_matrix(**how), 6, 5)
    for channel in range(2):
        expected = interpolated(x[..., channel], matrix, mode, -9.0)
        np.testing.assert_allclose(made[..., channel], expected, rtol=1e-6, atol=1e-6)


def test_the_axes_are_free() -> None:
    x = np.random.uniform(size=(4, 5, 3))
    last = image.apply_affine_transform(x, theta=30, zx=0.8, **LAST)
    first = image.apply_affine_transform(
        x.transpose(2, 0, 1), theta=30, zx=0.8, row_axis=1, col_axis=2, channel_axis=0
    )
    np.testing.assert_array_equal(first.transpose(1, 2, 0), last)


def test_nothing_to_do_is_nothing_done() -> None:
    x = np.random.uniform(size=(4, 5, 3))
    assert image.apply_affine_transform(x) is x


@pytest.mark.parametrize(
    ("random", "arguments", "exact"),
    [
        (image.random_rotation, (30,), lambda u: {"theta": u.uniform(-30, 30)}),
        (
            image.random_shift,
            (0.2, 0.4),
            lambda u: {"tx": u.uniform(-0.4, 0.4) * 4, "ty": u.uniform(-0.2, 0.2) * 5},
        ),
        (image.random_shear, (10,), lambda u: {"shear": u.uniform(-10, 10)}),
        (
            image.random_zoom,
            ((0.5, 1.5),),
            lambda u: dict(zip(("zx", "zy"), u.uniform(0.5, 1.5, 2), strict=True)),
        ),
        (image.random_zoom, ((1, 1),), lambda u: {}),
    ],
)
def test_random_ones_draw_from_numpy(random: Any, arguments: Any, exact: Any) -> None:
    x = np.random.uniform(size=(4, 5, 3))
    np.random.seed(3)
    made = random(x, *arguments, **LAST)
    how = exact(np.random.RandomState(3))
    np.testing.assert_array_equal(made, image.apply_affine_transform(x, **how, **LAST))


def test_colours_and_brightness() -> None:
    x = np.array([[[0.0, 100.0, 200.0]]])
    assert image.apply_channel_shift(x, 30, 2).tolist() == [[[30, 130, 200]]]
    np.random.seed(1)
    shifted = image.random_channel_shift(x, 50, 2)
    shift = np.random.RandomState(1).uniform(-50, 50)
    np.testing.assert_array_equal(shifted, np.clip(x + shift, 0, 200))
    # It works on the picture's bytes: stretched to 0 ... 255, half as bright.
    assert image.apply_brightness_shift(x, 0.5).tolist() == [[[0, 63, 127]]]
    assert image.random_brightness(x, (1, 1)).tolist() == [[[0, 127, 255]]]


@pytest.mark.parametrize("function", [image.random_zoom, image.random_brightness])
def test_ranges_are_pairs(function: Any) -> None:
    with pytest.raises(ValueError, match="pair of factors"):
        function(np.zeros((2, 2, 3)), (1, 2, 3))

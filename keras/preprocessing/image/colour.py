"""Images made brighter, and their colours shifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import array_to_img, img_to_array
from .drawing import drawing


def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """An image with `intensity` added to all values; they stay within the least and the greatest.

    >>> apply_channel_shift(np.array([[[0.0, 5.0]]]), 2.0)
    array([[[2., 5.]]])
    """
    x = np.moveaxis(np.asarray(x), channel_axis, 0)
    return np.moveaxis(np.clip(x + intensity, x.min(), x.max()), 0, channel_axis)


def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """An image with up to `intensity_range` added to, or taken from, all values."""
    intensity = drawing().uniform(-intensity_range, intensity_range)
    return apply_channel_shift(x, intensity, channel_axis)


def apply_brightness_shift(x: Any, brightness: float, data_format: str | None = None) -> np.ndarray:
    """An image `brightness` times as bright; its values come out as bytes, 0 to 255."""
    picture = array_to_img(x, data_format)  # says what to install where there is no Pillow
    from PIL import ImageEnhance

    return img_to_array(ImageEnhance.Brightness(picture).enhance(brightness), data_format)


def random_brightness(x: Any, brightness_range: Sequence[float]) -> np.ndarray:
    """An image made darker or brighter by a factor between the two of `brightness_range`."""
    if len(brightness_range) != 2:
        raise ValueError(f"`brightness_range` is a pair of factors, got {brightness_range!r}.")
    return apply_brightness_shift(x, drawing().uniform(*brightness_range))

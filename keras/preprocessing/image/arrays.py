"""Images as files, as Pillow's images, and as arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ... import backend as K
from ...caller import warn
from .extras import pillow

FORMATS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
# What Pillow calls them; grey images of 16 and 32 bits keep what they have.
_MODES = {"grayscale": ("L", "I;16", "I"), "rgb": ("RGB",), "rgba": ("RGBA",)}
_MODE_OF_CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}


def load_img(
    path: Any,
    grayscale: bool = False,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
) -> Any:
    """An image file as one of Pillow's images.

    `color_mode`: "rgb", "rgba" or "grayscale". `target_size`, `(height, width)`: the image is
    resized to it by `interpolation` ("nearest", "bilinear", "bicubic", "lanczos", "box" or
    "hamming"). A damaged file is refused.
    """
    if grayscale:
        warn("`grayscale=True` is `color_mode='grayscale'` now.")
        color_mode = "grayscale"
    if color_mode not in _MODES:
        raise ValueError(
            f"`color_mode` is one of {', '.join(map(repr, _MODES))}, got {color_mode!r}."
        )
    size = None if target_size is None else (target_size[1], target_size[0])
    how = None if size is None else _resampling(interpolation)
    image = _read(path)
    if image.mode not in _MODES[color_mode]:
        image = image.convert(_MODES[color_mode][0])
    return image if size is None or image.size == size else image.resize(size, how)


def _resampling(interpolation: str) -> Any:
    if interpolation not in INTERPOLATIONS:
        raise ValueError(
            f"`interpolation` is one of {', '.join(map(repr, INTERPOLATIONS))}, got "
            f"{interpolation!r}."
        )
    return getattr(pillow().Resampling, interpolation.upper())


def _read(path: Any) -> Any:
    """The image, all of it in memory (of several the first), and its file closed."""
    Image = pillow()
    if isinstance(path, (str, os.PathLike)) and Path(path).exists() and not Path(path).is_file():
        # A pipe in a folder of images would be waited for, for ever.
        raise OSError(f"{path} can't be read as an image: it is no file.")
    try:
        with Image.open(path) as image:
            image.load()
        return image
    except FileNotFoundError:
        raise
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"{path} was not read, it would fill the memory: {error} If you trust it, raise "
            "`PIL.Image.MAX_IMAGE_PIXELS`."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        # Pillow speaks of files cut short in all three.
        raise OSError(f"{path} can't be read as an image: {error}") from error


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """An image as an array of floats: `(height, width, channels)`, or channels first.

    >>> img_to_array(np.zeros((2, 3))).shape
    (2, 3, 1)
    """
    channels_first = K.normalize_data_format(data_format) == "channels_first"
    array = np.asarray(img, dtype=dtype or K.floatx())
    if array.ndim not in (2, 3):
        raise ValueError(f"`img_to_array` needs an image of 2 or 3 axes, got shape {array.shape}.")
    array = array if array.ndim == 3 else array[..., np.newaxis]
    return array.transpose(2, 0, 1) if channels_first else array


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """An array as one of Pillow's images, its values as bytes.

    `scale`: values are stretched so that the least is 0 and the greatest 255.
    """
    x = np.asarray(x, dtype=dtype or K.floatx())
    if x.ndim != 3:
        raise ValueError(f"`array_to_img` needs an image of 3 axes, got shape {x.shape}.")
    if K.normalize_data_format(data_format) == "channels_first":
        x = x.transpose(1, 2, 0)
    channels = x.shape[2]
    if channels not in _MODE_OF_CHANNELS:
        raise ValueError(f"An image has 1, 3 or 4 channels, got {channels}.")
    if scale:
        x = x - x.min()
        greatest = x.max()
        x = x if greatest == 0 else x / greatest * 255
    x = x[..., 0] if channels == 1 else x
    if channels == 1 and x.max() > 255:
        return pillow().fromarray(x.astype("int32"))
    # As C casts: 256 is 0 again, and no one is warned of it.
    return pillow().fromarray(x.astype("int64").astype("uint8"))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as an image file; its name tells the format, unless `file_format` does.

    `kwargs` go to Pillow.
    """
    image = array_to_img(x, data_format, scale)
    kind = file_format or (Path(path).suffix[1:] if isinstance(path, (str, os.PathLike)) else "")
    if image.mode == "RGBA" and kind.lower() in ("jpg", "jpeg"):
        warn("JPEG can't hold what is transparent; it is left out.")
        image = image.convert("RGB")
    image.save(path, format=_pillows_name(file_format), **kwargs)


def _pillows_name(file_format: str | None) -> str | None:
    return "jpeg" if str(file_format).lower() == "jpg" else file_format


def list_pictures(directory: Any, ext: str | tuple[str, ...] = FORMATS) -> list[str]:
    """The image files in a folder and below it; `ext`: endings, or a text like "png|jpg"."""
    endings = tuple(ext.split("|")) if isinstance(ext, str) else ext
    return [str(path) for path in _below(Path(directory)) if has_ending(path.name, endings)]


def _below(folder: Path) -> Iterator[Path]:
    for found in sorted(folder.rglob("*")):
        if found.is_file():
            yield found


def has_ending(name: str, endings: tuple[str, ...] = FORMATS) -> bool:
    """Whether a file has one of these endings.

    >>> has_ending("cat.JPG"), has_ending("cat.txt")
    (True, False)
    """
    return name.lower().endswith(tuple("." + ending for ending in endings))

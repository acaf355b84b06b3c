"""Images as the networks for ImageNet want them, and what their predictions mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import backend as K
from ..caller import warn
from ..utils import get_file
from .modules import check_modules

CLASS_INDEX_PATH = (
    "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
)
CLASS_INDEX_MD5 = "c2c37ea517e94d9795004a39431a14cb"
CLASSES = 1000


class Scale(NamedTuple):
    """Colours from 0 to 255 on another scale: `(x / divisor - mean) / std`, red, green, blue."""

    divisor: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    reverse: bool = False  # blue first


MODES = {
    "caffe": Scale(1.0, (123.68, 116.779, 103.939), reverse=True),
    "tf": Scale(127.5, (1.0, 1.0, 1.0)),
    "torch": Scale(255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}
"""'caffe' takes the mean colour of ImageNet away, 'torch' also scales, 'tf' maps onto [-1, 1]."""


def preprocess_input(
    x: Any, data_format: str | None = None, mode: str = "caffe", **modules: Any
) -> Any:
    """Colours from 0 to 255 as a network was trained on them; `mode`: 'caffe', 'tf' or 'torch'.

    `x`: an array, or a tensor of a graph, with the three colours of one image or of a batch; the
    result is of the same kind, and `x` stays as it is.

    >>> preprocess_input(np.array([[[0.0, 127.5, 255.0]]]), mode="tf")
    array([[[-1.,  0.,  1.]]])
    """
    check_modules("preprocess_input", modules)
    data_format = K.normalize_data_format(data_format)
    if mode not in MODES:
        raise ValueError(f"`mode` is {', '.join(map(repr, MODES))}, got {mode!r}.")
    symbolic = K.is_tensor(x)
    x = x if symbolic else np.asarray(x)
    axis = _colours(x.ndim if not symbolic else K.ndim(x), data_format)
    if not symbolic and not np.issubdtype(x.dtype, np.floating):
        x = x.astype(K.floatx())
    return _scaled(x, axis, MODES[mode])


def _colours(ndim: int, data_format: str) -> int:
    """The axis of the colours, counted from the end."""
    if ndim not in (3, 4):
        raise ValueError(
            "`preprocess_input` takes an image or a batch of images, that is 3 or 4 dimensions, "
            f"got {ndim}."
        )
    return -1 if data_format == "channels_last" else -3


def _scaled(x: Any, axis: int, scale: Scale) -> Any:
    if scale.reverse:
        x = K.reverse(x, K.ndim(x) + axis) if K.is_tensor(x) else np.flip(x, axis)
    order = slice(None, None, -1 if scale.reverse else 1)
    shape = (3,) + (1,) * (-axis - 1)
    numbers = [np.reshape(each[order], shape) for each in (scale.mean, scale.std)]
    dtype = K.dtype(x) if K.is_tensor(x) else x.dtype
    make: Callable[..., Any] = K.constant if K.is_tensor(x) else np.asarray
    mean, std = (make(each, dtype=dtype) for each in numbers)
    x = x / scale.divisor - mean if scale.divisor != 1 else x - mean
    return x / std if scale.std != (1.0, 1.0, 1.0) else x


def preprocessor(mode: str) -> Callable[..., Any]:
    """`preprocess_input` for networks that were trained on this scale."""
    scale = mode

    def preprocess(
        x: Any, data_format: str | None = None, mode: str = scale, **modules: Any
    ) -> Any:
        return preprocess_input(x, data_format, mode, **modules)

    preprocess.__name__ = preprocess.__qualname__ = "preprocess_input"
    preprocess.__doc__ = f"Colours from 0 to 255 as the network was trained on them: mode '{mode}'."
    return preprocess


_class_index: dict[str, list[str]] | None = None


def decode_predictions(
    preds: Any, top: int = 5, **modules: Any
) -> list[list[tuple[str, str, float]]]:
    """The `top` likeliest classes of each sample: (id in WordNet, name, probability), best first.

    `preds`: (samples, 1000). The names are downloaded to `~/.keras/models`.
    """
    global _class_index
    check_modules("decode_predictions", modules)
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != CLASSES:
        raise ValueError(
            "`decode_predictions` takes the predictions of a network for the classes of ImageNet, "
            f"of shape (samples, {CLASSES}), got {preds.shape}."
        )
    if _class_index is None:
        path = get_file(
            "imagenet_class_index.json",
            CLASS_INDEX_PATH,
            cache_subdir="models",
            file_hash=CLASS_INDEX_MD5,
        )
        _class_index = json.loads(Path(path).read_text("utf-8"))
    best = np.argsort(preds, axis=-1)[:, ::-1][:, :top]
    return [
        [(*_class_index[str(i)], float(row[i])) for i in numbers]
        for row, numbers in zip(preds, best, strict=True)
    ]


def obtain_input_shape(
    input_shape: Sequence[int | None] | None,
    default_size: int,
    min_size: int,
    data_format: str | None = None,
    require_flatten: bool = True,
    weights: Any = None,
    *,
    who: str = "input_shape",
) -> tuple[int | None, ...]:
    """The shape of the images for a network, from what was said about it.

    `require_flatten`: the network needs to know the numbers of rows and columns; with the weights
    of 'imagenet' they are those of `default_size` then.
    """
    data_format = K.normalize_data_format(data_format)
    first = data_format == "channels_first"
    size = (default_size, default_size)
    shape = tuple(input_shape) if input_shape is not None else None
    if shape is not None and len(shape) != 3:
        raise ValueError(
            f"`{who}`: `input_shape` is that of one image, 3 numbers, got {tuple(shape)}."
        )
    channels = 3 if shape is None else shape[0 if first else -1]
    if weights == "imagenet":
        if channels != 3:
            raise ValueError(
                f"`{who}`: the weights of 'imagenet' are for 3 channels, got `input_shape={shape}` "
                f"in the format '{data_format}'."
            )
    elif channels not in (1, 3):
        warn(
            f"`{who}`: an image has 1 or 3 channels as a rule, got {channels} in "
            f"`input_shape={shape}`, format '{data_format}'."
        )
    default = (channels, *size) if first else (*size, channels)
    if shape is None:
        return default if require_flatten else ((3, None, None) if first else (None, None, 3))
    if weights == "imagenet" and require_flatten and shape != default:
        raise ValueError(
            f"`{who}`: with its top, the weights of 'imagenet' are for images of shape {default}, "
            f"got `input_shape={shape}`."
        )
    rows, columns = shape[1:] if first else shape[:2]
    for number in (rows, columns):
        if number is not None and number < min_size:
            raise ValueError(
                f"`{who}`: images need at least {min_size} rows and columns, got "
                f"`input_shape={shape}`."
            )
        if number is None and require_flatten:
            raise ValueError(
                f"`{who}` needs to know how many rows and columns images have; got "
                f"`input_shape={shape}`. Say it, or take `include_top=False`."
            )
    return shape

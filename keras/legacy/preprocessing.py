"""Images, texts and targets as Keras 1 spelled them; plugged in when they are first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from .. import backend as K
from ..saving.upgrade.verbs import Rename, Values, Verb
from . import methods
from .methods import Arguments, Order
from .plugs import method
from .positions import FORMATS, is_whole

# ---- arguments


def default_format(arguments: Arguments) -> list[str]:
    """The ordering "default" is the one that was set."""
    if arguments.get("data_format") != "default":
        return []
    arguments["data_format"] = K.image_data_format()
    return [f"'default' -> {arguments['data_format']!r}"]


ORDERING: list[Verb] = [
    Rename(dim_ordering="data_format"),
    Values("data_format", tf="channels_last", th="channels_first"),
    default_format,
]
METHODS: dict[str, list[Verb]] = {
    "DirectoryIterator.__init__": ORDERING,
    "ImageDataGenerator.__init__": ORDERING,
    "ImageDataGenerator.flow": [Rename(X="x")],
    "NumpyArrayIterator.__init__": ORDERING,
    "array_to_img": ORDERING,
    "img_to_array": ORDERING,
    "normalize": [Rename(a="x")],
    "random_channel_shift": [Rename(intensity="intensity_range")],
    "to_categorical": [Rename(nb_classes="num_classes")],
}


def _rotation_sixth(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> bool:
    """Degrees where there is a tiny number today, or text where there is none."""
    degrees = len(args) > 6 and isinstance(args[6], (int, float)) and args[6] >= 1
    return degrees or (len(args) > 12 and isinstance(args[12], str))


def _seed_fifth(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> bool:
    return len(args) > 5 and is_whole(args[5])


def _seed_sixth(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> bool:
    return len(args) > 6 and (is_whole(args[6]) or (len(args) > 7 and args[7] in FORMATS))


def _ordering_fifth(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> bool:
    return len(args) > 5 and args[5] in FORMATS


def _size_third(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> bool:
    return len(args) > 2 and isinstance(args[2], (tuple, list))


def _has_ordering(args: tuple[Any, ...]) -> bool:
    return any(isinstance(each, str) and each in FORMATS for each in args)


SAVED = "save_to_dir save_prefix save_format"
ORDERS: dict[str, list[Order]] = {
    "DirectoryIterator.__init__": [
        methods.order(
            "self directory image_data_generator target_size color_mode dim_ordering classes "
            f"class_mode batch_size shuffle seed {SAVED} follow_links",
            _ordering_fifth,
        )
    ],
    "ImageDataGenerator.__init__": [
        methods.order(
            "self featurewise_center samplewise_center featurewise_std_normalization "
            "samplewise_std_normalization zca_whitening rotation_range width_shift_range "
            "height_shift_range shear_range zoom_range channel_shift_range fill_mode cval "
            "horizontal_flip vertical_flip rescale preprocessing_function dim_ordering",
            _rotation_sixth,
        )
    ],
    "ImageDataGenerator.flow": [
        methods.order(f"self x y batch_size shuffle seed {SAVED}", _seed_fifth)
    ],
    "NumpyArrayIterator.__init__": [
        methods.order(
            f"self x y image_data_generator batch_size shuffle seed dim_ordering {SAVED}",
            _seed_sixth,
        )
    ],
    "load_img": [methods.order("path grayscale target_size", _size_third)],
}


def plug(module: ModuleType) -> None:
    """Let a module understand these terms."""
    methods.METHODS.update(METHODS)
    methods.ORDERS.update(ORDERS)
    PLUGS[module.__name__](module)


def _plug_arrays(module: ModuleType) -> None:
    method(module, "normalize")
    method(module, "to_categorical")


def _plug_texts(module: ModuleType) -> None:
    module.Tokenizer.nb_words = _alias("num_words")


def _plug_images(module: ModuleType) -> None:
    method(module, "array_to_img", _has_ordering)
    method(module, "img_to_array", _has_ordering)
    method(module, "load_img", _size_third)
    method(module, "random_channel_shift")
    method(module.ImageDataGenerator, "__init__", _rotation_sixth)
    method(module.ImageDataGenerator, "flow", _seed_fifth)
    method(module.NumpyArrayIterator, "__init__", _seed_sixth)
    method(module.DirectoryIterator, "__init__", _ordering_fifth)
    for iterator in (module.DirectoryIterator, module.NumpyArrayIterator):
        iterator.nb_sample = _alias("n")
        iterator.dim_ordering = property(_dim_ordering)
    module.DirectoryIterator.nb_class = _alias("num_classes")
    module.ImageDataGenerator.dim_ordering = property(_dim_ordering)


PLUGS = {
    "keras.preprocessing.image": _plug_images,
    "keras.preprocessing.text": _plug_texts,
    "keras.utils.np_utils": _plug_arrays,
}


def _alias(name: str) -> property:
    """An attribute by an earlier name."""
    return property(lambda self: getattr(self, name), doc=f"`{name}`, as Keras 1 called it.")


def _dim_ordering(owner: Any) -> str:
    """The data format as Keras 1 called it: "tf" or "th"."""
    return "tf" if owner.data_format == "channels_last" else "th"


# ---- functions


def apply_transform(
    x: Any,
    transform_matrix: Any,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> np.ndarray:
    """An image seen through a 3×3 matrix, each pixel the nearest one.

    The matrix leads from rows and columns to where to look. `channel_axis` is the first or the
    last.
    """
    from ..preprocessing.image.affine import resampled

    image = np.moveaxis(np.asarray(x), channel_axis, 0)
    made = resampled(image, np.asarray(transform_matrix), fill_mode, cval, order=0)
    return np.moveaxis(made, 0, channel_axis)


def flip_axis(x: Any, axis: int) -> np.ndarray:
    """An array turned round along one axis.

    >>> flip_axis([[1, 2], [3, 4]], 1).tolist()
    [[2, 1], [4, 3]]
    """
    return np.flip(np.asarray(x), axis)

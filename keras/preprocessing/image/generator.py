"""Images changed at random while a model trains, so that it never sees the same one twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...caller import warn
from ...configured import near_misses
from .affine import FILL_MODES, apply_affine_transform
from .arrays_iterator import NumpyArrayIterator
from .colour import apply_brightness_shift, apply_channel_shift
from .drawing import drawing
from .folders import DirectoryIterator
from .frames import DataFrameIterator

Transform = dict[str, Any]
_AFFINE = ("theta", "tx", "ty", "shear", "zx", "zy")
_OTHER = ("flip_horizontal", "flip_vertical", "channel_shift_intensity", "brightness")
_EPSILON = 1e-6  # keeps a picture of one colour from being divided by 0


class ImageDataGenerator:
    """Batches of images, changed at random and brought to a common scale.

    Random: `rotation_range` (degrees), `width_shift_range` and `height_shift_range` (a share of the
    size if below 1, else pixels; a whole number n: from −n + 1 to n − 1 pixels; a list: one of
    these, either way), `shear_range` (degrees), `zoom_range` (`[least, most]`, or z for 1 ± z),
    `channel_shift_range`, `brightness_range` (`[least, most]`), `horizontal_flip`, `vertical_flip`.
    `fill_mode` ("nearest", "constant" with `cval`, "reflect", "wrap") says what comes in from
    outside, `interpolation_order` how pixels are interpolated.

    For all: `preprocessing_function`, then `rescale` (a factor), then samplewise and featurewise
    centring and division by the standard deviation, then ZCA whitening. What is featurewise, and
    whitening, needs `fit` on sample data.

        images = ImageDataGenerator(rotation_range=20, horizontal_flip=True, rescale=1 / 255)
        model.fit_generator(images.flow_from_directory("cats_and_dogs"), epochs=10)
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[Any], Any] | None = None,
        data_format: str = "channels_last",
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = "float32",
    ) -> None:
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.brightness_range = _pair("brightness_range", brightness_range)
        self.shear_range = shear_range
        self.zoom_range = _zoom(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode = _one_of("fill_mode", fill_mode, FILL_MODES)
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        formats = ("channels_last", "channels_first")
        self.data_format = _one_of("data_format", data_format, formats)
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` is between 0 and 1, got {validation_split}.")
        self._validation_split = validation_split
        self.interpolation_order = interpolation_order
        self.dtype = dtype
        # Axes of a batch.
        self.channel_axis, self.row_axis, self.col_axis = (
            (1, 2, 3) if data_format == "channels_first" else (3, 1, 2)
        )
        self.mean: Any = None
        self.std: Any = None
        self.principal_components: Any = None
        self._settle()

    def _settle(self) -> None:
        """Switch on what others need, and off what they do as well."""
        if self.zca_whitening and self.featurewise_std_normalization:
            self.featurewise_std_normalization = False
            self._told("zca_whitening", "makes `featurewise_std_normalization` needless")
        for needs, needed in (
            ("zca_whitening", "featurewise_center"),
            ("featurewise_std_normalization", "featurewise_center"),
            ("samplewise_std_normalization", "samplewise_center"),
        ):
            if getattr(self, needs) and not getattr(self, needed):
                setattr(self, needed, True)
                self._told(needs, f"needs `{needed}`, which is switched on")

    @staticmethod
    def _told(argument: str, what: str) -> None:
        warn(f"`ImageDataGenerator`: `{argument}` {what}.")

    # ---- batches

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Batches of arrays, for ever: `x` or `(x, y)` or `(x, y, sample_weight)`.

        `x`: images `(samples, height, width, channels)`, or a list of these and of other arrays,
        which come along. `subset`: "training" or "validation", by `validation_split`. What is made
        is also written to the folder `save_to_dir`, if given. `seed` makes it repeatable.
        """
        return NumpyArrayIterator(
            x,
            y,
            self,
            batch_size=batch_size,
            shuffle=shuffle,
            sample_weight=sample_weight,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            subset=subset,
            dtype=self.dtype,
        )

    def flow_from_directory(
        self,
        directory: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
    ) -> DirectoryIterator:
        """Batches of the images in a folder that has a folder for each class.

        `class_mode`: "categorical" (one-hot), "binary", "sparse" (numbers), "input" (the images
        themselves) or `None` (no targets). `classes`: names of folders, in the order of their
        numbers; by default all, by name. The other arguments are those of `flow` and `load_img`.
        """
        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            dtype=self.dtype,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **kwargs: Any,
    ) -> DataFrameIterator:
        """Batches of the images named in column `x_col` of a frame, below `directory`.

        `class_mode`: those of `flow_from_directory`, "raw" (the values of `y_col`, a column or
        several) or "multi_output" (a list of targets, one for each column). A cell of "categorical"
        may hold several classes in a list. `weight_col`: weights of the samples. Files that aren't
        there are left out, unless `validate_filenames` is off, which saves the look.
        """
        class_mode = _of_older_versions(kwargs, class_mode)
        return DataFrameIterator(
            dataframe,
            directory,
            self,
            x_col=x_col,
            y_col=y_col,
            weight_col=weight_col,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            subset=subset,
            interpolation=interpolation,
            dtype=self.dtype,
            validate_filenames=validate_filenames,
        )

    # ---- what is done with an image

    def random_transform(self, x: Any, seed: int | None = None) -> Any:
        """One image, changed at random."""
        return self.apply_transform(x, self.get_random_transform(np.shape(x), seed))

    def get_random_transform(
        self, img_shape: tuple[int, ...], seed: int | None = None
    ) -> Transform:
        """What to do with an image of this shape, as `apply_transform` takes it."""
        draw = drawing(seed)
        made: Transform = {
            "theta": _symmetric(draw, self.rotation_range),
            "tx": _shift(draw, self.height_shift_range, img_shape[self.row_axis - 1]),
            "ty": _shift(draw, self.width_shift_range, img_shape[self.col_axis - 1]),
            "shear": _symmetric(draw, self.shear_range),
        }
        still = tuple(self.zoom_range) == (1, 1)
        made["zx"], made["zy"] = (1, 1) if still else draw.uniform(*self.zoom_range, 2)
        made["flip_horizontal"] = (draw.uniform() < 0.5) * self.horizontal_flip
        made["flip_vertical"] = (draw.uniform() < 0.5) * self.vertical_flip
        made["channel_shift_intensity"] = _symmetric(draw, self.channel_shift_range) or None
        made["brightness"] = draw.uniform(*self.brightness_range) if self.brightness_range else None
        return made

    def apply_transform(self, x: Any, transform_parameters: Mapping[str, Any]) -> Any:
        """One image, changed in this way.

        `theta`, `shear` (degrees), `tx`, `ty` (rows, columns), `zx`, `zy` (factors),
        `flip_horizontal`, `flip_vertical`, `channel_shift_intensity`, `brightness`.
        """
        given = dict(transform_parameters)
        for name in given.keys() - {*_AFFINE, *_OTHER}:
            hint = near_misses(name, (*_AFFINE, *_OTHER))
            warn(f"`apply_transform` knows no {name!r}{hint}")
        row, column, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        x = apply_affine_transform(
            x,
            **{name: given[name] for name in _AFFINE if name in given},
            row_axis=row,
            col_axis=column,
            channel_axis=channel,
            fill_mode=self.fill_mode,
            cval=self.cval,
            order=self.interpolation_order,
        )
        if given.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given["channel_shift_intensity"], channel)
        if given.get("flip_horizontal"):
            x = np.flip(x, column)
        if given.get("flip_vertical"):
            x = np.flip(x, row)
        if given.get("brightness") is not None:
            x = apply_brightness_shift(x, given["brightness"], self.data_format)
        return x

    def standardize(self, x: Any) -> Any:
        """An image, or a batch, brought to the common scale.

        An array of floats is changed itself.
        """
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        x = np.asarray(x)
        x = x if x.dtype.kind == "f" else x.astype(self.dtype)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + _EPSILON
        if self.featurewise_center and self._is_fitted("featurewise_center", self.mean):
            x -= self.mean
        if self.featurewise_std_normalization and self._is_fitted(
            "featurewise_std_normalization", self.std
        ):
            x /= self.std + _EPSILON
        if self.zca_whitening and self._is_fitted("zca_whitening", self.principal_components):
            rows = x.reshape(-1, np.prod(x.shape[-3:]))
            x = (rows @ self.principal_components).reshape(x.shape).astype(x.dtype)
        return x

    @staticmethod
    def _is_fitted(what: str, found: Any) -> bool:
        if found is None:
            warn(f"`ImageDataGenerator`: `{what}` is not done, it needs `fit(images)` first.")
        return found is not None

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Measure images `(samples, height, width, channels)` for what is done featurewise.

        `augment`: measure `rounds` random changes of each instead.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(
                "`ImageDataGenerator.fit` needs images of shape (samples, height, width, "
                f"channels), got {x.shape}."
            )
        self._check_channels(x)
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.concatenate(
                [np.stack([self.random_transform(image) for image in x]) for _ in range(rounds)]
            ).astype(self.dtype)
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
            x /= self.std + _EPSILON
        if self.zca_whitening:
            self.principal_components = self._whitening(x.reshape(len(x), -1))

    def _whitening(self, rows: np.ndarray) -> np.ndarray:
        """U · 1/√(S + ε) · Uᵀ, where U·S·Uᵀ is the covariance of the pixels.

        In float64: where there are fewer images than pixels, most of S is 0, and in float32 would
        be the rounding of the others.
        """
        rows = rows.astype("float64")
        s, u = np.linalg.eigh(rows.T @ rows / len(rows))
        whitening: np.ndarray = (u / np.sqrt(np.maximum(s, 0) + self.zca_epsilon)) @ u.T
        return whitening

    def _check_channels(self, x: np.ndarray) -> None:
        channels = x.shape[self.channel_axis]
        if channels not in (1, 3, 4):
            warn(
                f"Images of {channels} channels are unusual; with `data_format="
                f"{self.data_format!r}` axis {self.channel_axis} of {x.shape} is meant."
            )


def _symmetric(draw: Any, most: float) -> float:
    return float(draw.uniform(-most, most)) if most else 0


def _shift(draw: Any, choice: Any, size: int) -> Any:
    """Pixels to shift by, of an axis of this size."""
    if np.ndim(choice) == 0 and not choice:
        return 0
    if np.ndim(choice) or isinstance(choice, (int, np.integer)):
        shift = draw.choice(choice)
        shift *= draw.choice([-1, 1])
    else:
        shift = draw.uniform(-choice, choice)
    found = shift * size if np.max(choice) < 1 else shift
    return found.item() if isinstance(found, np.generic) else found


def _pair(name: str, value: Any) -> list[float] | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(f"`{name}` is a pair of factors, got {value!r}.")
    return list(value)


def _zoom(value: Any) -> list[float]:
    if isinstance(value, (int, float)):
        return [1 - value, 1 + value]
    if np.shape(value) != (2,):
        raise ValueError(f"`zoom_range` is a number or a pair of factors, got {value!r}.")
    return list(value)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"`{name}` is one of {', '.join(map(repr, known))}, got {value!r}.")
    return value


def _of_older_versions(kwargs: dict[str, Any], class_mode: str | None) -> str | None:
    """What `flow_from_dataframe` was called with in versions before."""
    for name, what in (
        ("has_ext", "the column has the whole names of the files"),
        ("sort", "the frame's order counts"),
        ("drop_duplicates", "do it in the frame"),
    ):
        if kwargs.pop(name, None) is not None:
            warn(f"`{name}` has no meaning any more: {what}.")
    if kwargs:
        names = ", ".join(map(repr, kwargs))
        raise TypeError(f"`flow_from_dataframe` got an unknown argument {names}.")
    if class_mode == "other":
        warn("`class_mode='other'` is called 'raw' now.")
        return "raw"
    return class_mode

"""Batches of images that are read from files when they are needed."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .arrays import img_to_array, load_img
from .iterator import ImageIterator, split_of

CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class BatchFromFilesMixin(ImageIterator):
    """Reads, changes and collects the files of a batch.

    A subclass has `filepaths`, and the `labels` and `sample_weight` that belong to them.
    """

    class_mode: str | None
    class_indices: dict[str, int]

    def set_processing_attrs(
        self,
        image_data_generator: Any,
        target_size: tuple[int, int],
        color_mode: str,
        data_format: str,
        save_to_dir: Any,
        save_prefix: str,
        save_format: str,
        subset: str | None,
        interpolation: str,
    ) -> None:
        """Note how files become images, and images a batch."""
        if color_mode not in CHANNELS:
            raise ValueError(
                f"`color_mode` is one of {', '.join(map(repr, CHANNELS))}, got {color_mode!r}."
            )
        self.image_data_generator = image_data_generator
        self.target_size = tuple(target_size)
        self.color_mode = color_mode
        self.data_format = data_format
        channels = CHANNELS[color_mode]
        last = data_format == "channels_last"
        self.image_shape = (*target_size, channels) if last else (channels, *target_size)
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        self.interpolation = interpolation
        self.subset = subset
        self.split = split_of(image_data_generator, subset)

    @property
    def filepaths(self) -> list[str]:
        """The files, one for each sample."""
        raise NotImplementedError(f"`{type(self).__name__}` needs `filepaths`.")

    @property
    def labels(self) -> Any:
        """What is known of each sample, by `class_mode`."""
        raise NotImplementedError(f"`{type(self).__name__}` needs `labels`.")

    @property
    def sample_weight(self) -> Any:
        """The weight of each sample, or nothing."""
        return None

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        batch = np.zeros((len(index_array), *self.image_shape), dtype=self.dtype)
        for row, number in zip(batch, index_array, strict=True):
            row[...] = self._changed(self._image(self.filepaths[number]))
        self._save(batch, index_array)
        if self.class_mode is None:
            return batch
        targets = self._targets_of(batch, index_array)
        if self.sample_weight is None:
            return batch, targets
        return batch, targets, self.sample_weight[index_array]

    def _image(self, path: str) -> np.ndarray:
        image = load_img(
            path,
            color_mode=self.color_mode,
            target_size=(self.target_size[0], self.target_size[1]),
            interpolation=self.interpolation,
        )
        # A copy: what comes next may be done in place.
        return img_to_array(image, self.data_format).astype(self.dtype)

    def _targets_of(self, batch: np.ndarray, index_array: np.ndarray) -> Any:
        if self.class_mode == "input":
            return batch.copy()
        if self.class_mode == "multi_output":
            return [output[index_array] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[index_array]
        labels = [self.labels[number] for number in index_array]
        if self.class_mode in ("binary", "sparse"):
            return np.array(labels, dtype=self.dtype)
        targets = np.zeros((len(labels), len(self.class_indices)), dtype=self.dtype)
        for row, label in zip(targets, labels, strict=True):
            row[label] = 1.0  # one class, or a list of them
        return targets


def joined(folder: str, name: str) -> str:
    """A file's path below a folder; an absolute path stays."""
    return os.path.join(folder, name)  # noqa: PTH118  a pathlib.Path for a million files is slow

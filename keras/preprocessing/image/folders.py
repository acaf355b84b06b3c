"""Batches of the images in a folder that has a folder for each class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ... import backend as K
from ...callbacks.screen import say
from .arrays import has_ending
from .files import BatchFromFilesMixin, joined

CLASS_MODES = ("categorical", "binary", "sparse", "input", None)


class DirectoryIterator(BatchFromFilesMixin):
    """Batches of image files, as `ImageDataGenerator.flow_from_directory` makes them.

    `class_indices` are the numbers of the classes, `classes` those of the samples, `filenames`
    their files, below `directory`.
    """

    allowed_class_modes = CLASS_MODES

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        dtype: Any = None,
    ) -> None:
        self.set_processing_attrs(
            image_data_generator,
            target_size,
            color_mode,
            K.normalize_data_format(data_format),
            save_to_dir,
            save_prefix,
            save_format,
            subset,
            interpolation,
        )
        if class_mode not in self.allowed_class_modes:
            raise ValueError(
                f"`class_mode` is one of {', '.join(map(repr, self.allowed_class_modes))}, got "
                f"{class_mode!r}."
            )
        self.directory = os.fspath(directory)
        self.class_mode = class_mode
        self.dtype = dtype or K.floatx()
        names = list(classes) if classes else _folders(self.directory)
        self.num_classes = len(names)
        self.class_indices = {name: i for i, name in enumerate(names)}
        found = [self._files_of(name, follow_links) for name in names]
        self.filenames = [file for files in found for file in files]
        self.classes = np.repeat(np.arange(len(names), dtype="int32"), [len(f) for f in found])
        self.samples = len(self.filenames)
        self._filepaths = [joined(self.directory, name) for name in self.filenames]
        say(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _files_of(self, name: str, follow_links: bool) -> list[str]:
        """The files of a class in this subset, as paths below `directory`."""
        folder = joined(self.directory, name)
        files = [os.path.relpath(path, folder) for path in _images_below(folder, follow_links)]
        first, last = (int(share * len(files)) for share in self.split)
        return [joined(name, file) for file in files[first:last]]

    @property
    def filepaths(self) -> list[str]:
        """The files, one for each sample."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The numbers of their classes."""
        return self.classes


def _folders(directory: str) -> list[str]:
    return sorted(found.name for found in Path(directory).iterdir() if found.is_dir())


def _images_below(folder: str, follow_links: bool) -> Iterator[str]:
    """Image files, sorted by folder and name; a folder that links lead to twice counts once."""
    seen: set[str] = set()
    found = []
    for root, folders, files in os.walk(folder, followlinks=follow_links):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()  # a link to a folder above would be followed for ever
            continue
        seen.add(real)
        found.append((root, files))
    for root, files in sorted(found):
        for name in sorted(files):
            if has_ending(name):
                yield joined(root, name)

"""Batches of the images that a pandas frame names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...callbacks.screen import say
from ...caller import warn
from .arrays import has_ending
from .files import BatchFromFilesMixin, joined

WITH_CLASSES = ("categorical", "binary", "sparse")
CLASS_MODES = (*WITH_CLASSES, "input", "multi_output", "raw", None)


class DataFrameIterator(BatchFromFilesMixin):
    """Batches of image files, as `ImageDataGenerator.flow_from_dataframe` makes them.

    With a `class_mode` that has classes, `class_indices` are their numbers and `classes` those of
    the samples. `filenames` are the files, below `directory`.
    """

    allowed_class_modes = CLASS_MODES

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
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
        data_format: str = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        dtype: Any = "float32",
        validate_filenames: bool = True,
    ) -> None:
        self.set_processing_attrs(
            image_data_generator,
            target_size,
            color_mode,
            data_format,
            save_to_dir,
            save_prefix,
            save_format,
            subset,
            interpolation,
        )
        self.directory = os.fspath(directory or "")
        self.class_mode = class_mode
        self.dtype = dtype
        self._check(dataframe, x_col, y_col, weight_col, classes)
        if validate_filenames:
            dataframe = self._with_files(dataframe, x_col)
        if class_mode in WITH_CLASSES:
            dataframe = self._with_classes(dataframe, y_col, classes)
        first, last = (int(share * len(dataframe)) for share in self.split)
        dataframe = dataframe.iloc[first:last]
        self.filenames = [str(name) for name in dataframe[x_col]]
        self._filepaths = [joined(self.directory, name) for name in self.filenames]
        self._sample_weight = None if weight_col is None else dataframe[weight_col].to_numpy()
        self._take_targets(dataframe, y_col)
        self.samples = len(self.filenames)
        self._say()
        super().__init__(self.samples, batch_size, shuffle, seed)

    # ---- what the frame must be like

    def _check(self, df: Any, x_col: str, y_col: Any, weight_col: Any, classes: Any) -> None:
        mode = self.class_mode
        if mode not in self.allowed_class_modes:
            raise ValueError(
                f"`class_mode` is one of {', '.join(map(repr, self.allowed_class_modes))}, got "
                f"{mode!r}."
            )
        if mode == "multi_output" and not isinstance(y_col, (list, tuple)):
            raise TypeError(
                f"`class_mode='multi_output'` needs a list of columns as `y_col`, got {y_col!r}."
            )
        if not all(isinstance(name, str) for name in df[x_col]):
            raise TypeError(f"Column {x_col!r} (`x_col`) holds names of files, so all are strings.")
        if mode in WITH_CLASSES:
            self._check_classes(df[y_col], y_col)
        elif classes is not None:
            warn(f"`classes` means nothing with `class_mode={mode!r}`.")
        if weight_col is not None and df[weight_col].to_numpy().dtype.kind not in "fiu":
            raise TypeError(f"Column {weight_col!r} (`weight_col`) holds numbers.")

    def _check_classes(self, labels: Any, y_col: Any) -> None:
        several = self.class_mode == "categorical"
        kinds = (str, list, tuple) if several else (str,)
        if not all(isinstance(label, kinds) for label in labels):
            raise TypeError(
                f"With `class_mode={self.class_mode!r}`, column {y_col!r} (`y_col`) holds names of "
                f"classes: strings{', or lists of strings' if several else ''}."
            )

    # ---- what is taken from it

    def _with_files(self, df: Any, x_col: str) -> Any:
        """The rows whose files are there."""
        names = [joined(self.directory, name) for name in df[x_col]]
        there = [has_ending(name) and os.path.isfile(name) for name in names]  # noqa: PTH113
        missing = len(there) - sum(there)
        if missing:
            example = names[there.index(False)]
            warn(
                f"{missing} of {len(there)} files of column {x_col!r} are no image files that are "
                f"there; they are left out. The first is {example}."
            )
        return df[np.array(there, dtype=bool)]

    def _with_classes(self, df: Any, y_col: Any, classes: Any) -> Any:
        """The rows of these classes; also sets the classes' numbers."""
        labels = [_as_list(label) for label in df[y_col]]
        known = set(classes) if classes is not None else {name for row in labels for name in row}
        if self.class_mode == "binary" and len(known) != 2:
            raise ValueError(f"`class_mode='binary'` needs two classes, there are {len(known)}.")
        # In the order of their names, as the original has it, however they are given.
        self.class_indices = {name: i for i, name in enumerate(sorted(known))}
        return df[np.array([any(name in known for name in row) for row in labels], dtype=bool)]

    def _take_targets(self, df: Any, y_col: Any) -> None:
        if self.class_mode in WITH_CLASSES:
            self.classes = self.get_classes(df, y_col)
        elif self.class_mode == "multi_output":
            self._targets: Any = [np.array(df[column].tolist()) for column in y_col]
        elif self.class_mode == "raw":
            self._targets = df[y_col].to_numpy()

    def get_classes(self, df: Any, y_col: Any) -> list[Any]:
        """The numbers of the classes in a column; lists where it holds lists."""
        return [
            [self.class_indices[name] for name in label if name in self.class_indices]
            if isinstance(label, (list, tuple))
            else self.class_indices[label]
            for label in df[y_col]
        ]

    def _say(self) -> None:
        what = f"{self.samples} image files"
        if self.class_mode in WITH_CLASSES:
            what += f" belonging to {len(self.class_indices)} classes"
        say(f"Found {what}.")

    # ---- what a batch is made of

    @property
    def filepaths(self) -> list[str]:
        """The files, one for each sample."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The classes' numbers, or the targets as they are."""
        return self.classes if self.class_mode in WITH_CLASSES else self._targets

    @property
    def sample_weight(self) -> Any:
        """The weight of each sample, or nothing."""
        return self._sample_weight


def _as_list(label: Any) -> list[Any]:
    return list(label) if isinstance(label, (list, tuple)) else [label]

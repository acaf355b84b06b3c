"""Batches of images that are in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import backend as K
from ...caller import warn
from .iterator import ImageIterator, split_of


class NumpyArrayIterator(ImageIterator):
    """Batches of arrays, as `ImageDataGenerator.flow` makes them."""

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.image_data_generator = image_data_generator
        self.data_format = K.normalize_data_format(data_format)
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        self.dtype = dtype or K.floatx()
        images, *others = x if isinstance(x, (tuple, list)) and np.ndim(x[0]) == 4 else [x]
        # Without a copy where it can be; batches are copies anyway.
        self.x = np.asarray(images)
        self.x_misc = [np.asarray(other) for other in _flat(others)]
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self._check()
        if subset is not None:
            self._keep(subset)
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _check(self) -> None:
        if self.x.ndim != 4:
            raise ValueError(
                f"`flow` needs images of shape (samples, height, width, channels), got "
                f"{self.x.shape}."
            )
        others = {"y": self.y, "sample_weight": self.sample_weight}
        others |= {f"x[{i}]": found for i, found in enumerate(self.x_misc, start=1)}
        for name, found in others.items():
            if found is not None and len(found) != len(self.x):
                raise ValueError(
                    f"`flow`: `{name}` has {len(found)} samples, but there are {len(self.x)} "
                    "images."
                )
        axis = 3 if self.data_format == "channels_last" else 1
        if self.x.shape[axis] not in (1, 3, 4):
            warn(
                f"Images of {self.x.shape[axis]} channels are unusual; with `data_format="
                f"{self.data_format!r}` axis {axis} of {self.x.shape} is meant."
            )

    def _keep(self, subset: str) -> None:
        """Keep one of the two subsets."""
        first, last = (int(len(self.x) * s) for s in split_of(self.image_data_generator, subset))
        if subset == "training":
            last = len(self.x)
        if self.y is not None:
            self._check_classes(first if subset == "training" else last)
        rows = slice(first, last)
        self.x, self.x_misc = self.x[rows], [found[rows] for found in self.x_misc]
        self.y = None if self.y is None else self.y[rows]
        self.sample_weight = None if self.sample_weight is None else self.sample_weight[rows]

    def _check_classes(self, border: int) -> None:
        assert self.y is not None
        validation, training = np.unique(self.y[:border]), np.unique(self.y[border:])
        if not np.array_equal(validation, training):
            raise ValueError(
                "`flow`: the training and the validation subset don't have the same classes. Data "
                "that are sorted by class need to be shuffled first."
            )

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        changed = [self._changed(self.x[i].astype(self.dtype)) for i in index_array]
        batch = np.array(changed, dtype=self.dtype).reshape(len(index_array), *self.x.shape[1:])
        self._save(batch, index_array)
        inputs = [batch, *(found[index_array] for found in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return inputs
        if self.sample_weight is None:
            return inputs, self.y[index_array]
        return inputs, self.y[index_array], self.sample_weight[index_array]


def _flat(found: list[Any]) -> list[Any]:
    """`[images, [a, b]]` and `[images, a, b]` mean the same."""
    return [one for each in found for one in (each if isinstance(each, (list, tuple)) else [each])]

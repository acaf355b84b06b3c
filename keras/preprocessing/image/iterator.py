"""Batches for ever, in a new order each epoch; one after the other, or by number."""

from __future__ import annotations

import pickle
import threading
import zlib
from collections.abc import Iterator as Iterates
from pathlib import Path
from typing import Any

import numpy as np

from ... import utils
from .arrays import array_to_img
from .drawing import drawing, drawing_from


class Iterator(utils.Sequence):
    """Batches of `batch_size` out of `n` samples; `shuffle`: in a new order each epoch.

    `next()` goes on for ever, `iterator[i]` is batch i of the epoch. With a `seed` both give the
    same batches, however many workers make them. A subclass says what a batch is made of, in
    `_get_batches_of_transformed_samples(self, index_array)`.
    """

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        if batch_size < 1:
            raise ValueError(f"`batch_size` is at least 1, got {batch_size}.")
        self.n = n
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.batch_index = 0
        self.total_batches_seen = 0
        self.epochs_ended = 0
        self.index_array: Any = None
        # Without a seed, what `iterator[i]` draws follows from where numpy's generator stands. It
        # isn't drawn from it: processes that are made of this one must all find the same.
        self._first_seed = _state_of_numpy() if seed is None else seed
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()

    def __getstate__(self) -> dict[str, Any]:
        """Without what can't be sent to another process."""
        return {k: v for k, v in self.__dict__.items() if k not in ("lock", "index_generator")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return -(-self.n // self.batch_size)

    def reset(self) -> None:
        """Begin the epoch again."""
        self.batch_index = 0

    # ---- by number

    def __getitem__(self, idx: int) -> Any:
        """Batch `idx` of this epoch."""
        if not -len(self) <= idx < len(self):
            raise ValueError(f"There is no batch {idx}: an epoch has {len(self)} batches.")
        idx %= len(self)
        with self.lock:
            if self.index_array is None:
                self._set_index_array()
            rows = self.index_array[self.batch_size * idx : self.batch_size * (idx + 1)]
            self.total_batches_seen += 1
        generator = self._generator_at(idx)
        if idx == 0:
            self._order(generator)  # the order of the epoch is drawn first
        with drawing_from(generator):
            return self._get_batches_of_transformed_samples(rows)

    def on_epoch_end(self) -> None:
        """A new order for the next epoch."""
        self.epochs_ended += 1
        self._set_index_array()

    def _set_index_array(self) -> None:
        """The order of the samples in this epoch."""
        self.index_array = self._order(self._generator_at(0))

    def _generator_at(self, idx: int) -> Any:
        """What is drawn from where batch `idx` begins; with a seed, as in `next()`."""
        number = self.epochs_ended * len(self) + idx
        return np.random.RandomState((self._first_seed + number) % 2**32)

    def _order(self, generator: Any) -> np.ndarray:
        found: np.ndarray = generator.permutation(self.n) if self.shuffle else np.arange(self.n)
        return found

    # ---- one after the other

    def __iter__(self) -> Iterates[Any]:
        """Itself: it goes on for ever."""
        return self

    def __next__(self, *args: Any, **kwargs: Any) -> Any:
        """The next batch."""
        return self.next(*args, **kwargs)

    def next(self) -> Any:
        """The next batch."""
        with self.lock:
            rows = next(self.index_generator)
        return self._get_batches_of_transformed_samples(rows)

    def _flow_index(self) -> Iterates[np.ndarray]:
        """The numbers of the samples of one batch after the other."""
        self.reset()
        while True:
            if self.seed is not None:
                # As classic Keras does: what a `preprocessing_function` draws is repeatable too.
                np.random.seed((self.seed + self.total_batches_seen) % 2**32)
            if self.batch_index == 0:
                self.index_array = self._order(np.random)
            first = self.batch_index * self.batch_size
            self.batch_index = (self.batch_index + 1) % max(len(self), 1)
            self.total_batches_seen += 1
            yield self.index_array[first : first + self.batch_size]

    # ---- what a batch is made of

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        """The batch of these samples."""
        raise NotImplementedError(
            f"`{type(self).__name__}` needs `_get_batches_of_transformed_samples`."
        )


def _state_of_numpy() -> int:
    return zlib.crc32(pickle.dumps(np.random.get_state(legacy=False)))


class ImageIterator(Iterator):
    """What iterators over images share: changing them, and writing what came out."""

    image_data_generator: Any
    data_format: str
    save_to_dir: Any
    save_prefix: str
    save_format: str
    dtype: Any

    def _changed(self, x: np.ndarray) -> Any:
        generator = self.image_data_generator
        if generator is None:
            return x
        how = generator.get_random_transform(x.shape)
        return generator.standardize(generator.apply_transform(x, how))

    def _save(self, images: np.ndarray, index_array: np.ndarray) -> None:
        """Write a batch into `save_to_dir`, if there is one."""
        if not self.save_to_dir:
            return
        folder = Path(self.save_to_dir)
        folder.mkdir(parents=True, exist_ok=True)
        for x, number in zip(images, index_array, strict=True):
            # The same sample comes again in other epochs.
            mark = drawing().randint(10_000_000)
            name = f"{self.save_prefix}_{number}_{mark}.{self.save_format}"
            array_to_img(x, self.data_format, scale=True).save(folder / name)


def split_of(generator: Any, subset: str | None) -> tuple[float, float]:
    """From which share of the samples to which: "validation" comes first."""
    share = getattr(generator, "_validation_split", None) or 0.0
    splits = {None: (0.0, 1.0), "validation": (0.0, share), "training": (share, 1.0)}
    if subset not in splits:
        raise ValueError(f"`subset` is 'training' or 'validation', got {subset!r}.")
    return splits[subset]

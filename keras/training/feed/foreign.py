"""Data sets of other libraries as batches: torch's `Dataset`, `IterableDataset`, `DataLoader`, and
whatever else can be gone through again and again."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from .rows import is_sparse
from .sequences import Sequence


def is_foreign(x: Any) -> bool:
    """Whether `x` holds samples or batches, and is neither an array nor a collection of arrays."""
    if isinstance(x, (list, tuple, str, bytes, range, array, Mapping)):
        return False
    if hasattr(x, "shape") or is_sparse(x):
        return False
    if hasattr(x, "__next__") or hasattr(x, "on_epoch_end") or hasattr(x, "__array__"):
        return False
    return hasattr(x, "__iter__") or _has_numbered_samples(x)


def _has_numbered_samples(x: Any) -> bool:
    return hasattr(x, "__getitem__") and hasattr(x, "__len__") and not _is(x, "IterableDataset")


def _is(x: Any, name: str) -> bool:
    """Whether a class of torch's of that name is among those of `x`; torch need not be there."""
    return any(
        c.__name__ == name and c.__module__.startswith("torch.utils.data") for c in type(x).__mro__
    )


def batches_of(x: Any, batch_size: int | None, shuffle: bool = False) -> Any:
    """The batches of a foreign data set: a `Sequence` if it has a length, else a `Passes`.

    A `DataLoader` and other iterables yield batches already; a `Dataset` holds samples, which are
    put together here.
    """
    if _is(x, "Dataset") or not hasattr(x, "__iter__"):
        size = 32 if batch_size is None else batch_size
        if _has_numbered_samples(x):
            return SampleBatches(x, size, shuffle)
        return Passes(x, size)
    if batch_size is not None:
        raise ValueError(
            f"`batch_size` can't be given with a {type(x).__name__}: it yields whole batches."
        )
    return Passes(x)


class SampleBatches(Sequence):
    """Batches put together from a data set of single samples; `shuffle`: each epoch anew."""

    def __init__(self, samples: Any, batch_size: int, shuffle: bool) -> None:
        self.samples = samples
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.order = np.arange(len(samples))
        if shuffle:
            np.random.shuffle(self.order)

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        start = index * self.batch_size
        numbers = self.order[start : start + self.batch_size].tolist()
        if hasattr(self.samples, "__getitems__"):
            return stacked(self.samples.__getitems__(numbers))
        return stacked([self.samples[number] for number in numbers])

    def on_epoch_end(self) -> None:
        """A new order."""
        if self.shuffle:
            np.random.shuffle(self.order)


class Passes:
    """Batches of an iterable, one pass after the other; an epoch is one, unless its steps are said.

    `batch_size`: the iterable yields samples, so many of which make a batch.
    """

    def __init__(self, data: Any, batch_size: int | None = None) -> None:
        self.data = data
        self.batch_size = batch_size

    @property
    def length(self) -> int | None:
        """How many batches a pass has, if the data say it."""
        try:
            count = len(self.data)
        except TypeError:
            return None
        return count if self.batch_size is None else -(-count // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """One pass."""
        source = iter(self.data)
        if self.batch_size is None:
            for batch in source:
                yield tuple(batch) if isinstance(batch, list) else batch
            return
        while samples := list(islice(source, self.batch_size)):
            yield stacked(samples)


def stacked(samples: list[Any]) -> Any:
    """Samples as a batch: arrays, numbers, tuples and dicts of them.

    >>> stacked([(1.0, {"a": [1, 2]}), (2.0, {"a": [3, 4]})])
    (array([1., 2.]), {'a': array([[1, 2],
           [3, 4]])})
    """
    first = samples[0]
    if isinstance(first, Mapping):
        return {key: stacked([sample[key] for sample in samples]) for key in first}
    if isinstance(first, tuple) or (isinstance(first, list) and hasattr(first[0], "shape")):
        return tuple(stacked(list(each)) for each in zip(*samples, strict=True))
    return np.stack([np.asarray(sample) for sample in samples])

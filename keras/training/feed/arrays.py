"""Batches out of arrays that are there as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...backend.graph import runtime
from .rows import is_whole, read


class ArrayFeed:
    """Arrays of the same length, handed out in batches.

    Arrays in memory go to the engine once, and a shuffled epoch picks rows there; what is read in
    slices (an HDF5 dataset) or is sparse is read batch by batch.
    """

    def __init__(self, arrays: Sequence[Any], dtypes: Sequence[str], batch_size: int) -> None:
        self.samples = int(arrays[0].shape[0]) if arrays else 0
        self.batch_size = batch_size
        self.dtypes = list(dtypes)
        self.engine = runtime.engine()
        self.arrays = [
            self.engine.array(x, d) if is_whole(x) else x
            for x, d in zip(arrays, dtypes, strict=True)
        ]
        self.whole = all(is_whole(x) for x in arrays)

    def __len__(self) -> int:
        """The number of batches."""
        return -(-self.samples // self.batch_size)

    def sizes(self) -> list[int]:
        """How many samples each batch has."""
        full, rest = divmod(self.samples, self.batch_size)
        return [self.batch_size] * full + ([rest] if rest else [])

    def batches(self, order: np.ndarray | None = None) -> Iterator[Sequence[Any]]:
        """The batches, as lists of engine arrays; `order` says which samples come when."""
        if self.whole:
            return self.engine.batches(self.arrays, order, self.batch_size)
        return self._in_slices(order)

    def _in_slices(self, order: np.ndarray | None) -> Iterator[Sequence[Any]]:
        samples = self.samples if order is None else len(order)
        for start in range(0, samples, self.batch_size):
            stop = min(start + self.batch_size, samples)
            rows = slice(start, stop) if order is None else order[start:stop]
            yield [self._read(x, d, rows) for x, d in zip(self.arrays, self.dtypes, strict=True)]

    def _read(self, x: Any, dtype: str, rows: Any) -> Any:
        return self.engine.array(read(x, rows), dtype)

    def everything(self) -> Sequence[Any]:
        """All samples as one batch."""
        return [
            self._read(x, d, slice(None)) for x, d in zip(self.arrays, self.dtypes, strict=True)
        ]


def shuffled(samples: int, batch_size: int, shuffle: Any) -> np.ndarray | None:
    """The order of an epoch, drawn from numpy's generator; 'batch' keeps batches as they are."""
    if shuffle not in (True, False, None, "batch"):
        raise ValueError(f"`shuffle` is True, False or 'batch', got {shuffle!r}.")
    if not shuffle:
        return None
    order = np.arange(samples)
    if shuffle != "batch":
        np.random.shuffle(order)
        return order
    count = samples // batch_size
    kept, rest = order[: count * batch_size], order[count * batch_size :]
    blocks = kept.reshape(count, batch_size)
    np.random.shuffle(blocks)
    return np.concatenate([blocks.reshape(-1), rest])

"""Data that is read in rows, as batches need them: HDF5 data sets, memory maps, sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...backend.graph import runtime


def is_whole(x: Any) -> bool:
    """Whether `x` is there as a whole, to be sent to the engine at once."""
    mapped = isinstance(x, np.memmap)  # a file that is larger than the memory, perhaps
    return (isinstance(x, np.ndarray) and not mapped) or runtime.is_engine_array(x)


def is_sparse(x: Any) -> bool:
    """Whether `x` is a matrix of SciPy's that leaves its zeros out."""
    return hasattr(x, "toarray") and hasattr(x, "tocsr")


def dense(x: Any) -> Any:
    """What is small enough for a batch, as a whole."""
    if is_sparse(x):
        return x.toarray()
    return x if is_whole(x) else np.array(x[:])


def read(x: Any, rows: Any) -> Any:
    """The rows (a slice, or numbers in any order) as a whole array."""
    if isinstance(rows, slice):
        return dense(x[rows])
    if runtime.is_engine_array(x):
        engine = runtime.engine()
        return engine.run_now("take", [x, engine.array(rows, "int64")], {"axis": 0})
    if is_sparse(x) or isinstance(x, (np.ndarray, Part)):
        return dense(x[rows])
    wanted, back = np.unique(rows, return_inverse=True)  # HDF5 reads in rising order, each once
    return dense(x[wanted.tolist()])[back]


class Part:
    """The rows from `start` to `stop` of something that is read in rows, without reading it."""

    def __init__(self, whole: Any, start: int, stop: int) -> None:
        self.whole = whole
        self.start = start
        self.shape = (stop - start, *whole.shape[1:])
        self.dtype = whole.dtype
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, rows: Any) -> Any:
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            return read(self.whole, slice(self.start + start, self.start + stop, step))
        return read(self.whole, np.asarray(rows) + self.start)


def part(x: Any, start: int, stop: int) -> Any:
    """The rows from `start` to `stop`; nothing is read yet."""
    return x[start:stop] if is_whole(x) or is_sparse(x) else Part(x, start, stop)

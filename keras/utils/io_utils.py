"""Arrays in HDF5 files, and files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ..saving.files import ask_to_proceed_with_overwrite, replacing as atomic_write
from ..saving.h5 import HDF5_OBJECT_HEADER_LIMIT
from .h5dict import H5Dict, load_from_binary_h5py, save_to_binary_h5py

__all__ = [
    "HDF5_OBJECT_HEADER_LIMIT",
    "H5Dict",
    "HDF5Matrix",
    "ask_to_proceed_with_overwrite",
    "atomic_write",
    "h5dict",
    "load_from_binary_h5py",
    "save_to_binary_h5py",
]

h5dict = H5Dict


class HDF5Matrix:
    """The rows `start` to `end` of a data set in an HDF5 file, read when they are asked for.

    It is indexed as an array: a number, a slice, a list of rows in any order, a mask. `normalizer`
    is a function that everything passes through which is read. `datapath` may be an open
    `h5py.File`.

        x = HDF5Matrix("data.h5", "x", start=0, end=1000)
        model.fit(x, y, shuffle="batch")
    """

    def __init__(
        self,
        datapath: Any,
        dataset: str,
        start: int = 0,
        end: int | None = None,
        normalizer: Callable[[Any], Any] | None = None,
    ) -> None:
        self.path: str | None = None
        if isinstance(datapath, (str, os.PathLike)):
            self.path = os.fspath(datapath)
            datapath = _opened(self.path)
        self.dataset = dataset
        self.start = start
        self.normalizer = normalizer
        self._data: Any = _data_set(datapath, dataset)
        self._process = os.getpid()
        rows = self._data.shape[0]
        self.end = rows if end is None else end
        if not 0 <= start <= self.end <= rows:
            raise ValueError(
                f"`HDF5Matrix`: `{dataset}` has {rows} rows, got start={start}, end={end}."
            )

    @property
    def data(self) -> Any:
        """The h5py data set."""
        if self.path is not None and self._process != os.getpid():
            # Two processes must not share one open file: each would move the other's place in it.
            self._data = _data_set(_opened(self.path), self.dataset)
            self._process = os.getpid()
        return self._data

    def __getstate__(self) -> dict[str, Any]:
        if self.path is None:
            raise TypeError("An `HDF5Matrix` of an open file can't be pickled; give it a path.")
        return {**self.__dict__, "_data": None, "_process": None}

    def __len__(self) -> int:
        return self.end - self.start

    def __getitem__(self, key: Any) -> Any:
        first, *others = key if isinstance(key, tuple) else (key,)
        found = self._rows(first)
        if others:
            inner = others if isinstance(first, (int, np.integer)) else [slice(None), *others]
            found = found[tuple(inner)]
        return found if self.normalizer is None else self.normalizer(found)

    def _rows(self, key: Any) -> Any:
        if isinstance(key, slice):
            picked = range(self.start, self.end)[key]
            if picked.step == 1:
                return self.data[picked.start : max(picked.start, picked.stop)]
            return self._rows(np.arange(len(self))[key])
        rows = np.asarray(key)
        if rows.dtype == bool and rows.shape == (len(self),):
            rows = np.flatnonzero(rows)
        rows = np.where(rows < 0, rows + len(self), rows)
        wrong = rows[(rows < 0) | (rows >= len(self))]
        if wrong.size:
            raise IndexError(f"`HDF5Matrix` has {len(self)} rows, there is no row {key!r}.")
        if rows.ndim == 0:
            return self.data[self.start + int(rows)]
        # h5py wants each row once, in rising order.
        each, places = np.unique(rows.astype("int64"), return_inverse=True)
        return self.data[self.start + each][places]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, as that of an array."""
        return (len(self), *self._data_shape()[1:])

    def _data_shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = tuple(self.data.shape)
        return shape

    @property
    def dtype(self) -> Any:
        """The type of the numbers, as they are stored."""
        return self.data.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))


def _opened(path: str) -> Any:
    import h5py

    try:
        return h5py.File(path, "r")
    except FileNotFoundError as error:
        raise FileNotFoundError(f"`HDF5Matrix`: there is no file {path!r}.") from error


def _data_set(file: Any, name: str) -> Any:
    if name not in file:
        raise ValueError(
            f"`HDF5Matrix`: the file holds no data set `{name}`; it holds "
            f"{', '.join(file) or 'nothing'}."
        )
    return file[name]

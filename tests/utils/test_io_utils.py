"""HDF5Matrix: rows of a file as if they were an array."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.saving import files
from keras.utils import HDF5Matrix, io_utils

ROWS = np.arange(60).reshape(20, 3).astype("float32")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = ROWS
        file["deep/y"] = np.arange(20)
    return path


KEYS = [
    0,
    9,
    -1,
    np.int64(3),
    slice(None),
    slice(2, 5),
    slice(-3, None),
    slice(None, None, 3),
    slice(8, 2, -2),
    slice(5, 2),
    slice(0, 100),
    [3, 1, 2],
    [0, 0, -1, 5],
    np.array([7, 2]),
    np.arange(10) % 3 == 0,
    (slice(1, 4), 2),
    ([4, 1], slice(0, 2)),
    (5, 1),
    [],
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_it_is_indexed_as_an_array(path: Path, key: Any) -> None:
    part = ROWS[4:14]
    expected = part[:0] if isinstance(key, list) and not key else part[key]
    got = HDF5Matrix(path, "x", start=4, end=14)[key]
    np.testing.assert_array_equal(got, expected)
    assert np.shape(got) == expected.shape


def test_its_size(path: Path) -> None:
    part = HDF5Matrix(str(path), "x", start=15)
    assert (len(part), part.shape, part.ndim, part.size) == (5, (5, 3), 2, 15)
    assert part.dtype == np.float32
    assert HDF5Matrix(path, "deep/y").shape == (20,)


def test_what_is_read_passes_through_the_normalizer(path: Path) -> None:
    part = HDF5Matrix(path, "x", end=4, normalizer=lambda x: x * 2)
    np.testing.assert_array_equal(part[1:3], ROWS[1:3] * 2)
    np.testing.assert_array_equal(part[0], ROWS[0] * 2)


def test_an_open_file_will_do(path: Path) -> None:
    with h5py.File(path) as file:
        part = HDF5Matrix(file, "x")
        np.testing.assert_array_equal(part[:2], ROWS[:2])
        with pytest.raises(TypeError, match="can't be pickled; give it a path"):
            pickle.dumps(part)


def test_it_travels_to_other_processes(path: Path) -> None:
    part = HDF5Matrix(path, "x", start=2)
    again = pickle.loads(pickle.dumps(part))
    np.testing.assert_array_equal(again[3], ROWS[5])


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="processes can't be forked here"
)
def test_a_forked_process_opens_the_file_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = HDF5Matrix(path, "x")
    before = part.data
    monkeypatch.setattr(io_utils.os, "getpid", lambda: -1)
    assert part.data is not before
    assert part.data is part.data


@pytest.mark.parametrize("row", [10, -11, [0, 10]])
def test_rows_that_are_not_there(path: Path, row: Any) -> None:
    with pytest.raises(IndexError, match="has 10 rows, there is no row"):
        HDF5Matrix(path, "x", end=10)[row]


def test_wrong_places(path: Path) -> None:
    with pytest.raises(ValueError, match="no data set `z`; it holds deep, x"):
        HDF5Matrix(path, "z")
    with pytest.raises(ValueError, match="`x` has 20 rows, got start=3, end=21"):
        HDF5Matrix(path, "x", 3, 21)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        HDF5Matrix(path.with_name("other.h5"), "x")


def test_files_are_replaced_by_the_saving_rooms_own_means() -> None:
    assert io_utils.atomic_write is files.replacing
    assert io_utils.ask_to_proceed_with_overwrite is files.ask_to_proceed_with_overwrite

"""What is read past HDF5's library is what the library reads."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.layers import Dense
from keras.models import Sequential
from keras.saving import FileError, direct, h5, raw
from keras.saving.files import reading

VALUES = np.linspace(-3, 7, 60, dtype="float32").reshape(5, 12)
DIRECT = {"plain", "single", "small", "large"}


def written(path: Path) -> None:
    """Arrays of all kinds behind a block of the user's own."""
    with h5py.File(path, "w", userblock_size=512) as file:
        file["plain"] = VALUES
        file["single"] = np.float32(3)
        file["small"] = VALUES[:1, :1]
        file["large"] = np.arange(1 << 18, dtype="float32")
        file["backwards"] = VALUES.astype(">f4")
        file["double"] = VALUES.astype("float64")
        file["half"] = VALUES.astype("float16")
        file["whole"] = np.arange(5, dtype="int32")
        file["none"] = np.zeros((0, 3), "float32")
        file.create_dataset("pieces", data=VALUES, chunks=(2, 5))
        file.create_dataset("packed", data=VALUES, compression="gzip", shuffle=True)
        file.create_dataset("promised", (5, 12), "float32")
        file.create_dataset("filled", (5, 12), "float32", fillvalue=2.5)
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((5, 12))
        made = h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_FLOAT, space, compact)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, VALUES)
        odd = h5py.h5t.IEEE_F32LE.copy()
        odd.set_ebias(100)  # four bytes, but no `float32`
        made = h5py.h5d.create(file.id, b"odd", odd, space)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, VALUES)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where in the file each array began that was read past the library."""
    places: list[int] = []
    read = direct.read

    def noted(number: int, place: int, into: Any) -> None:
        places.append(place)
        read(number, place, into)

    monkeypatch.setattr(direct, "read", noted)
    return places


def test_arrays_of_all_kinds_are_what_the_library_reads(tmp_path: Path, counted: list[int]) -> None:
    path = tmp_path / "arrays.h5"
    written(path)
    with h5py.File(path, "r") as file:
        expected = {name: file[name][()] for name in file}
    passed = set()
    with reading(path) as file:
        for name, value in expected.items():
            before = len(counted)
            array = h5.dataset(file, name)
            found = np.asarray(array[()])
            if len(counted) > before:
                passed.add(name)
            assert found.dtype == value.dtype, name
            np.testing.assert_array_equal(found, value, err_msg=name)
            into = np.full(value.shape, 9, "float64")
            if into.ndim and into.size:
                array.read_direct(into)  # into memory of another type
                np.testing.assert_array_equal(into, value.astype("float64"), err_msg=name)
    assert passed == DIRECT


def test_a_long_array_takes_several_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux reads 2 GiB at once at most; here it is 1000 bytes."""
    path = tmp_path / "arrays.h5"
    written(path)
    preadv = os.preadv
    monkeypatch.setattr(
        os, "preadv", lambda fd, into, at: preadv(fd, [memoryview(into[0]).cast("B")[:1000]], at)
    )
    with reading(path) as file:
        np.testing.assert_array_equal(h5.dataset(file, "large")[()], np.arange(1 << 18))


def test_a_file_that_ends_too_early_is_told(tmp_path: Path) -> None:
    path = tmp_path / "arrays.h5"
    written(path)
    with reading(path) as file:
        array = h5.dataset(file, "large")
        os.truncate(path, array.place + 1000)
        with pytest.raises(FileError, match=f"{(1 << 20) - 1000:,} bytes are missing"):
            array[()]


def test_a_file_that_is_written_to_is_read_by_the_library(
    tmp_path: Path, counted: list[int]
) -> None:
    """It may hold numbers that aren't in the file yet."""
    path = tmp_path / "model.h5"
    model = Sequential([Dense(3, input_shape=(4,))])
    model.save_weights(path)
    name = f"{model.layers[0].name}/{model.weights[0].name}"
    with h5py.File(path, "r+") as file:
        kernel = file[name]
        for row in range(4):
            kernel[row] = row
        for source in (file, path):
            model.set_weights([np.zeros_like(w) for w in model.get_weights()])
            model.load_weights(source)
            np.testing.assert_array_equal(
                model.get_weights()[0], np.arange(4)[:, None] * np.ones(3)
            )
        assert not counted
    model.load_weights(path)
    assert len(counted) == 2
    assert not raw._opened


@pytest.mark.skipif(direct._advise is None, reason="what Linux calls large pages")
def test_large_pages_are_asked_for_within_large_arrays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    advise = direct._advise
    assert advise is not None

    def noted(begin: int, size: int, what: int) -> int:
        asked.append((begin, size))
        return advise(begin, size, what)

    monkeypatch.setattr(direct, "_advise", noted)
    path = tmp_path / "arrays.h5"
    sizes = {"small": direct.LARGE - 4, "large": direct.LARGE, "odd": direct.LARGE + 4 * 1111}
    with h5py.File(path, "w") as file:
        for name, size in sizes.items():
            file[name] = np.arange(size // 4, dtype="float32")
    with reading(path) as file:
        for name, size in sizes.items():
            memory = np.empty(size // 4 + 1, "float32")[1:]  # begins within a page
            h5.dataset(file, name).read_direct(memory)
            np.testing.assert_array_equal(memory, np.arange(size // 4))
            for begin, length in asked:
                assert begin % mmap.PAGESIZE == length % mmap.PAGESIZE == 0
                first, last = memory.ctypes.data, memory.ctypes.data + size
                assert first <= begin < first + mmap.PAGESIZE
                assert last - mmap.PAGESIZE < begin + length <= last
            assert len(asked) == (name != "small"), name
            asked.clear()

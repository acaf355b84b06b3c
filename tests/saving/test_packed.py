"""Packed arrays take no more memory than they say, whatever their pieces unpack to."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.saving import FileError, h5, objects
from keras.saving.files import reading


def array(path: Path) -> Any:
    with reading(path) as file:
        return h5.dataset(file, "x")[()]


def made(path: Path, piece: bytes, left_out: int = 0, **packing: Any) -> Path:
    """A file whose array has one piece of its own."""
    with h5py.File(path, "w") as file:
        data = file.create_dataset(
            "x", data=np.zeros((40, 5), "float32"), chunks=(10, 5), **packing
        )
        data.id.write_direct_chunk((10, 0), piece, left_out)
    return path


def test_a_piece_as_large_as_it_may_be(tmp_path: Path) -> None:
    numbers = np.arange(50, dtype="float32").reshape(10, 5)
    expected = np.zeros((40, 5))
    expected[10:20] = numbers
    packed = made(tmp_path / "packed", zlib.compress(numbers.tobytes()), compression="gzip")
    np.testing.assert_array_equal(array(packed), expected)
    as_it_is = made(tmp_path / "as it is", numbers.tobytes(), 1, compression="gzip")
    np.testing.assert_array_equal(array(as_it_is), expected)


@pytest.mark.parametrize("packing", [{}, {"shuffle": True}, {"fletcher32": True}])
def test_a_piece_larger_than_it_may_be(packing: dict[str, Any], tmp_path: Path) -> None:
    """HDF5 would take 30 MB for 30 KB."""
    path = made(tmp_path / "x", zlib.compress(bytes(30 << 20)), compression="gzip", **packing)
    with pytest.raises(FileError, match=r"`/x` has a piece .* 200 bytes, and has more"):
        array(path)


@pytest.mark.parametrize("left_out", [0, 1])
def test_a_piece_smaller_than_it_has_to_be(left_out: int, tmp_path: Path) -> None:
    """HDF5 would take the rest from what lies behind it in memory."""
    piece = bytes(120) if left_out else zlib.compress(bytes(120))
    path = made(tmp_path / "x", piece, left_out, compression="gzip")
    with pytest.raises(FileError, match=r"`/x` has a piece .* 200 bytes, and has 120"):
        array(path)


@pytest.mark.parametrize("numbers", [np.arange(5000), np.zeros(5000), np.arange(5000) // 30])
def test_lzf(numbers: Any, tmp_path: Path) -> None:
    path = tmp_path / "x"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", data=numbers, chunks=(2500,), compression="lzf")
        other = data.id.read_direct_chunk((2500,))
    np.testing.assert_array_equal(array(path), numbers)
    with h5py.File(path, "r+") as file:
        file["x"].id.write_direct_chunk((0,), other[1][:-40], other[0])
    with pytest.raises(FileError, match=r"`/x` (has a piece that should have 20,000|can't be)"):
        array(path)


def test_numbers_beside_their_bits(tmp_path: Path) -> None:
    """Older versions of HDF5 look for a mantissa wherever a file says."""
    path = tmp_path / "x"
    with h5py.File(path, "w") as file:
        file["x"] = np.ones(3, "float32")
    data = bytearray(path.read_bytes())
    fields = data.index(bytes.fromhex(objects.FLOAT32)) + 7
    assert data[fields : fields + 8] == bytes((0, 0, 32, 0, 23, 8, 0, 23)), "offset to mantissa"
    data[fields + 6] = 64
    path.write_bytes(data)
    # Newer ones say so themselves.
    with pytest.raises((FileError, KeyError), match=r"beside the bits|out of bounds"):
        array(path)


def test_a_piece_that_is_no_packed_one(tmp_path: Path) -> None:
    path = made(tmp_path / "x", b"no zlib", compression="gzip")
    with pytest.raises(FileError, match=r"`/x` can't be unpacked"):
        array(path)


def test_packed_again(tmp_path: Path) -> None:
    """Each packing of zeros makes a thousandth of them."""
    path = tmp_path / "x"
    with h5py.File(path, "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((1000,))
        plist.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
        plist.set_filter(h5py.h5z.FILTER_LZF, 1)
        h5py.h5d.create(
            file.id, b"x", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((1000,)), plist
        ).write(h5py.h5s.ALL, h5py.h5s.ALL, np.zeros(1000, "float32"))
    with pytest.raises(FileError, match="`/x` is packed more than once"):
        array(path)


def test_pieces_larger_than_the_array(tmp_path: Path) -> None:
    """Of an array that may grow; HDF5 takes memory for all of a piece."""
    path = tmp_path / "x"
    three: dict[str, Any] = {"data": np.ones(3, "float32"), "maxshape": (None,)}
    with h5py.File(path, "w") as file:
        file.create_dataset("x", **three)
    np.testing.assert_array_equal(array(path), np.ones(3))
    with h5py.File(path, "w") as file:
        file.create_dataset("x", **three, chunks=(1 << 21,), compression="gzip")
    with pytest.raises(FileError, match="pieces of 2,097,152 numbers, and has 3 itself"):
        array(path)


def test_a_piece_that_is_not_where_it_should_be(tmp_path: Path) -> None:
    """HDF5 says that all pieces are there, and leaves what was in memory where one isn't."""
    path = tmp_path / "x"
    with h5py.File(path, "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        file.create_dataset("x", data=np.ones(40, "float32"), chunks=(10,), dcpl=plist)
    made = bytearray(path.read_bytes())
    last = made.index(struct.pack("<IIQQ", 40, 0, 30, 0))
    struct.pack_into("<Q", made, last + 8, 2000)
    path.write_bytes(made)
    with reading(path) as file:
        memory = np.full(40, 7, "float32")
        h5.dataset(file, "x").read_direct(memory)
    np.testing.assert_array_equal(memory, [1] * 30 + [0] * 10)

"""Texts in attributes are read whole, whatever the layout, and not believed when they lie."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.saving import FileError, h5, raw
from keras.saving.files import reading

LAYOUTS: dict[str, dict[str, Any]] = {
    "earliest": {},
    "latest": {"libver": "latest"},
    "in order": {"track_order": True},
    "block before": {"userblock_size": 512},
}


def fill(group: Any) -> None:
    """Attributes that don't fit into one block of the header."""
    group.attrs["keras_version"] = "2.3.1"
    group.attrs["model_config"] = "y" * 60_000
    group.attrs["ä"] = "ü"
    group.attrs["names"] = np.array(["a", "bc"], dtype=h5py.string_dtype())
    for i in range(4):
        group.attrs[f"k{i}"] = b"z" * i


def check(group: Any) -> None:
    assert h5.read_text(group, "keras_version") == "2.3.1"
    assert h5.read_text(group, "model_config") == "y" * 60_000
    assert h5.read_text(group, "ä") == "ü"
    assert h5.read_names(group, "names") == ["a", "bc"]
    assert [h5.read_text(group, f"k{i}") for i in range(4)] == ["", "z", "zz", "zzz"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_honest_texts(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", **LAYOUTS[layout]) as file:
        for group in (file, file.create_group("a/b")):
            fill(group)
            check(group)  # also while it is being written
    for source in (path, io.BytesIO(path.read_bytes())):
        with reading(source) as file:
            check(file)
            check(file["a/b"])
    with h5py.File(path, "r", driver="core") as file:
        check(file)
        check(file["a/b"])
    assert not raw._opened


@pytest.mark.parametrize("layout", ["earliest", "block before"])  # the others have checksums
@pytest.mark.parametrize("declared", [100_000, 0xFFFF0000])
def test_a_text_longer_than_the_file(layout: str, declared: int, tmp_path: Path) -> None:
    """HDF5 would take, and clear, that much memory before it sees that the heap is smaller."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", **LAYOUTS[layout]) as file:
        file.attrs["keras_version"] = "2" * 1000
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<I", 1000), data.index(b"keras_version\0"))
    data[at : at + 4] = struct.pack("<I", declared)
    path.write_bytes(data)
    for source in (path, io.BytesIO(data)):
        with (
            reading(source) as file,
            pytest.raises(FileError, match=rf"`keras_version` .* declares .* {declared:,} bytes"),
        ):
            h5.read_text(file, "keras_version")


def test_many_references_to_one_text(tmp_path: Path) -> None:
    """Each is shorter than the file, all together aren't."""
    path, count, length = tmp_path / "x.h5", 200, 3000
    texts = ["a" * length, *["b"] * (count - 1)]
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(texts, dtype=h5py.string_dtype())
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<I", length), data.index(b"layer_names\0"))
    data[at : at + 16 * count] = data[at : at + 16] * count
    with (
        reading(io.BytesIO(data)) as file,
        pytest.raises(FileError, match=f"{count * length:,} bytes"),
    ):
        h5.read_names(file, "layer_names")


def test_heaps_that_lie(tmp_path: Path) -> None:
    """HDF5 goes from object to object by their sizes: with steps of nothing, for ever."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2" * 100
    honest = path.read_bytes()
    heap = honest.index(b"GCOL")
    text, free = heap + 16, heap + 16 + 16 + 104
    assert struct.unpack_from("<H6xQ", honest, text) == (1, 100)
    assert struct.unpack_from("<H6xQ", honest, free)[0] == 0, "what is left of the heap"
    size = struct.unpack_from("<Q", honest, heap + 8)[0]
    damages = {
        "free space of no size": (free + 8, 0),
        "a size that goes round the numbers": (text + 8, 2**64 - 16),
        "beyond the heap": (free + 8, size),
        "beyond the file": (heap + 8, 10 * len(honest)),
    }
    for name, (at, value) in damages.items():
        data = bytearray(honest)
        struct.pack_into("<Q", data, at, value)
        with (
            reading(io.BytesIO(data)) as file,
            pytest.raises(FileError, match=r"`keras_version` .* damaged part"),
        ):
            pytest.fail(name + h5.read_text(file, "keras_version"))
    with reading(io.BytesIO(honest.replace(b"GCOL", b"LOCG"))) as file, pytest.raises(FileError):
        h5.read_text(file, "keras_version")


def test_sequences_of_numbers_are_no_texts(tmp_path: Path) -> None:
    """Where such a sequence is damaged, h5py crashes."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        sequences = np.empty(1, h5py.vlen_dtype("uint8"))
        sequences[0] = np.array([1, 2], "uint8")
        file.attrs.create("backend", sequences, dtype=sequences.dtype)
    with reading(path) as file, pytest.raises(FileError, match=r"`backend` .* is no text"):
        h5.read_text(file, "backend")


def test_texts_that_cannot_be_checked(tmp_path: Path) -> None:
    """Many attributes lie in a heap of their own; h5py does that only when it is asked to."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for i in range(20):
            file.attrs[f"k{i}"] = "text"
    with reading(path) as file, pytest.raises(FileError, match=r"`k3` .* no version of Keras"):
        h5.read_text(file, "k3")

"""Reading the files of data sets: `.npz`, pickles of Keras 1, and MNIST's own format."""

from __future__ import annotations

import gzip
import json
import math
import pickle
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .pickles import Unsafe, read_pickle

_GZIP = b"\x1f\x8b"
_ZIP = b"PK"
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    TypeError, ValueError, pickle.UnpicklingError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a file that isn't whole may raise."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Errors in this block say which file it was and what to do."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Unsafe as error:
        raise ValueError(f"{path} was not read: {error}.") from error
    except _DAMAGED as error:
        raise ValueError(
            f"{path} can't be read as the data set it should be ({type(error).__name__}: {error}). "
            "Delete it, and it is fetched again."
        ) from error


def arrays(path: Path, names: Sequence[str]) -> list[Any]:
    """The arrays of a file, by their names in an `.npz`.

    Keras 1 kept the same in a pickle: pairs, in this order.
    """
    with reading(path):
        if _begins(path, _ZIP):
            with zipfile.ZipFile(path) as archive:
                return [_member(archive, f"{name}.npy") for name in names]
        with _opened(path) as file:
            found = _flat(read_pickle(file))
        if len(found) != len(names):
            raise ValueError(f"it holds {len(found)} arrays, expected {len(names)}")
        return found


def word_index(path: Path) -> dict[str, int]:
    """Words and their numbers, from JSON or from a pickle."""
    with reading(path), path.open("rb") as file:
        is_json = file.read(1) == b"{"
        file.seek(0)
        found = json.load(file) if is_json else read_pickle(file)
        if not isinstance(found, dict):
            raise ValueError(f"expected words and their numbers, got {type(found).__name__}")
        return {str(word): int(number) for word, number in found.items()}


def idx(path: Path) -> np.ndarray:
    """Bytes as MNIST was published: two zeros, 8, the number of axes, their sizes, the bytes."""
    with reading(path), _opened(path) as file:
        start = file.read(4)
        if start[:3] != b"\0\0\x08":
            raise ValueError(f"it begins with {start!r}, expected bytes in the IDX format")
        shape = np.frombuffer(file.read(4 * start[3]), dtype=">u4").tolist()
        size = math.prod(shape)
        content = file.read(size + 1)  # no more than it says there is
        if len(content) != size:
            raise ValueError(f"it says that {size} bytes follow, but it has fewer or more")
        return np.frombuffer(content, dtype="uint8").reshape(shape).copy()


def _opened(path: Path) -> Any:
    """A file to read bytes from, unpacked if it is gzipped."""
    return gzip.open(path) if _begins(path, _GZIP) else path.open("rb")


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _flat(found: Any) -> list[Any]:
    """`((a, b), (c, d))` as `[a, b, c, d]`."""
    if not isinstance(found, tuple):
        return [found]
    return [each for part in found for each in _flat(part)]


def _member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array. A pickle inside, which holds lists, is read with care."""
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        shape, _, dtype = _HEADERS[version](file)
        if dtype.char == "O":
            found = read_pickle(file)
            if not isinstance(found, np.ndarray) or found.shape != shape:
                raise ValueError(f"{name} says that its shape is {shape}, and it isn't")
            return found
        if math.prod(shape) * dtype.itemsize != archive.getinfo(name).file_size - file.tell():
            raise ValueError(f"{name} says that its shape is {shape}, which is not its size")
        file.seek(0)
        array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
        return array

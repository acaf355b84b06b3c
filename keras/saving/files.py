"""Opening files to read, and replacing files so that at no moment a half-written one is there."""

from __future__ import annotations

import io
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .safety import FileError

if TYPE_CHECKING:
    import h5py


def hdf5() -> Any:
    """The package that reads and writes HDF5, imported when it is first used."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError("`.h5` files need the package h5py: `pip install h5py`.") from error
    return h5py


@contextmanager
def reading(source: Any) -> Iterator[h5py.Group]:
    """The HDF5 group behind a path, an open group, or an open binary file."""
    h5py = hdf5()
    if isinstance(source, h5py.Group):
        yield source
        return
    if hasattr(source, "read"):
        with _opened(io.BytesIO(_bytes_of(source)), "the file object") as file:
            yield file
        return
    path = Path(os.fspath(source))
    if not path.is_file():
        raise FileNotFoundError(f"There is no file `{path}`.")
    with _opened(path, f"`{path}`") as file:
        yield file


def _opened(source: Any, who: str) -> Any:
    h5py = hdf5()
    try:
        return h5py.File(source, "r")
    except OSError as error:
        if isinstance(error, PermissionError):
            raise
        raise FileError(f"{who} can't be read as HDF5 ({error}).") from error


def _bytes_of(stream: Any) -> bytes:
    data = stream.read()
    if not isinstance(data, bytes):
        raise TypeError("The file object gives text; open the file in binary mode, 'rb'.")
    return data


@contextmanager
def writing(target: Any) -> Iterator[h5py.Group]:
    """An HDF5 group to write into; what was at a path stays there until the new file is whole."""
    h5py = hdf5()
    if isinstance(target, h5py.Group):
        yield target
    elif hasattr(target, "write"):
        memory = io.BytesIO()
        with h5py.File(memory, "w") as file:
            yield file
        target.write(memory.getbuffer())
    else:
        with replacing(target) as path, h5py.File(path, "w") as file:
            yield file


@contextmanager
def replacing(target: str | os.PathLike[str]) -> Iterator[Path]:
    """A path to write to, which takes the target's place once everything went well.

    It lies in the same folder, so that taking the place is one step of the file system: whoever
    looks sees the old file or the new one. It isn't forced onto the disk, which would make
    saving several times slower.
    """
    path = Path(os.path.realpath(os.fspath(target)))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"`{path}` may not be written to.")
    made = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex[:12]}")
    try:
        yield made
        if path.exists():
            made.chmod(path.stat().st_mode & 0o777)
        made.replace(path)
    except BaseException:  # also Ctrl-C: nothing half-written is left behind
        made.unlink(missing_ok=True)
        raise


def may_write(target: Any, overwrite: bool) -> bool:
    """Whether a target may be written to; asks where a file would be lost."""
    if overwrite or not isinstance(target, (str, os.PathLike)) or not Path(target).is_file():
        return True
    return ask_to_proceed_with_overwrite(os.fspath(target))


def ask_to_proceed_with_overwrite(filepath: str) -> bool:
    """Ask in the terminal whether a file may be replaced; where nobody can answer, raise."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise FileExistsError(
            f"`{filepath}` exists, and `overwrite=False`. Give another name, or `overwrite=True`."
        )
    answer = ""
    while answer not in ("y", "n"):
        answer = input(f"`{filepath}` exists. Replace it? [y/n] ").strip().lower()[:1]
    return answer == "y"

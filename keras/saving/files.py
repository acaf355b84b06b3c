"""Opening files to read, and replacing files so that at no moment a half-written one is there."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..whole_files import replacing as replacing
from . import objects, raw
from .disk import patient
from .safety import FileError, address

if TYPE_CHECKING:
    import h5py


@functools.cache
def hdf5() -> Any:
    """The package that reads and writes HDF5, imported when it is first used."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError("`.h5` files need the package h5py: `pip install h5py`.") from error
    return h5py


def checked(source: Any) -> Any:
    """A source that can be read: the path of a file, a group, or the bytes of a file object."""
    if isinstance(source, io.BytesIO) or _is_group(source):
        return source
    if hasattr(source, "read"):
        return io.BytesIO(_bytes_of(source))
    path = Path(os.fspath(source))
    if path.is_dir():
        raise IsADirectoryError(
            f"`{path}` is a folder. Models are read from files; a SavedModel of TensorFlow has to "
            "be saved as `.h5` by TensorFlow first."
        )
    if not path.is_file():
        raise FileNotFoundError(f"There is no file `{path}`.")
    return path


def beginning(source: Any) -> bytes:
    """The first bytes of a checked source, which tell what it is; none of a group."""
    if isinstance(source, io.BytesIO):
        return source.getbuffer()[:16].tobytes()
    if not isinstance(source, Path):
        return b""
    with source.open("rb") as file:
        return file.read(16)


def name_of(source: Any) -> str:
    """What messages call a source."""
    return f"`{source}`" if isinstance(source, Path) else "The file object"


def has_ending(target: Any, *endings: str) -> bool:
    """Whether a target is a path with one of these endings."""
    return isinstance(target, (str, os.PathLike)) and os.fspath(target).lower().endswith(endings)


def _is_group(source: Any) -> bool:
    return "h5py" in sys.modules and isinstance(source, hdf5().Group)


@contextmanager
def reading(source: Any) -> Iterator[h5py.Group]:
    """The HDF5 group behind a path, an open group, or an open binary file."""
    source = checked(source)
    if _is_group(source):
        file = source.file
        with raw.opened(file, file) as own:
            objects.check_start(own, name_of(source))
            objects.check(own, address(source), lambda: f"The group `{source.name}`")
            yield source
        return
    who = name_of(source)
    with _opened(source, who) as file, raw.opened(file, source) as own:
        objects.check_start(own, who)  # once more: another file may be at the path by now
        yield file


def _opened(source: Any, who: str) -> Any:
    h5py = hdf5()
    try:
        _check_start(source, who)
    except FileError:
        for each in h5py.h5f.get_obj_ids(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE):
            h5py.h5f.flush(each)  # what this process writes may not be on disk yet
        _check_start(source, who)
    try:
        return h5py.File(source, "r")
    except OSError as error:
        if isinstance(error, PermissionError):
            raise
        raise FileError(f"{who} can't be read as HDF5 ({error}).") from error


def _check_start(source: Any, who: str) -> None:
    if isinstance(source, io.BytesIO):
        with source.getbuffer() as data:
            objects.check_start(raw.Raw(len(data), data=data), who)
    else:
        with source.open("rb") as file:
            objects.check_start(raw.on_disk(file.fileno()), who)


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
        with replacing(target) as path, patient(path) as disk, h5py.File(disk, "w") as file:
            yield file


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

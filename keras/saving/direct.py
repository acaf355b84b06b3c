"""Numbers that lie in one piece are read past HDF5's library, by the descriptor that it reads by.

The library looks at each request anew; the system needs a place and a count. Only files that this
process opened for reading are read so: of others it may hold what isn't written yet.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .safety import FileError

LARGE = 1 << 22  # bytes from which numpy asks for large pages, too

_descriptors: dict[int, int] = {}  # by the library's number of an open file


@contextmanager
def readable(file: Any) -> Iterator[None]:
    """While this lasts, arrays of an open file may be read by its descriptor."""
    # Where this process has the file open for writing, too, the library says `r+` of both.
    if file.driver != "sec2" or file.mode != "r" or not hasattr(os, "preadv"):
        yield
        return
    number = file.id.id
    _descriptors[number] = file.id.get_vfd_handle()
    try:
        yield
    finally:
        del _descriptors[number]


def descriptor(low: Any) -> int | None:
    """What the file of a low-level handle is read by, if it may be."""
    import h5py

    return _descriptors.get(h5py.h5i.get_file_id(low).id) if _descriptors else None


def _system_advice() -> Callable[..., int] | None:
    """The system's `madvise`, where it knows of large pages."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return None
    try:
        advise = ctypes.CDLL(None).madvise
    except (AttributeError, OSError):  # a Python that is linked otherwise
        return None
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return advise


_advise = _system_advice()


def in_large_pages(memory: Any) -> None:
    """Ask for large pages where an array lies that is about to be filled.

    Clearing 64 MB in pages of 4 KB takes as long as reading them. The answer doesn't matter: it is
    no where the system has none.
    """
    if _advise is not None:
        begin = -(-memory.ctypes.data // mmap.PAGESIZE) * mmap.PAGESIZE
        end = (memory.ctypes.data + memory.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
        _advise(begin, end - begin, mmap.MADV_HUGEPAGE)


def read(number: int, place: int, into: Any) -> None:
    """Fill an array in C order with what begins at a place of a file."""
    if into.nbytes >= LARGE:
        in_large_pages(into)
    done, size = os.preadv(number, [into], place), into.nbytes
    while done < size:  # a call takes no more than 2 GiB
        more = os.preadv(number, [memoryview(into).cast("B")[done:]], place + done)
        if not more:
            raise FileError(f"The file ends within an array: {size - done:,} bytes are missing.")
        done += more

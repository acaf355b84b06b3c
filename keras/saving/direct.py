"""Numbers that lie in one piece are read past HDF5's library, by the descriptor that it reads by.

The library looks at each request anew; the system needs a place and a count.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable
from typing import Any

from .safety import FileError

LARGE = 1 << 22  # bytes from which numpy asks for large pages, too


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

"""Numbers that lie in one piece are read past HDF5's library, by the descriptor that it reads by.

The library looks at each request anew; the system needs a place and a count. Only files that this
process opened for reading are read so: of others it may hold what isn't written yet.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .safety import FileError

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


def read(number: int, place: int, into: Any) -> None:
    """Fill an array in C order with what begins at a place of a file."""
    done, size = os.preadv(number, [into], place), into.nbytes
    while done < size:  # a call takes no more than 2 GiB
        more = os.preadv(number, [memoryview(into).cast("B")[done:]], place + done)
        if not more:
            raise FileError(f"The file ends within an array: {size - done:,} bytes are missing.")
        done += more

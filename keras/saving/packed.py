"""How large the pieces of a packed array are, looked at before HDF5's library unpacks them.

What a piece has to have is known; the library takes as much memory as it turns out to have.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from math import prod
from typing import Any

from .safety import DEFLATE, FileError, filters_of

CHECKSUM = 4  # bytes, which may be packed as well


def check(dataset: Any, who: str) -> None:
    """Raise if a piece of an array, given by its low-level handle, is larger than it may be."""
    plist = dataset.get_create_plist()
    filters = filters_of(plist)
    if DEFLATE not in filters:
        return
    as_it_is = 1 << filters.index(DEFLATE)
    limit = prod(plist.get_chunk()) * dataset.dtype.itemsize + CHECKSUM
    for piece in _pieces(dataset):
        filters_left_out, data = dataset.read_direct_chunk(piece.chunk_offset)
        if filters_left_out & as_it_is:
            continue
        try:
            found = len(zlib.decompressobj().decompress(data, limit + 1))
        except zlib.error as error:
            raise FileError(f"{who} can't be unpacked: {error}.") from None
        if found > limit:
            raise FileError(f"{who} has a piece that is larger than the {limit:,} bytes it may be.")


def _pieces(dataset: Any) -> Iterator[Any]:
    if not hasattr(dataset, "chunk_iter"):  # in HDF5 before 1.12.3
        yield from map(dataset.get_chunk_info, range(dataset.get_num_chunks()))
        return
    found: list[Any] = []
    dataset.chunk_iter(found.append)
    yield from found

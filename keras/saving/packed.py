"""How large the pieces of an array are, looked at before HDF5's library reads or unpacks them.

What a piece has to have is known. Of one that unpacks to more, the library takes that much memory;
of one that has less, it takes what lies behind it in memory for the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from math import prod
from typing import Any

from .safety import DEFLATE, FLETCHER32, LZF, FileError, filters_of

CHECKSUM = 4  # bytes


def check(dataset: Any, who: str) -> None:
    """Raise if a piece of an array, by its low-level handle, isn't as large as it has to be."""
    plist = dataset.get_create_plist()
    filters = list(enumerate(filters_of(plist)))
    expected = prod(plist.get_chunk()) * dataset.get_type().get_size()
    for piece in _pieces(dataset):
        found = piece.size
        if filters:
            left_out, data = dataset.read_direct_chunk(piece.chunk_offset)
            used = [code for place, code in filters if not left_out >> place & 1]
            try:
                found = _unpacked_size(data, used, expected)
            except (zlib.error, IndexError) as error:
                raise FileError(f"{who} can't be unpacked: {error}.") from None
        if found != expected:
            more = "more" if found > expected else f"{found:,}"
            raise FileError(
                f"{who} has a piece that should have {expected:,} bytes, and has {more}."
            )


def _pieces(dataset: Any) -> Iterator[Any]:
    if not hasattr(dataset, "chunk_iter"):  # in HDF5 before 1.12.3
        yield from map(dataset.get_chunk_info, range(dataset.get_num_chunks()))
        return
    found: list[Any] = []
    dataset.chunk_iter(found.append)
    yield from found


def _unpacked_size(data: bytes, filters: list[int], expected: int) -> int:
    """Bytes after all filters were undone, the last first; counted a little beyond `expected`."""
    size = len(data)
    for code in reversed(filters):
        if code == DEFLATE:
            data = zlib.decompressobj().decompress(data, expected + CHECKSUM + 1)
            size = len(data)
        elif code == LZF:
            size = _lzf_size(data[:size])
        elif code == FLETCHER32:
            size -= CHECKSUM
            data = data[: max(size, 0)]
    return size


def _lzf_size(data: bytes) -> int:
    """Bytes that LZF's runs and copies make."""
    at = size = 0
    while at < len(data):
        control = data[at]
        at += 1
        if control < 32:
            size += control + 1
            at += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += data[at]
            at += 1
        size += length + 2
        at += 1
    return size

"""How long the texts in HDF5 attributes say they are, looked up in the file's own bytes.

Texts of no fixed length lie in a heap, and the attribute has their lengths and places. HDF5 takes
memory for the length before it looks whether the heap has that much; no function of it tells.
So the group's header is read here (HDF5 File Format Specification 3.0, IV.A.1 and IV.A.2.m).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .safety import FileError

Read = Callable[[int, int], bytes]
"""The bytes of a file from a place on, as many as are wanted or there."""

ATTRIBUTE, CONTINUATION = 0x0C, 0x10
MAX_BLOCKS = 1000
REFERENCE = 16
"""Bytes of an attribute for each text: its length (4), the heap (8), the number there (4)."""

in_memory: dict[str, io.BytesIO] = {}
"""Files that are open but have no path, by what HDF5 calls them."""


class Raw(NamedTuple):
    """A file's bytes."""

    read: Read
    size: int


def check(group: Any, name: str, count: int) -> None:
    """Raise if the texts of an attribute say that they are longer than the whole file."""
    from h5py import h5o

    who = f"The attribute `{name}` of `{group.name}`"
    with _raw(group.file) as raw:
        try:
            found = list(_values(raw.read, h5o.get_info(group.id).addr, name.encode("utf-8")))
            lengths = [sum(_lengths(data, count)) for data in found]
        except struct.error:
            found = []
        if not found:
            raise FileError(f"{who} lies in a place where no version of Keras puts it.")
        if max(lengths) > raw.size:
            raise FileError(
                f"{who} declares a text of {max(lengths):,} bytes; the file has {raw.size:,}. It "
                "is damaged or made to exhaust the memory."
            )


def _lengths(data: bytes, count: int) -> Iterator[int]:
    for i in range(count):
        yield struct.unpack_from("<I", data, REFERENCE * i)[0]


@contextmanager
def _raw(file: Any) -> Iterator[Raw]:
    if file.mode != "r":
        file.flush()
    base = file.userblock_size
    if file.driver == "sec2":
        number = file.id.get_vfd_handle()
        size = os.fstat(number).st_size
        yield Raw(lambda at, wanted: os.pread(number, min(wanted, size), at + base), size)
    elif file.filename in in_memory:
        with in_memory[file.filename].getbuffer() as data:
            yield Raw(lambda at, wanted: bytes(data[at + base : at + base + wanted]), len(data))
    else:
        image = file.id.get_file_image()  # from the base on
        yield Raw(lambda at, wanted: image[at : at + wanted], len(image))


def _values(read: Read, address: int, name: bytes) -> Iterator[bytes]:
    """What the messages about an attribute of this name hold."""
    for body in _messages(read, address):
        version, _, *sizes = struct.unpack_from("<BBHHH", body)
        start = 9 if version == 3 else 8
        if version == 1:
            sizes = [-(-size // 8) * 8 for size in sizes]
        if body[start : start + sizes[0]].partition(b"\0")[0] == name:
            yield body[start + sum(sizes) :]


def _messages(read: Read, address: int) -> Iterator[bytes]:
    """The bodies of the messages about attributes in an object's header, of both kinds."""
    start = read(address, 32)
    newer = start[:4] == b"OHDR"
    if newer:
        flags = start[5]
        skip = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(start[skip : skip + width], "little")
        blocks = [(address + skip + width, size)]
        head = 6 if flags & 4 else 4
    else:
        blocks, head = [(address + 16, struct.unpack_from("<I", start, 8)[0])], 8
    for number in range(MAX_BLOCKS):
        if number == len(blocks):
            return
        block, at = read(*blocks[number]), 0
        while at + head <= len(block):
            kind, size = struct.unpack_from("<BH" if newer else "<HH", block, at)
            body = block[at + head : at + head + size]
            at += head + size
            if kind == ATTRIBUTE and len(body) > 8:
                yield body
            elif kind == CONTINUATION and len(body) >= 16:
                place, length = struct.unpack_from("<QQ", body)
                # The newer kind has a signature (4 bytes) before its messages, a checksum behind.
                blocks.append((place + 4, length - 8) if newer else (place, length))

"""How long the texts in HDF5 attributes say they are, looked up in the file's own bytes.

Texts of no fixed length lie in a heap, and the attribute has their lengths and places. HDF5 takes
memory for the length before it looks whether the heap has that much; no function of it tells.
And in a heap with an object of no size it goes round for ever. So the group's header and the heaps
are read here (HDF5 File Format Specification 3.0, IV.A.1, IV.A.2.m and III.E).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .safety import FileError, address

Read = Callable[[int, int], bytes]
"""The bytes of a file from a place on, as many as are wanted or there."""

ATTRIBUTE, CONTINUATION = 0x0C, 0x10
MAX_BLOCKS = 1000
REFERENCE = struct.Struct("<IQ4x")
"""What an attribute has of each text: its length, the heap, the number there."""
HEAP = struct.Struct("<8xQ")
"""How a heap begins: a signature, its size."""
OBJECT = struct.Struct("<H6xQ")
"""How an object in a heap begins: its number, 0 for what is free; its size."""

in_memory: dict[str, io.BytesIO] = {}
"""Files that are open but have no path, by what HDF5 calls them."""


class Raw(NamedTuple):
    """A file's bytes."""

    read: Read
    size: int


def check(group: Any, name: str, count: int) -> None:
    """Raise if an attribute's texts are longer than the whole file, or lie in a broken heap."""
    who = f"The attribute `{name}` of `{group.name}`"
    with _raw(group.file) as raw:
        try:
            found = list(_values(raw.read, address(group), name.encode("utf-8")))
            places = [list(_references(data, count)) for data in found]
        except struct.error:
            found = []
        if not found:
            raise FileError(f"{who} lies in a place where no version of Keras puts it.")
        length = max(sum(length for length, _ in each) for each in places)
        if length > raw.size:
            raise FileError(
                f"{who} declares a text of {length:,} bytes; the file has {raw.size:,}. It "
                "is damaged or made to exhaust the memory."
            )
        heaps = {heap for each in places for _, heap in each if heap}
        if not _sound(raw, heaps):
            raise FileError(f"{who} has its texts in a damaged part of the file.")


def _references(data: bytes, count: int) -> Iterator[tuple[int, int]]:
    """Length and heap of each text."""
    for i in range(count):
        yield REFERENCE.unpack_from(data, REFERENCE.size * i)


def _sound(raw: Raw, heaps: Iterable[int]) -> bool:
    """Whether one comes to the end of each heap, object by object."""
    left = raw.size  # of all heaps: they don't overlap
    for heap in heaps:
        start = raw.read(heap, HEAP.size)
        if len(start) < HEAP.size or start[:4] != b"GCOL":
            return False
        (size,) = HEAP.unpack(start)
        left -= size
        if left < 0:
            return False
        at, end = heap + HEAP.size, heap + size
        while at + OBJECT.size <= end:
            head = raw.read(at, OBJECT.size)
            if len(head) < OBJECT.size:
                return False
            number, taken = OBJECT.unpack(head)
            step = OBJECT.size + -(-taken // 8) * 8 if number else taken  # all of the free one
            if step < OBJECT.size:
                return False
            at += step
        if at > end:
            return False
    return True


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

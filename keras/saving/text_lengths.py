"""How long the texts in HDF5 attributes say they are, looked up in the file's own bytes.

Texts of no fixed length lie in a heap, and the attribute has their lengths and places. HDF5 takes
memory for the length before it looks whether the heap has that much; no function of it tells.
And in a heap with an object of no size it goes round for ever. So the group's header and the heaps
are read here (HDF5 File Format Specification 3.0, IV.A.2.m and III.E).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any

from . import raw
from .safety import FileError, address

ATTRIBUTE = 0x0C
REFERENCE = struct.Struct("<IQ4x")
"""What an attribute has of each text: its length, the heap, the number there."""
HEAP = struct.Struct("<8xQ")
"""How a heap begins: a signature, its size."""
OBJECT = struct.Struct("<H6xQ")
"""How an object in a heap begins: its number, 0 for what is free; its size."""


def check(group: Any, name: str, count: int) -> None:
    """Raise if an attribute's texts are longer than the whole file, or lie in a broken heap."""
    who = f"The attribute `{name}` of `{group.name}`"
    own = raw.of(group.id)
    try:
        found = list(_values(own, address(group), name.encode("utf-8")))
        places = [list(_references(data, count)) for data in found]
    except (struct.error, raw.Unsound):
        found = []
    if not found:
        raise FileError(f"{who} lies in a place where no version of Keras puts it.")
    length = max(sum(length for length, _ in each) for each in places)
    if length > own.size:
        raise FileError(
            f"{who} declares a text of {length:,} bytes; the file has {own.size:,}. It "
            "is damaged or made to exhaust the memory."
        )
    heaps = {heap for each in places for _, heap in each if heap}
    if not _sound(own, heaps):
        raise FileError(f"{who} has its texts in a damaged part of the file.")


def _references(data: bytes, count: int) -> Iterator[tuple[int, int]]:
    """Length and heap of each text."""
    for i in range(count):
        yield REFERENCE.unpack_from(data, REFERENCE.size * i)


def _sound(own: raw.Raw, heaps: Iterable[int]) -> bool:
    """Whether one comes to the end of each heap, object by object."""
    left = own.size  # of all heaps: they don't overlap
    for heap in heaps:
        start = own.read(heap, HEAP.size)
        if len(start) < HEAP.size or start[:4] != b"GCOL":
            return False
        (size,) = HEAP.unpack(start)
        left -= size
        if left < 0:
            return False
        at, end = heap + HEAP.size, heap + size
        while at + OBJECT.size <= end:
            head = own.read(at, OBJECT.size)
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


def _values(own: raw.Raw, address: int, name: bytes) -> Iterator[bytes]:
    """What the messages about an attribute of this name hold."""
    for kind, _, body in raw.messages(own, address):
        if kind != ATTRIBUTE or len(body) <= 8:
            continue
        version, _, *sizes = struct.unpack_from("<BBHHH", body)
        start = 9 if version == 3 else 8
        if version == 1:
            sizes = [-(-size // 8) * 8 for size in sizes]
        if body[start : start + sizes[0]].partition(b"\0")[0] == name:
            yield body[start + sum(sizes) :]

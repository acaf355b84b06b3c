"""Texts of no fixed length in HDF5 attributes, read from the file's own bytes.

They lie in heaps, and the attribute has their lengths and places. HDF5's library takes memory for a
length before it looks whether the heap has that much, in a heap with an object of no size it goes
round for ever, and older ones look for an object behind a heap's end
(HDF5 File Format Specification 3.0, IV.A.2.m and III.E).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from . import raw
from .safety import FileError, address

REFERENCE = struct.Struct("<IQI")
"""What an attribute has of each text: its length, the heap, the number there."""
HEAP = struct.Struct("<8xQ")
"""How a heap begins: a signature, its size."""
OBJECT = struct.Struct("<H6xQ")
"""How an object in a heap begins: its number, 0 for what is free; its size."""


def read(group: Any, name: str, count: int) -> list[bytes]:
    """The texts of a group's attribute, which has so many."""
    who = f"The attribute `{name}` of `{group.name}`"
    own = raw.of(group.id)
    try:
        found = next(_values(own, address(group), name.encode("utf-8")), b"")
        places = [REFERENCE.unpack_from(found, REFERENCE.size * i) for i in range(count)]
    except (struct.error, raw.Unsound):
        raise FileError(f"{who} lies in a place where no version of Keras puts it.") from None
    length = sum(length for length, _, _ in places)
    if length > own.size:
        raise FileError(
            f"{who} declares a text of {length:,} bytes; the file has {own.size:,}. It is damaged "
            "or made to exhaust the memory."
        )
    try:
        heaps = _heaps(own, {heap for length, heap, _ in places if length})
        return [_text(own, heaps, *place) for place in places]
    except (struct.error, raw.Unsound, LookupError):
        raise FileError(f"{who} has its texts in a damaged part of the file.") from None


Heaps = dict[int, dict[int, tuple[int, int]]]
"""Places and sizes of objects, by their numbers, by the addresses of their heaps."""


def _text(own: raw.Raw, heaps: Heaps, length: int, heap: int, number: int) -> bytes:
    if not length:
        return b""
    place, size = heaps[heap][number]
    if length > size:
        raise raw.Unsound("a text is longer than its place")
    return own.read(place, length).partition(b"\0")[0]


def _heaps(own: raw.Raw, addresses: set[int]) -> Heaps:
    left = own.size  # of all heaps: they don't overlap
    made: Heaps = {}
    for heap in addresses:
        start = own.read(heap, HEAP.size)
        (size,) = HEAP.unpack(start)
        left -= size
        if start[:4] != b"GCOL" or left < 0:
            raise raw.Unsound("a heap is none")
        made[heap] = dict(_objects(own, heap + HEAP.size, heap + size))
    return made


def _objects(own: raw.Raw, at: int, end: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """What is in a heap, up to its end, object by object."""
    while at + OBJECT.size <= end:
        number, size = OBJECT.unpack(own.read(at, OBJECT.size))
        yield number, (at + OBJECT.size, size)
        step = OBJECT.size + -(-size // 8) * 8 if number else size  # all of the free one
        if step < OBJECT.size:
            raise raw.Unsound("an object of no size")
        at += step
    if at > end:
        raise raw.Unsound("an object behind the heap's end")


def _values(own: raw.Raw, address: int, name: bytes) -> Iterator[bytes]:
    """What the messages about an attribute of this name hold."""
    for kind, _, body in raw.messages(own, address):
        if kind != raw.ATTRIBUTE or len(body) <= 8:
            continue
        version, _, *sizes = struct.unpack_from("<BBHHH", body)
        start = 9 if version == 3 else 8
        if version == 1:
            sizes = [-(-size // 8) * 8 for size in sizes]
        if body[start : start + sizes[0]].partition(b"\0")[0] == name:
            yield body[start + sum(sizes) :]

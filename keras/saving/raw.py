"""An HDF5 file's own bytes: where its root is, and what the headers of its objects hold.

HDF5's library follows a file wherever that leads, so what it is to follow is looked at before
(HDF5 File Format Specification 3.0; II.A: superblock, IV.A.1: headers).
"""

from __future__ import annotations

import io
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

SIGNATURE = b"\x89HDF\r\n\x1a\n"
UNDEFINED = (1 << 64) - 1
"""The address of what isn't there."""

WINDOW = 512  # bytes: most headers have fewer
ATTRIBUTE, CONTINUATION = 0x0C, 0x10
"""Kinds of messages."""


class Unsound(Exception):
    """A file leads where no file leads that a library wrote; says what is wrong with it."""


class Unwanted(Unsound):
    """A file leads where loading doesn't go; says why."""


class Raw:
    """The bytes of a file, without a user's block before it."""

    def __init__(self, size: int, base: int = 0, number: int | None = None, data: Any = b""):
        self.size, self.base = size, base
        self.end = size  # for the library, which goes by what the file says
        self.left = size  # bytes that parts which don't overlap may still have
        self.known: dict[int, Any] = {}  # objects that were looked at, by address
        self.direct: int | None = None  # a descriptor that numbers may be read by
        self._number, self._data = number, data

    def read(self, at: int, count: int) -> bytes:
        """The bytes from a place on, as many as are wanted or there."""
        at += self.base
        if self._number is None:
            return bytes(self._data[at : at + count])
        if at >= self.size:
            return b""  # the system doesn't know all places that a file may name
        return os.pread(self._number, min(count, self.size), at)

    def spend(self, count: int) -> None:
        """Of parts that don't overlap, those met so far have this many bytes more."""
        self.left -= count
        if self.left < 0:
            raise Unsound("its parts overlap")


_opened: dict[int, Raw] = {}  # by the library's number of an open file


def of(low: Any) -> Raw:
    """The bytes of the file that an object is in, by the object's low-level handle."""
    import h5py

    own = _opened.get(h5py.h5i.get_file_id(low).id) if _opened else None
    return _of_file(h5py.File(low)) if own is None else own


@contextmanager
def opened(file: Any, source: Any) -> Iterator[Raw]:
    """While this lasts, what is found out about an open file is kept.

    `source`: what it was opened from; where a user opened it, the file itself.
    """
    number = file.id.id
    if number in _opened:
        yield _opened[number]
        return
    data = source.getbuffer() if isinstance(source, io.BytesIO) else None
    own = _of_file(file) if data is None else Raw(len(data), file.userblock_size, data=data)
    # Of a file that is written to, the system may not have what the library has. And where this
    # process writes to it by another handle, the library says `r+` of both.
    if source is not file and file.driver == "sec2" and file.mode == "r" and hasattr(os, "preadv"):
        own.direct = file.id.get_vfd_handle()
    _opened[number] = own
    try:
        yield own
    finally:
        del _opened[number]
        if data is not None:
            data.release()


def _of_file(file: Any) -> Raw:
    if file.mode != "r":
        file.flush()
    if file.driver == "sec2":
        return on_disk(file.id.get_vfd_handle(), file.userblock_size)
    image = file.id.get_file_image()  # from the base on
    return Raw(len(image), data=image)


def on_disk(number: int, base: int = 0) -> Raw:
    """The bytes of a file by its descriptor."""
    size = os.fstat(number).st_size
    if hasattr(os, "pread") or not size:
        return Raw(size, base, number=number)
    return Raw(size, base, data=mmap.mmap(number, 0, access=mmap.ACCESS_READ))


# ---- superblock


class Start(NamedTuple):
    """Addresses of headers and of a tree and a heap, before any of which a file isn't open."""

    headers: list[int]
    tree: int
    heap: int


def start(own: Raw) -> Start | None:
    """Where the library begins, `None` if this is no HDF5; sets the base of all addresses, and the
    end."""
    own.base = 0
    while own.read(0, 8) != SIGNATURE:
        own.base = own.base * 2 or 512
        if own.base >= own.size:
            return None
    block = own.read(0, 128)
    old = block[8] < 2
    if (block[13:15] if old else block[9:11]) != b"\x08\x08":
        raise Unsound("its addresses don't have 8 bytes, as those of all versions of Keras")
    if old:
        at = 24 + 4 * (block[8] == 1)
        base, end, header, kept, tree, heap = struct.unpack_from("<Q8xQ16xQI4xQQ", block, at)
        found = Start([header], tree, heap) if kept == 1 else Start([header], UNDEFINED, UNDEFINED)
    else:
        base, more, end, header = struct.unpack_from("<4Q", block, 12)
        found = Start([header, *[more] * (more != UNDEFINED)], UNDEFINED, UNDEFINED)
    own.end = end - base + own.base
    return found


# ---- headers


class Message(NamedTuple):
    """A part of an object's header."""

    kind: int
    flags: int
    body: bytes


def messages(own: Raw, address: int) -> Iterator[Message]:
    """What an object's header has, in order; of both kinds of headers."""
    window = own.read(address, WINDOW)
    newer = window[:4] == b"OHDR"
    if newer:
        flags = window[5]
        begin = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(window[begin : begin + width], "little")
        begin += width
        head, layout = (6 if flags & 4 else 4), struct.Struct("<BHB")
    else:
        if window[:1] != b"\x01":
            raise Unsound("it has no header")
        (size,) = struct.unpack_from("<I", window, 8)
        begin, head, layout = 16, 8, struct.Struct("<HHB")
    block = window[begin : begin + size]
    if len(block) < size:
        block = own.read(address + begin, size)
    more: list[tuple[int, int]] = []
    total = 0
    while True:
        total += len(block) + head
        if total > own.size:
            raise Unsound("its header leads in circles")
        at, last = 0, len(block) - head
        while at <= last:
            kind, size, flags = layout.unpack_from(block, at)
            at += head + size
            body = block[at - size : at]
            yield Message(kind, flags, body)
            if kind == CONTINUATION and size >= 16:
                place, length = struct.unpack_from("<QQ", body)
                # The newer kind has a signature (4 bytes) before its messages, a checksum behind.
                more.append((place + 4, length - 8) if newer else (place, length))
        if not more:
            return
        place, length = more.pop(0)
        if length <= 0:
            raise Unsound("a part of its header has no size")
        block = own.read(place, length)

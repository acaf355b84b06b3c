"""Whether one comes to an end in what an HDF5 object leads to, before the library goes there.

A node of a group's tree that is its own child, a heap's list of free places that goes round, a type
that is kept where it is used: HDF5's library follows them for ever, or until it crashes. So each
object is looked at once its address is known (HDF5 File Format Specification 3.0, III and IV).
"""

from __future__ import annotations

import functools
import re
import struct
import sys
from collections.abc import Callable
from math import prod

from .indexes import LINKS, check_dense, check_pieces
from .raw import ATTRIBUTE, UNDEFINED, Raw, Unsound, Unwanted, messages, start
from .safety import FileError, Plain

FILES, LAYOUT, SYMBOLS, ATTRIBUTES = 0x07, 0x08, 0x11, 0x15
"""The messages that lead elsewhere, with `LINKS` and `ATTRIBUTE`."""
SHARES, CACHE = 0x0F, 0x18
"""Those of a whole file that do: to messages of many objects, to what a library had in memory."""
NOTHING, SPACE, TYPE, FILL, TIME = 0x00, 0x01, 0x03, 0x05, 0x12

SHARED = 2
NAMES, CHUNKS = 0, 1
"""What the two kinds of trees have."""
PIECES, OTHERS = 2, 3
"""Ways to lay out an array: with such a tree, as parts of other arrays."""

HEADER = 256
"""Bytes that the library has for an array's messages."""
MAX_RANK = 5  # what they are enough for
FLOAT32 = "20 1f 00  04 00 00 00  00 00 20 00  17 08 00 17  7f 00 00 00"
"""How a header says it, behind a version and a class: little endian and IEEE 754."""


def check_start(own: Raw, who: str) -> None:
    """Raise if a file can't be opened safely; best before it is."""
    try:
        found = start(own)
        if found is None:
            return  # the library says so, too
        for header in found.headers:
            own.known[header] = _look(own, header)
        if found.tree != UNDEFINED:
            _symbols(own, found.tree, found.heap)
    except NOT_AS_WRITTEN as error:
        raise _damage(error, who) from None


def check(own: Raw, address: int, who: Callable[[], str]) -> Plain | None:
    """Raise if an object can't be opened safely; what it is, if that is a plain array.

    Arrays that are packed, put together or in other files are for the library.
    """
    if address not in own.known:
        try:
            own.known[address] = _look(own, address)
        except NOT_AS_WRITTEN as error:
            raise _damage(error, who()) from None
    found: Plain | None = own.known[address]
    return found


NOT_AS_WRITTEN = (Unsound, struct.error, IndexError)


def _damage(error: Exception, who: str) -> FileError:
    if isinstance(error, Unwanted):
        return FileError(f"{who} {error}.")
    said = error if isinstance(error, Unsound) else "it ends too early"
    return FileError(f"{who} is damaged: {said}.")


def _look(own: Raw, address: int) -> Plain | None:
    plain = _plain(own, address)
    if plain is not None:
        return plain
    spent = 0
    for kind, flags, body in messages(own, address):
        spent += 8 + len(body)
        if flags & SHARED or (kind == ATTRIBUTE and body[0] > 1 and body[1] & 3):
            raise Unwanted("shares a type with others, as no version of Keras writes")
        if kind == SYMBOLS:
            _symbols(own, *struct.unpack_from("<QQ", body))
        elif kind in (LINKS, ATTRIBUTES):
            check_dense(own, kind, body)
        elif kind == LAYOUT:
            _layout(own, body)
        elif kind == FILES:
            raise Unwanted("keeps its numbers in another file, which isn't opened")
        elif kind in (SHARES, CACHE):
            raise Unwanted("is laid out as no version of Keras does it")
    own.spend(spent)
    return None


# ---- plain arrays


def _plain(own: Raw, address: int) -> Plain | None:
    """A plain array, if its header is byte for byte what the library writes for each Keras.

    Of others the library itself says what they are.
    """
    header = own.read(address, 16 + HEADER)
    if len(header) < 16 + HEADER:
        return None
    rank = header[25]
    pattern = _header_of(rank, count=header[2])
    found = pattern.match(header) if pattern is not None else None
    if found is None:
        return None
    dimensions, where = found.groups()
    shape = struct.unpack(f"<{rank}Q", dimensions)
    place, size = struct.unpack("<QQ", where)
    place += own.base
    return Plain(shape, place) if size == 4 * prod(shape) and place + size <= own.end else None


@functools.cache
def _header_of(rank: int, count: int) -> re.Pattern[bytes] | None:
    """The header of `float32` in one piece, with five messages or, with a time, six."""
    if rank > MAX_RANK or count not in (5, 6) or sys.byteorder != "little":
        return None

    def message(kind: int, flags: int, size: int, body: str = "") -> bytes:
        return re.escape(struct.pack("<HHB3x", kind, size, flags) + bytes.fromhex(body))

    parts = [
        re.escape(struct.pack("<BBHII4x", 1, 0, count, 1, HEADER)),
        message(SPACE, 0, 8 + 16 * rank, f"01 {rank:02x} {rank > 0:02x} 00 00000000"),
        b"(.{%d})\\1" % (8 * rank),  # none may grow
        message(TYPE, 1, 24, "11" + FLOAT32 + "00000000"),
        message(FILL, 1, 8, "02 02 02 01 00000000"),
        message(LAYOUT, 0, 24, "03 01") + b"(.{16})" + re.escape(bytes(6)),
        message(TIME, 0, 8, "01 000000") + b".{4}" if count == 6 else b"",
    ]
    used = (8 + 8 + 16 * rank) + (8 + 24) + (8 + 8) + (8 + 24) + 16 * (count == 6)
    return re.compile(b"".join([*parts, message(NOTHING, 0, HEADER - used - 8)]), re.DOTALL)


# ---- groups


def _symbols(own: Raw, tree: int, heap: int) -> None:
    """The names of a group: a tree, and a heap for their letters, whose free places are a list."""
    _tree(own, tree, NAMES, 8)
    signature, size, free, data = struct.unpack("<4s4xQQQ", own.read(heap, 32))
    if signature != b"HEAP":
        raise Unsound("its names have no heap")
    met = {free}
    while free != 1:  # the end
        free, _ = struct.unpack("<QQ", own.read(data + free, 16 if free < size else 0))
        if free in met:
            raise Unsound("what is free among its names leads in circles")
        met.add(free)
    own.spend(32 + 16 * (len(met) - 1))


def _tree(own: Raw, root: int, kind: int, key: int) -> None:
    """A tree of the older kind, whose levels count down to 0; `key`: bytes before each child."""
    left: list[tuple[int, int | None]] = [(root, None)]
    while left:
        node, expected = left.pop()
        signature, found, level, count = struct.unpack_from("<4sBBH", own.read(node, 24))
        if (signature, found) != (b"TREE", kind) or expected not in (None, level):
            raise Unsound("a node of its tree is none, or leads in circles")
        own.spend(24 + count * (key + 8))
        if level:
            step = struct.Struct(f"<{key}xQ")
            children = own.read(node + 24, count * step.size)
            left += [(child, level - 1) for (child,) in step.iter_unpack(children)]


# ---- arrays


def _layout(own: Raw, body: bytes) -> None:
    """How an array's numbers lie: those in pieces are found by a tree, or as newer files do it."""
    version = body[0]
    rank, kind, at = (body[1], body[2], 8) if version < 3 else (body[2], body[1], 3)
    if kind == OTHERS:
        raise Unwanted("is put together from other datasets, which aren't opened")
    if kind != PIECES:
        return
    if version > 3:
        check_pieces(own, body)
        return
    tree, *sizes = struct.unpack_from(f"<Q{rank}I", body, at)
    if not sizes or not all(sizes):
        raise Unsound("its pieces are of no size")
    if tree != UNDEFINED:
        _tree(own, tree, CHUNKS, 8 + 8 * rank)

"""Whether one comes to an end in what an HDF5 object leads to, before the library goes there.

A node of a group's tree that is its own child, a heap's list of free places that goes round, a type
that is kept where it is used: HDF5's library follows them for ever, or until it crashes. So each
object is looked at once its address is known (HDF5 File Format Specification 3.0, III and IV).
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from math import prod

from .raw import UNDEFINED, Raw, Unsound, messages, start
from .safety import FileError, Plain

SPACE, LINKS, TYPE, EXTERNAL, LAYOUT = 0x01, 0x02, 0x03, 0x07, 0x08
ATTRIBUTE, SYMBOLS, ATTRIBUTES = 0x0C, 0x11, 0x15
"""Messages: of arrays; of groups; of all."""

SHARED = 2
OLDER = b"\x01"
"""How the older kind of header begins."""

NAMES, CHUNKS = 0, 1
"""What the two kinds of trees have."""

MAX_DEPTH, MAX_NODE = 3, 4096
"""Of the newer kind of trees: as for half a million names. The library writes nodes of 512 bytes
and of 2,048."""

FLOAT32 = bytes.fromhex("20 1f 00  04 00 00 00  00 00 20 00  17 08 00 17  7f 00 00 00")
"""How a header says it: little endian and IEEE 754; a version and a class come before."""


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
    said = error if isinstance(error, Unsound) else "it ends too early"
    return FileError(f"{who} is damaged: {said}.")


def _look(own: Raw, address: int) -> Plain | None:
    found: dict[int, bytes] = {}
    spent = 0
    for kind, flags, body in messages(own, address):
        spent += 8 + len(body)
        if flags & SHARED or (kind == ATTRIBUTE and body[0] > 1 and body[1] & 3):
            raise Unsound("it shares a type with others, as no version of Keras writes")
        if kind == SYMBOLS:
            _symbols(own, *struct.unpack_from("<QQ", body))
        elif kind in (LINKS, ATTRIBUTES):
            _dense(own, body, 2 + (8 if kind == LINKS else 2) * (body[1] & 1))
        elif kind == LAYOUT:
            _layout(own, body)
        found.setdefault(kind, body)
    own.spend(spent)
    # The newer kind of header has a checksum, which the library looks at.
    return _plain(own, found) if own.read(address, 1) == OLDER else None


def _plain(own: Raw, found: dict[int, bytes]) -> Plain | None:
    if not found.keys() >= {SPACE, TYPE, LAYOUT} or found.keys() & {EXTERNAL, SYMBOLS, LINKS}:
        return None
    kind, layout = found[TYPE], found[LAYOUT]
    if kind[0] & 15 != 1 or kind[1:20] != FLOAT32 or sys.byteorder != "little":
        return None
    if layout[0] not in (3, 4) or layout[1] != 1:
        return None
    place, size = struct.unpack_from("<QQ", layout, 2)
    version, rank, _, simple = struct.unpack_from("<BBBB", found[SPACE])
    if place == UNDEFINED or (version == 2 and simple > 1) or version > 2:
        return None
    shape = struct.unpack_from(f"<{rank}Q", found[SPACE], 8 if version == 1 else 4)
    return Plain(shape, own.base + place) if size == 4 * prod(shape) else None


# ---- groups


def _symbols(own: Raw, tree: int, heap: int) -> None:
    """The names of a group: a tree, and a heap for their letters."""
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


def _dense(own: Raw, body: bytes, at: int) -> None:
    """Many links or attributes, in a heap and trees of the newer kind."""
    heap, *trees = struct.unpack_from("<QQQ" if body[1] & 2 else "<QQ", body, at)
    if heap != UNDEFINED:
        head = own.read(heap, 30)
        if head[:4] != b"FRHP":
            raise Unsound("a heap of it is none")
        trees += struct.unpack_from("<Q", head, 22)  # of what is too large for the heap
    for tree in trees:
        _newer_tree(own, tree)


def _newer_tree(own: Raw, tree: int) -> None:
    """The library goes down as far as a tree's head says; that may not be far."""
    if tree == UNDEFINED:
        return
    signature, node, _, depth = struct.unpack("<4s2xIHH", own.read(tree, 14))
    if signature != b"BTHD" or node > MAX_NODE or depth > MAX_DEPTH:
        raise Unsound("a tree of it is none, or larger than any model's")


# ---- arrays


def _layout(own: Raw, body: bytes) -> None:
    """How an array's numbers lie: those in pieces are found by a tree."""
    version = body[0]
    if version < 3:
        if body[2] == 2:
            _chunks(own, struct.unpack_from("<Q", body, 8)[0], body[1])
    elif body[1] != 2:
        return
    elif version == 3:
        _chunks(own, struct.unpack_from("<Q", body, 3)[0], body[2])
    else:
        rank, width = body[3], body[4]
        index = 5 + rank * width
        if body[index] == 5:  # a tree; others know how far they go
            _newer_tree(own, struct.unpack_from("<Q", body, index + 7)[0])


def _chunks(own: Raw, tree: int, rank: int) -> None:
    if tree != UNDEFINED:
        _tree(own, tree, CHUNKS, 8 + 8 * rank)

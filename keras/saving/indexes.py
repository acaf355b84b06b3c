"""How newer HDF5 files find things: heaps, trees and tables, looked at before the library does.

The library believes their sizes, divides by them, and goes as far as they say. It makes them with
constants of its own; others are refused (HDF5 File Format Specification 3.0; III.A.2, III.G, VII).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .raw import UNDEFINED, Raw, Unsound

LINKS = 0x02
"""The message about a group's links; that about attributes is laid out nearly so."""

RECORDS = {1: 24, 2: 36, 3: 16, 4: 28, 5: 11, 6: 15, 8: 17, 9: 13}
"""Bytes of a tree's records: of objects too large for a heap; of names, in two orders."""
PIECES, PACKED_PIECES = 10, 11
"""Trees of an array's pieces, whose records depend on its rank."""
NODES = {512: range(1, 10), 2048: (PIECES, PACKED_PIECES)}
MAX_DEPTH = 3  # as for half a million names

HEAP = struct.Struct("<4sB HHBI 8xQ 8x8x 64x HQQHHQH")
"""Its head: signature, version; bytes of an identifier and of filters, flags, the largest object;
the tree of larger ones; width and blocks of its table, rows at first, its root, its rows."""
TABLE = (4, 65536, 1)
MAX_ROWS = 64


def check_dense(own: Raw, kind: int, body: bytes) -> None:
    """Raise if many links or attributes can't be found safely."""
    at = 2 + (8 if kind == LINKS else 2) * (body[1] & 1)
    heap, *trees = struct.unpack_from("<QQQ" if body[1] & 2 else "<QQ", body, at)
    if heap != UNDEFINED:
        trees.append(_heap(own, heap))
    for tree in trees:
        check_tree(own, tree)


def _heap(own: Raw, heap: int) -> int:
    """The tree of what is too large for the heap."""
    head = HEAP.unpack(own.read(heap, HEAP.size))
    signature, version, identifier, filters, flags, largest, tree, *table = head
    width, first, direct, bits, begin, _, rows = table
    made_so = (
        (signature, version, filters, largest) == (b"FRHP", 0, 0, 4096)
        and identifier in (7, 8)
        and flags < 4
        and (width, direct, begin) == TABLE
        and (first, bits) in ((512, 32), (1024, 40))
        and rows <= MAX_ROWS
    )
    if not made_so:
        raise Unsound("a heap of it is none that the library makes")
    found: int = tree
    return found


def check_tree(own: Raw, tree: int) -> None:
    """Raise if a tree isn't one, or if its nodes have more than they can hold."""
    if tree == UNDEFINED:
        return
    head = struct.unpack("<4sBBIHHBBQH8x", own.read(tree, 34))
    signature, version, kind, size, record, depth, split, merge, root, count = head
    made_so = (
        (signature, version, split, merge) == (b"BTHD", 0, 100, 40)
        and kind in NODES.get(size, ())
        and depth <= MAX_DEPTH
        and (record == RECORDS[kind] if kind in RECORDS else 16 <= record <= size // 8)
    )
    if not made_so:
        raise Unsound("a tree of it is none that the library makes")
    level = [(root, count)] if root != UNDEFINED else []
    holds = list(_capacities(size, record, depth))
    for below, (room, pointer) in reversed(list(enumerate(holds))):
        if any(count > room for _, count in level):
            raise Unsound("a node of its tree has more than it can hold")
        if below:
            level = [child for node in level for child in _children(own, *node, record, pointer)]


def _capacities(size: int, record: int, depth: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """How many records a node can hold from the leaves up; bytes of two counts of each child."""
    room = all_below = (size - 10) // record
    yield room, (0, 0)
    one, all_of_it = _bytes_for(room), 0
    for _ in range(depth):
        room = (size - 10 - (8 + one + all_of_it)) // (record + 8 + one + all_of_it)
        yield room, (one, all_of_it)
        all_below = (room + 1) * all_below + room
        all_of_it = _bytes_for(all_below)


def _bytes_for(number: int) -> int:
    return (number.bit_length() + 7) // 8


def _children(
    own: Raw, node: int, count: int, record: int, pointer: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """The nodes below one, and how many records each has."""
    one, all_of_it = pointer
    own.spend(6 + count * record)
    if own.read(node, 4) != b"BTIN":
        raise Unsound("a node of its tree is none")
    at, step = node + 6 + count * record, 8 + one + all_of_it
    for i in range(count + 1):
        found = own.read(at + i * step, 8 + one)
        yield int.from_bytes(found[:8], "little"), int.from_bytes(found[8:], "little")


# ---- pieces of arrays

ONE, ALL, FIXED, GROWING, TREE = 1, 2, 3, 4, 5
"""How an array's pieces are found; the first two ways need no index."""
FIXED_TABLE = struct.Struct("<4sB2s s Q8x")
GROWING_TABLE = struct.Struct("<4sB2s 5s 32xQ16x")
"""Their heads: signature, version, whether packed and bytes of an entry, constants, entries."""
CONSTANTS = {b"FAHD": bytes([10]), b"EAHD": bytes([32, 4, 16, 4, 10])}


def check_pieces(own: Raw, layout: bytes) -> None:
    """Raise if an array's pieces can't be found safely."""
    rank, width = layout[3:5]
    at = 5 + rank * width
    sizes = [any(layout[i : i + width]) for i in range(5, at, width)] if width else []
    if not sizes or not all(sizes):
        raise Unsound("its pieces are of no size")
    index, said = layout[at], layout[at + 1 :]
    if index == TREE:
        check_tree(own, *struct.unpack_from("<6xQ", said))
    elif index == FIXED:
        _check_table(own, b"FAHD", FIXED_TABLE, sorted(said[:1]), *struct.unpack_from("<xQ", said))
    elif index == GROWING:
        constants, table = sorted(said[:5]), *struct.unpack_from("<5xQ", said)
        _check_table(own, b"EAHD", GROWING_TABLE, constants, table)
    elif index not in (ONE, ALL):
        raise Unsound("its pieces are found in a way that isn't known")


def _check_table(
    own: Raw, name: bytes, layout: struct.Struct, constants: list[int], table: int
) -> None:
    if table == UNDEFINED:
        return
    signature, version, entry, found, count = layout.unpack(own.read(table, layout.size))
    packed, size = entry
    made_so = (
        (signature, version, found) == (name, 0, CONSTANTS[name])
        and constants == sorted(found)  # the array's own header has two the other way round
        and (size == 8 if not packed else 13 <= size <= 20)
        and packed < 2
        and count <= own.size
    )
    if not made_so:
        raise Unsound("the table of its pieces is none that the library makes")

"""What HDF5's library would follow for ever, or until it crashes, is refused before it does."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.saving import FileError, h5, objects, raw
from keras.saving.files import reading

from . import checksums

COUNT = 40
"""Arrays in a group: more than one node of its tree leads to."""


def write(file: Any, count: int = COUNT, **pieces: Any) -> None:
    group = file.create_group("g")
    for i in range(count):
        group[f"a{i}"] = np.full((2, 3), i, "float32")
    group.attrs["names"] = np.array([b"a", b"b"])
    group.create_dataset("pieces", data=np.arange(1000, dtype="float32"), chunks=(10,), **pieces)
    group.create_dataset("elsewhere", (3,), "f4", external=[("/dev/zero", 0, 12)])
    del group["a7"]  # its name's place in the heap is free now


def read(file: Any, count: int = COUNT) -> None:
    group = h5.subgroup(file, "g")
    assert h5.read_names(group, "names") == ["a", "b"]
    for i in set(range(count)) - {7}:
        np.testing.assert_array_equal(h5.dataset(file, f"g/a{i}")[()], np.full((2, 3), i))
    np.testing.assert_array_equal(h5.dataset(group, "pieces")[()], np.arange(1000))
    with pytest.raises(FileError, match="another file"):
        h5.dataset(group, "elsewhere")
    with pytest.raises(FileError, match="nothing under the name `a7`"):
        h5.dataset(group, "a7")


# ---- honest files

HONEST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "earliest": ({}, {}),
    "packed": ({}, {"compression": "gzip", "shuffle": True, "fletcher32": True}),
    "latest": ({"libver": "latest"}, {}),
    "latest, growing": ({"libver": "latest"}, {"maxshape": (None,)}),
    "latest, packed": ({"libver": "latest"}, {"compression": "gzip"}),
    "in order": ({"track_order": True}, {}),
    "block before": ({"userblock_size": 1024}, {}),
}


@pytest.mark.parametrize("count", [COUNT, 1500])
@pytest.mark.parametrize("layout", HONEST)
def test_honest_files(layout: str, count: int, tmp_path: Path) -> None:
    """However HDF5 has laid them out, and whoever has opened them."""
    made, pieces = HONEST[layout]
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", **made) as file:
        write(file, count, **pieces)
        with reading(file) as group:  # also while it is being written
            read(group, count)
    for source in (path, io.BytesIO(path.read_bytes())):
        with reading(source) as file:
            read(file, count)
    with path.open("rb") as stream, h5py.File(stream, "r") as file, reading(file) as group:
        read(group, count)
    for driver in ("core", "stdio", "sec2"):
        with h5py.File(path, "r", driver=driver) as file, reading(file) as group:
            read(group, count)
    assert not raw._opened


def test_a_tree_in_which_pieces_are_found(tmp_path: Path) -> None:
    """Arrays that may grow both ways have one of the newer kind."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", libver="latest") as file:
        made = file.create_dataset("x", (50, 50), "f4", chunks=(5, 5), maxshape=(None, None))
        made[...] = np.arange(2500).reshape(50, 50)
    with reading(path) as file:
        np.testing.assert_array_equal(h5.dataset(file, "x")[()].ravel(), np.arange(2500))


def test_what_is_not_on_disk_yet(tmp_path: Path) -> None:
    """HDF5 has what it writes in common with who reads the same file in the same process."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        write(file)
        with reading(path) as opened:
            read(opened)
        file["more"] = np.ones(3, "float32")
        with reading(path) as opened:
            np.testing.assert_array_equal(h5.dataset(opened, "more")[()], np.ones(3))


def test_systems_that_cannot_read_from_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pread", raising=False)
    monkeypatch.delattr(os, "preadv", raising=False)
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", userblock_size=512) as file:
        write(file)
    with reading(path) as file:
        read(file)


# ---- crafted files


class Crafted:
    """A file to be damaged, and where its parts are."""

    def __init__(self, honest: bytes) -> None:
        self.data = bytearray(honest)
        self.root, self.group = self.all_of(b"TREE\0")
        self.root_heap, self.heap, _ = self.all_of(b"HEAP")
        self.pieces, self.below, _ = self.all_of(b"TREE\1")
        assert (self.data[self.pieces + 5], self.data[self.below + 5]) == (1, 0), "levels"
        (self.symbols,) = self.all_of(
            struct.pack("<HH4x", objects.SYMBOLS, 16) + struct.pack("<QQ", self.group, self.heap)
        )
        with h5py.File(io.BytesIO(honest), "r") as file:
            self.array = h5py.h5g.get_objinfo(file["g/a0"].id).objno[0]

    def all_of(self, signature: bytes) -> list[int]:
        return [found.start() for found in re.finditer(re.escape(signature), self.data)]

    def put(self, at: int, *values: int) -> None:
        struct.pack_into(f"<{len(values)}Q", self.data, at, *values)

    def number(self, at: int) -> int:
        return int(struct.unpack_from("<Q", self.data, at)[0])

    def children(self, node: int, level: int, key: int, child: int) -> None:
        """Let a node have one child, again and again."""
        self.data[node + 5] = level
        for i in range(struct.unpack_from("<H", self.data, node + 6)[0]):
            self.put(node + 24 + key + i * (key + 8), child)

    def round(self, heap: int) -> None:
        """Let a heap have one free place, which comes after itself."""
        place, data = 8, self.number(heap + 24)
        self.put(heap + 16, place)
        self.put(data + place, place, 16)


def own_child(file: Crafted) -> None:
    file.children(file.group, 1, 8, file.group)


def own_child_far_above(file: Crafted) -> None:
    file.children(file.group, 255, 8, file.group)


def own_child_of_the_root(file: Crafted) -> None:
    file.children(file.root, 1, 8, file.root)


def each_other(file: Crafted) -> None:
    file.children(file.root, 2, 8, file.group)
    file.children(file.group, 1, 8, file.root)


def one_child_often(file: Crafted) -> None:
    """It ends, but after as many ways as a number of thirty figures says."""
    end, size, depth = len(file.data), 24 + 16 * 32 + 8, 20
    for level in range(depth, 0, -1):
        below = len(file.data) + size if level > 1 else file.group
        file.data += struct.pack("<4sBBHQQ", b"TREE", 0, level, 32, raw.UNDEFINED, raw.UNDEFINED)
        file.data += struct.pack("<QQ", 0, below) * 32 + bytes(8)
    file.put(file.symbols + 8, end)
    file.put(40, len(file.data))  # what the superblock has as the file's end


def free_in_circles(file: Crafted) -> None:
    file.round(file.heap)


def free_in_circles_at_the_root(file: Crafted) -> None:
    file.round(file.root_heap)


def kept_in_the_superblock(file: Crafted) -> None:
    """A tree and a heap also stand there, for when those of the root's header can't be read."""
    (header,) = file.all_of(
        struct.pack("<HH4x", objects.SYMBOLS, 16) + struct.pack("<QQ", file.root, file.root_heap)
    )
    file.put(header + 16, 8)
    file.put(file.data.index(struct.pack("<QQ", file.root, file.root_heap)), file.group, file.heap)
    file.round(file.heap)


def type_of_itself(file: Crafted) -> None:
    at = file.data.index(bytes.fromhex(objects.FLOAT32), file.array) - 9
    file.data[at + 4] |= objects.SHARED
    file.data[at + 8 : at + 18] = struct.pack("<BBQ", 3, 2, file.array)


def pieces_in_circles(file: Crafted) -> None:
    file.children(file.pieces, 1, 24, file.pieces)


def pieces_too_near(file: Crafted) -> None:
    file.children(file.pieces, 2, 24, file.below)


def header_in_circles(file: Crafted) -> None:
    file.data[file.symbols] = raw.CONTINUATION
    file.put(file.symbols + 8, file.symbols, 24)


CRAFTED = {
    own_child: "`/g` .* a node of its tree .* leads in circles",
    own_child_far_above: "`/g` .* a node of its tree .* leads in circles",
    own_child_of_the_root: "a node of its tree .* leads in circles",
    each_other: "a node of its tree .* leads in circles",
    one_child_often: "`/g` .* parts overlap",
    free_in_circles: "`/g` .* free .* leads in circles",
    free_in_circles_at_the_root: "free .* leads in circles",
    kept_in_the_superblock: "names have no heap",
    type_of_itself: "`/g/a0` shares a type",
    pieces_in_circles: "`/g/pieces` .* leads in circles",
    pieces_too_near: "`/g/pieces` .* leads in circles",
    header_in_circles: "`/g` .* header leads in circles",
}


def test_crafted_files(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "honest", "w") as file:
        write(file)
    honest = (tmp_path / "honest").read_bytes()
    for damage in CRAFTED:
        file = Crafted(honest)
        damage(file)
        (tmp_path / damage.__name__).write_bytes(file.data)
    refused(tmp_path, {damage.__name__: said for damage, said in CRAFTED.items()})


def refused(folder: Path, files: dict[str, str]) -> None:
    """In a process of its own, since HDF5 can't be stopped otherwise."""
    done = subprocess.run(
        [sys.executable, "-c", READ, folder, *files],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    for name, expected in files.items():
        for way in ("disk", "memory"):
            found = said[f"{name} from {way}"]
            assert re.search(expected, found), (name, way, found)


READ = """
import io, pathlib, sys
from tests.saving.test_objects import FileError, h5, read, reading
for name in sys.argv[2:]:
    path = pathlib.Path(sys.argv[1], name)
    for way, source in (("disk", path), ("memory", io.BytesIO(path.read_bytes()))):
        print(f"{name} from {way}: ", end="", flush=True)
        try:
            with reading(source) as file:
                read(file)
                for more in set(file) - {"g"}:
                    h5.dataset(file, more)[()]
            print("read")
        except (FileError, AssertionError) as error:
            print(*str(error).splitlines())
"""


# ---- crafted files of the newer kind, whose parts have checksums

CONTINUED = b"\x10\x10\0"  # 16 bytes, which say where a header goes on
PIECES = bytes((4, 2, 0, 3, 1, 5, 5, 4))  # the beginning of a layout in pieces of 5 x 5 x 4 bytes
ENDLESS = (1 << 40).to_bytes(8, "little")

NEWER: dict[str, tuple[bytes, bytes, int, bytes, str]] = {
    "growing without end": (b"EAHD", b"EAHD", 44, ENDLESS, "`/growing` .* the table"),
    "growing otherwise": (b"EAHD", b"EAHD", 11, b"\xc8", "`/growing` .* the table"),
    "fixed without end": (b"FAHD", b"FAHD", 8, ENDLESS, "`/g/pieces` .* the table"),
    "entries of no size": (b"FAHD", b"FAHD", 6, b"\0", "`/g/pieces` .* the table"),
    "pieces of no rank": (b"OHDR", PIECES, 3, b"\0", "pieces are of no size"),
    "pieces of no size": (b"OHDR", PIECES, 5, b"\0", "pieces are of no size"),
    "a header of no size": (b"OHDR", CONTINUED, 12, bytes(8), "header has no size"),
    "a tree too deep": (b"BTHD", b"BTHD", 12, b"\xff", "a tree of it is none"),
    "records of no size": (b"BTHD", b"BTHD", 10, b"\0\0", "a tree of it is none"),
    "nodes of a gigabyte": (b"BTHD", b"BTHD", 6, bytes((0, 0, 0, 64)), "a tree of it is none"),
    "a node too full": (b"BTHD", b"BTHD", 24, b"\xff\xff", "more than it can hold"),
    "a heap of odd blocks": (b"FRHP", b"FRHP", 110, b"\0", "a heap of it is none"),
}
"""A part, what is in it, where behind that it says something else, what, and what is said of it."""


def test_crafted_files_of_the_newer_kind(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "honest", "w", libver="latest") as file:
        write(file)
        file["g"].attrs["more"] = b"than its header has room for" * 8
        for name, most in (("growing", (None, 20)), ("both", (None, None))):
            file.create_dataset(name, data=np.zeros((20, 20), "f4"), chunks=(5, 5), maxshape=most)
    honest = (tmp_path / "honest").read_bytes()
    parts = list(checksums.parts(honest))
    for name, (part, known, offset, value, _) in NEWER.items():
        made = bytearray(honest)
        for start, end in parts:
            at = honest.find(known, start, end)
            if honest.startswith(part, start) and at >= 0:
                made[at + offset : at + offset + len(value)] = value
                checksums.mended(made, start, end)
        assert made != honest, name
        (tmp_path / name).write_bytes(made)
    refused(tmp_path, {name: said for name, (*_, said) in NEWER.items()})


def test_an_array_behind_what_the_file_calls_its_end(tmp_path: Path) -> None:
    """It is for the library, which refuses it."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        write(file)
    file = Crafted(path.read_bytes())
    end = len(file.data)
    file.data += bytes(24)

    def found(place: int) -> Any:
        at = file.data.index(struct.pack("<HH4xBB", objects.LAYOUT, 24, 3, 1), file.array)
        file.put(at + 10, place)
        own = raw.Raw(len(file.data), data=bytes(file.data))
        objects.check_start(own, "")
        return objects.check(own, file.array, str)

    assert found(end - 24) == ((2, 3), end - 24)
    assert found(end - 16) is None

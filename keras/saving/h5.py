"""How names, texts and arrays lie in an HDF5 group."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from math import prod
from typing import Any, NamedTuple

import numpy as np

from . import direct, objects, packed, raw, texts
from .files import hdf5
from .safety import (
    MAX_NAMES,
    MAX_TEXT_BYTES,
    FileError,
    Plain,
    check_dataset,
    check_link,
    path_of,
    plain_place,
)

# HDF5 allows an object's header, where the attributes are, 64 KB; this leaves room for the rest.
HDF5_OBJECT_HEADER_LIMIT = 64512

FLOAT32 = np.dtype("float32")


# ---- writing


def write_text(group: Any, name: str, text: str) -> None:
    """A text as an attribute.

    It is written as bytes: h5py 2, with which the classic Keras reads, gives those back as bytes,
    and that is what the classic Keras expects.
    """
    group.attrs[name] = text.encode("utf-8")


def write_names(group: Any, name: str, names: Sequence[str]) -> None:
    """A list of names as an attribute, split into `name0`, `name1`, ... where it is too long."""
    encoded = [each.encode("utf-8") for each in names]
    longest = max(encoded, key=len, default=b"")
    if len(longest) > HDF5_OBJECT_HEADER_LIMIT:
        raise ValueError(
            f"The name `{names[encoded.index(longest)][:40]}...` has {len(longest):,} bytes; HDF5 "
            f"can hold names of {HDF5_OBJECT_HEADER_LIMIT:,}."
        )
    data = np.asarray(encoded)
    parts = [data]
    while any(part.nbytes > HDF5_OBJECT_HEADER_LIMIT for part in parts):
        parts = np.array_split(data, len(parts) + 1)
    for i, part in enumerate(parts):
        _write_attribute(group, f"{name}{i}" if len(parts) > 1 else name, part)


def _write_attribute(group: Any, name: str, data: Any) -> None:
    h5py = hdf5()
    if name in group.attrs:
        del group.attrs[name]
    kind, space = h5py.h5t.py_create(data.dtype), h5py.h5s.create_simple(data.shape)
    h5py.h5a.create(group.id, name.encode("utf-8"), kind, space).write(data)


def write_arrays(group: Any, names: Sequence[str], arrays: Iterable[Any]) -> None:
    """Arrays under their names, and the names in order as the attribute `weight_names`."""
    names = _distinct(names)
    write_names(group, "weight_names", names)
    for name, array in zip(names, arrays, strict=True):
        write_array(group, name, np.asarray(array, order="C"))


def write_array(group: Any, name: str, array: Any) -> None:
    """An array under a name, which may be a path: groups on it are made.

    As `group.create_dataset` does it, without looking for what may be asked of that.
    """
    h5py = hdf5()
    kind = h5py.h5t.py_create(array.dtype, logical=True)
    h5s, ways = h5py.h5s, _ways(name.isascii())
    space = h5s.create_simple(array.shape) if array.shape else h5s.create(h5s.SCALAR)
    made = h5py.h5d.create(group.id, name.encode("utf-8"), kind, space, *ways)
    if array.size:
        made.write(h5s.ALL, h5s.ALL, array)


@functools.cache
def _ways(ascii_name: bool) -> tuple[Any, Any]:
    """How arrays are made: without the time, and with the groups on their way."""
    h5t, h5p = hdf5().h5t, hdf5().h5p
    array, link = h5p.create(h5p.DATASET_CREATE), h5p.create(h5p.LINK_CREATE)
    array.set_obj_track_times(False)
    link.set_create_intermediate_group(True)
    link.set_char_encoding(h5t.CSET_ASCII if ascii_name else h5t.CSET_UTF8)
    return array, link


def _distinct(names: Sequence[str]) -> list[str]:
    """The names with numbers where one occurs twice, as TensorFlow numbers them: `w:0`, `w_1:0`."""
    taken: set[str] = set()
    made = []
    for name in names:
        stem, colon, index = name.partition(":")
        new, number = name, 0
        while new in taken:
            number += 1
            new = f"{stem}_{number}{colon}{index}"
        taken.add(new)
        made.append(new)
    return made


# ---- reading


def read_text(group: Any, name: str, default: str = "") -> str:
    """A text attribute, whichever way it was written."""
    if name not in group.attrs:
        return default
    found = _attribute(group, name)
    if len(found) != 1 or not isinstance(found[0], bytes):
        raise FileError(f"The attribute `{name}` of `{group.name}` should be a text.")
    return decoded(found[0])


def read_count(group: Any, name: str) -> int:
    """A number of things as an attribute."""
    simple = name in group.attrs and group.attrs.get_id(name).shape == ()
    value = group.attrs[name] if simple else None
    if not isinstance(value, (int, np.integer)) or not 0 <= value <= MAX_NAMES:
        raise FileError(f"The attribute `{name}` of `{group.name}` should be a number of things.")
    return int(value)


def read_names(group: Any, name: str) -> list[str]:
    """A list of names, put together again if it was split."""
    if _has(group, name):
        return _names(group, name)
    found: list[str] = []
    part = 0
    while _has(group, f"{name}{part}"):
        found += _names(group, f"{name}{part}")
        part += 1
    if not part:
        raise FileError(f"`{group.name}` has no attribute `{name}`: it holds no weights of Keras.")
    return found


def has_names(group: Any, name: str) -> bool:
    """Whether there is such a list, split or not."""
    return _has(group, name) or _has(group, f"{name}0")


def _has(group: Any, name: str) -> bool:
    found: bool = hdf5().h5a.exists(group.id, name.encode("utf-8"))
    return found


def _names(group: Any, name: str) -> list[str]:
    found = _attribute(group, name)
    if not all(isinstance(each, bytes) for each in found):
        raise FileError(f"The attribute `{name}` of `{group.name}` should be a list of names.")
    return [decoded(each) for each in found]


def _attribute(group: Any, name: str) -> list[Any]:
    """What an attribute holds: texts, or numbers (an empty list is one of those)."""
    found = hdf5().h5a.open(group.id, name.encode("utf-8"))
    shape, dtype = found.shape, found.dtype  # each asks the library anew
    count = prod(shape) if shape is not None else -1
    of_any_length = dtype.kind == "O" and hdf5().check_string_dtype(dtype) is not None
    if not 0 <= count <= MAX_NAMES or not (of_any_length or dtype.kind in "Sf"):
        raise FileError(
            f"The attribute `{name}` of `{group.name}` is no text and no list of names."
        )
    if count * dtype.itemsize > MAX_TEXT_BYTES:
        raise FileError(
            f"The attribute `{name}` of `{group.name}` is larger than any model's: {count:,} names."
        )
    if of_any_length:
        return texts.read(group, name, count)
    value = np.empty(shape, dtype)
    if count:
        found.read(value)
    listed: list[Any] = value.reshape(-1).tolist()
    return listed


def decoded(text: str | bytes) -> str:
    """A text of either kind; files of Python 2 may hold Latin-1."""
    if isinstance(text, str):
        if text.isprintable():
            return text
        text = text.encode("utf-8", "surrogateescape")  # h5py's way to say that it wasn't UTF-8
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


class Memory(NamedTuple):
    """The engine's memory, with the numbers of an array of a file."""

    into: Any  # as a numpy array
    finished: Callable[[], Any]  # makes the engine's array of it
    device: Any


class Way(NamedTuple):
    """How one comes to an array."""

    inside: Any  # the low-level handle of the group that it is in
    key: bytes
    group: Any  # what its name was looked for in
    name: str

    def open(self) -> Any:
        """The array's low-level handle."""
        found = hdf5().h5o.open(self.inside, self.key)
        if not isinstance(found, hdf5().h5d.DatasetID):
            raise FileError(f"`{self}` should be an array, but is something else.")
        return found

    def __str__(self) -> str:
        return path_of(self.group, self.name)


class Array:
    """An array in a file, checked, not read yet.

    It goes by the library's lower level: half of the time that small arrays take is spent above.
    """

    __slots__ = (
        "_found", "_way", "dtype", "number", "place", "prefetched", "shape", "size"
    )  # fmt: skip

    def __init__(self, way: Way, plain: Plain | None, number: int | None) -> None:
        self._way = way
        self._found: Any = None
        self.number = number  # what the file is read by, past the library
        self.place: Any = None
        self.prefetched: Callable[[Array], Memory | None] | None = None
        if plain is None or number is None:
            self._found = way.open()
            plain = plain_place(self._found)
        if plain is not None:
            (self.shape, self.place), self.dtype = plain, FLOAT32
        else:
            self.shape, self.dtype = check_dataset(self._found, f"`{way}`")
        self.size = prod(self.shape)

    def take(self) -> Memory | None:
        """The memory that it was read into beside, if it was; it is handed out once."""
        prefetched, self.prefetched = self.prefetched, None
        return prefetched(self) if prefetched is not None else None

    def read_direct(self, into: Any) -> None:
        """Read it into memory: a numpy array of its shape, in C order."""
        if self.number is not None and self.place is not None and into.dtype == self.dtype:
            direct.read(self.number, self.place, into)
            return
        if self._found is None:
            self._found = self._way.open()
        found, everything = self._found, hdf5().h5s.ALL
        if found.shape != self.shape:
            raise FileError(f"`{self._way}` has another shape than it said.")
        if found.get_create_plist().get_layout() == hdf5().h5d.CHUNKED:
            packed.check(found, f"`{self._way}`")
        if self.place is None:
            into.fill(0)  # where a piece is missing, the library may leave what is there
        found.read(everything, everything, into)

    def __getitem__(self, key: Any) -> Any:
        memory = self.take()
        if memory is not None:
            return memory.into[key]
        made = np.empty(self.shape, self.dtype)
        if self.size:
            self.read_direct(made)
        return made[key]


def give(variable: Any, value: Any) -> None:
    """Set a variable to an array, which is read now if it wasn't yet."""
    if isinstance(value, Array) and value.size and value.shape:
        memory = value.take()
        if memory is None:
            variable.fill(value.read_direct, value.shape)  # no array in between
        elif (variable.dtype, variable.device) == (value.dtype, memory.device):
            variable.take(memory.finished(), value.shape)
        else:
            variable.assign(memory.into)
    else:
        variable.assign(np.asarray(value[()], dtype=variable.dtype))


def subgroup(group: Any, name: str) -> Any:
    """The group of that name inside another."""
    found = _follow(group, name)
    if not _is_group(found):
        raise FileError(f"`{path_of(group, name)}` should be a group.")
    return hdf5().Group(found)


def dataset(group: Any, name: str) -> Array:
    """The array of that name, which may be a path inside the group; checked, not read yet."""
    return datasets(group, [name])[0]


def datasets(group: Any, names: Sequence[str]) -> list[Array]:
    """The arrays of those names; the groups on their ways are opened once."""
    opened: dict[str, Any] = {"": group.id}
    made, own = [], raw.of(group.id)
    for name in names:
        inside, _, last = name.rpartition("/")
        if inside not in opened:
            opened[inside] = _follow(group, inside)
        key, plain = _find(own, opened[inside], last, group, name)
        made.append(Array(Way(opened[inside], key, group, name), plain, own.direct))
    return made


def is_group(group: Any, name: str) -> bool:
    """Whether a group, and no array, has this name."""
    return _is_group(_follow(group, name))


def _is_group(found: Any) -> bool:
    return isinstance(found, hdf5().h5g.GroupID)


def _follow(group: Any, name: str) -> Any:
    """What stands under a path, step by step, so that no step leads elsewhere."""
    here, own = group.id, raw.of(group.id)
    for part in name.split("/"):
        if part not in ("", "."):
            key, _ = _find(own, here, part, group, name)
            here = hdf5().h5o.open(here, key)
    return here


def _find(own: raw.Raw, here: Any, part: str, group: Any, name: str) -> tuple[bytes, Plain | None]:
    """The key of what stands under one part of a path, which can be opened; if plain, where."""
    if not _is_group(here):
        raise FileError(_nothing(group, name))
    h5py, links = hdf5(), here.links
    for key in _spellings(part):
        try:
            found = links.get_info(key)
        except (KeyError, RuntimeError):  # which one depends on h5py's version
            continue
        if found.type != h5py.h5l.TYPE_HARD:
            check_link(h5py.Group(here), key)
        return key, objects.check(own, found.u, lambda: f"`{path_of(group, name)}`")
    raise FileError(_nothing(group, name))


def _nothing(group: Any, name: str) -> str:
    return f"`{group.name}` has nothing under the name `{name}`."


def _spellings(name: str) -> Iterator[bytes]:
    """A name as it may be written: UTF-8, or the Latin-1 of Python 2."""
    yield name.encode("utf-8")
    if not name.isascii():
        with suppress(UnicodeEncodeError):
            yield name.encode("latin-1")

"""How names, texts and arrays lie in an HDF5 group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np

from .safety import MAX_NAMES, MAX_TEXT_BYTES, FileError, check_dataset, check_link

# HDF5 allows an object's header, where the attributes are, 64 KB; this leaves room for the rest.
HDF5_OBJECT_HEADER_LIMIT = 64512


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
    if len(parts) == 1:
        group.attrs[name] = data
        return
    for i, part in enumerate(parts):
        group.attrs[f"{name}{i}"] = part


def write_arrays(group: Any, names: Sequence[str], arrays: Iterable[Any]) -> None:
    """Arrays under their names, and the names in order as the attribute `weight_names`."""
    names = _distinct(names)
    write_names(group, "weight_names", names)
    for name, array in zip(names, arrays, strict=True):
        group.create_dataset(name, data=np.asarray(array))


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
    _check_attribute(group, name)
    value = group.attrs[name]
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if not isinstance(value, (str, bytes)):
        raise FileError(f"The attribute `{name}` of `{group.name}` should be a text.")
    return decoded(value)


def read_count(group: Any, name: str) -> int:
    """A number of things as an attribute."""
    simple = name in group.attrs and group.attrs.get_id(name).shape == ()
    value = group.attrs[name] if simple else None
    if not isinstance(value, (int, np.integer)) or not 0 <= value <= MAX_NAMES:
        raise FileError(f"The attribute `{name}` of `{group.name}` should be a number of things.")
    return int(value)


def read_names(group: Any, name: str) -> list[str]:
    """A list of names, put together again if it was split."""
    if name in group.attrs:
        return _names(group, name)
    found: list[str] = []
    part = 0
    while f"{name}{part}" in group.attrs:
        found += _names(group, f"{name}{part}")
        part += 1
    if not part:
        raise FileError(f"`{group.name}` has no attribute `{name}`: it holds no weights of Keras.")
    return found


def has_names(group: Any, name: str) -> bool:
    """Whether there is such a list, split or not."""
    return name in group.attrs or f"{name}0" in group.attrs


def _names(group: Any, name: str) -> list[str]:
    _check_attribute(group, name)
    value = group.attrs[name]
    if isinstance(value, np.ndarray) and not value.size:
        return []
    listed = np.atleast_1d(value).reshape(-1).tolist()
    if not all(isinstance(each, (str, bytes)) for each in listed):
        raise FileError(f"The attribute `{name}` of `{group.name}` should be a list of names.")
    return [decoded(each) for each in listed]


def _check_attribute(group: Any, name: str) -> None:
    found = group.attrs.get_id(name)
    who = f"The attribute `{name}` of `{group.name}`"
    count = prod(found.shape) if found.shape is not None else -1
    if not 0 <= count <= MAX_NAMES or found.dtype.kind not in "OSf":
        raise FileError(f"{who} is no text and no list of names.")
    if count * found.dtype.itemsize > MAX_TEXT_BYTES:
        raise FileError(f"{who} is larger than any model's: {count:,} names.")


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


def subgroup(group: Any, name: str) -> Any:
    """The group of that name inside another."""
    found = _follow(group, name)
    if not hasattr(found, "keys"):
        raise FileError(f"`{found.name}` should be a group.")
    return found


def dataset(group: Any, name: str) -> Any:
    """The dataset of that name, which may be a path inside the group; checked, not read yet."""
    found = _follow(group, name)
    if hasattr(found, "keys"):
        raise FileError(f"`{found.name}` should be an array, but is a group.")
    check_dataset(found)
    return found


def is_group(group: Any, name: str) -> bool:
    """Whether a group, and no array, has this name."""
    check_link(group, name)
    return hasattr(group[name], "keys")


def address(group: Any) -> int:
    """Where a group lies in its file, which is another place for each."""
    from h5py import h5o

    place: int = h5o.get_info(group.id).addr
    return place


def _follow(group: Any, name: str) -> Any:
    """What stands under a path, step by step, so that no step leads elsewhere."""
    here = group
    for part in name.split("/"):
        if part in ("", "."):
            continue
        key = next((k for k in _spellings(part) if hasattr(here, "keys") and k in here), None)
        if key is None:
            raise FileError(f"`{group.name}` has nothing under the name `{name}`.")
        check_link(here, key)
        here = here[key]
    return here


def _spellings(name: str) -> Iterator[str | bytes]:
    """A name as it may be written: UTF-8, or the Latin-1 of Python 2."""
    yield name
    if not name.isascii():
        with suppress(UnicodeEncodeError):
            yield name.encode("latin-1")

"""What a file may be, checked before it is believed: its links, its sizes, its depth.

Loading imports nothing, calls nothing and opens nothing that a file names. What is checked here is
the rest: that reading a small file never needs much memory, and never another file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, NamedTuple

MEGABYTE = 1 << 20

# No genuine model comes near these; a file beyond them is damaged or malicious.
MAX_CONFIG_BYTES = 256 * MEGABYTE
MAX_DEPTH = 200
MAX_LAYERS = 100_000
MAX_NAMES = 1_000_000
MAX_TEXT_BYTES = 16 * MEGABYTE

# Compressed weights: deflate reaches 1000:1 on zeros, trained weights hardly 2:1.
MAX_RATIO = 100
SMALL = 64 * MEGABYTE  # an array that may always be allocated
LARGE_PIECE = 4 * MEGABYTE  # of an array that may grow: the library takes memory for all of it

DEFLATE, SHUFFLE, FLETCHER32, LZF = 1, 2, 3, 32000
KNOWN_FILTERS = {DEFLATE, SHUFFLE, FLETCHER32, LZF}


class FileError(ValueError):
    """A file isn't what it should be, or holds what isn't read for safety's sake."""


DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What reading a file may end in when it holds other things than are looked for."""


@contextmanager
def telling(who: str) -> Iterator[None]:
    """Whatever goes wrong with a file's content inside is told as a `FileError` that names it.

    `ValueError` and `TypeError` explain themselves; of others the kind is said as well.
    """
    try:
        yield
    except FileError:
        raise
    except (OSError, *DAMAGE) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's, not the content's
        plain = isinstance(error, (ValueError, TypeError)) and not isinstance(error, UnicodeError)
        said = str(error) if plain else f"{type(error).__name__}: {error}"
        raise FileError(f"{who} can't be read: {said}") from error


def check_link(group: Any, name: str | bytes) -> None:
    """Raise if what stands under this name lies elsewhere: in another file, or place."""
    import h5py

    link, who = group.get(name, getlink=True), path_of(group, name)
    if isinstance(link, h5py.ExternalLink):
        raise FileError(f"`{who}` is a link to another file, which isn't followed.")
    if isinstance(link, h5py.SoftLink):
        raise FileError(
            f"`{who}` is a link to `{link.path}`; no version of Keras writes links, and they "
            "aren't followed."
        )


class Plain(NamedTuple):
    """Shape of an array of `float32`, and the place in the file where they lie in one piece.

    That is how weights are written. Such an array is neither packed nor put together nor elsewhere,
    and as large as it says.
    """

    shape: tuple[int, ...]
    place: int


def plain_place(dataset: Any) -> Plain | None:
    """Where a plain array is, by its low-level handle."""
    import h5py

    shape, place = dataset.shape, dataset.get_offset()
    if place is None or shape is None or dataset.get_storage_size() != 4 * prod(shape):
        return None
    return Plain(shape, place) if dataset.get_type() == h5py.h5t.NATIVE_FLOAT else None


def check_dataset(dataset: Any, who: str) -> tuple[tuple[int, ...], Any]:
    """An array's shape and dtype, by its low-level handle.

    Raise if reading it would run a plugin, take too much memory, or read what isn't its own. It's
    known already that it doesn't lie in another file.
    """
    from h5py import h5d, h5i

    plist = dataset.get_create_plist()
    filters = filters_of(plist)
    unknown = sorted(set(filters) - KNOWN_FILTERS)
    if unknown:
        raise FileError(
            f"{who} is packed by the filter(s) {unknown}, which need code from elsewhere. Write "
            "the file again without."
        )
    if len(set(filters)) < len(filters) or {DEFLATE, LZF} <= set(filters):
        raise FileError(f"{who} is packed more than once, which no version of Keras does.")
    shape, dtype = dataset.shape, dataset.dtype
    if shape is None or dtype.kind not in "biufS":
        raise FileError(f"{who} should hold numbers, got {dtype}.")
    if dtype.kind != "S" and not _within(dataset.get_type()):
        raise FileError(f"{who} has numbers that lie beside the bits that they have.")
    stored = min(dataset.get_storage_size(), h5i.get_file_id(dataset).get_filesize())
    check_size(who, shape, dtype.itemsize, stored)
    if plist.get_layout() != h5d.CHUNKED:
        needed = prod(shape) * dataset.get_type().get_size()
        if stored not in (0, needed):
            raise FileError(f"{who} has {stored:,} bytes in the file, and needs {needed:,}.")
    else:
        piece = prod(plist.get_chunk())
        if piece > max(prod(shape), LARGE_PIECE // dtype.itemsize):
            raise FileError(
                f"{who} lies in pieces of {piece:,} numbers, and has {prod(shape):,} itself."
            )
    return shape, dtype


def _within(kind: Any) -> bool:
    """Whether the parts of a number lie in its own bits; older versions of HDF5 don't look."""
    from h5py import h5t

    if isinstance(kind, h5t.TypeEnumID):
        kind = kind.get_super()
    bits = 8 * kind.get_size()
    parts = [(kind.get_offset(), kind.get_precision())]
    if isinstance(kind, h5t.TypeFloatID):
        sign, exponent, exponent_bits, mantissa, mantissa_bits = kind.get_fields()
        parts += [(sign, 1), (exponent, exponent_bits), (mantissa, mantissa_bits)]
    return all(begin + count <= bits for begin, count in parts)


def filters_of(plist: Any) -> list[int]:
    """What an array's pieces are packed by, in order."""
    return [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]


def check_size(who: str, shape: tuple[int, ...], itemsize: int, stored: int) -> None:
    """Raise if an array would be much larger than what the file stores of it."""
    declared = itemsize
    for size in shape:
        declared *= int(size)
    if declared > max(SMALL, MAX_RATIO * stored):
        raise FileError(
            f"{who} declares the shape {tuple(shape)}, {declared:,} bytes, but the file stores "
            f"{stored:,} bytes of it. It is damaged or made to exhaust the memory."
        )


def check_depth(value: Any, who: str) -> None:
    """Raise if lists and dictionaries are nested deeper than any model's."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise FileError(f"{who} is nested more than {MAX_DEPTH} levels deep.")
        inner: list[Any] = []
        for each in level:
            inner += each.values() if isinstance(each, dict) else each
        level = [each for each in inner if isinstance(each, (dict, list, tuple))]


def address(group: Any) -> int:
    """Where a group lies in its file, which is another place for each.

    `h5o.get_info` says it, too, but looks through the group's whole tree for its size: for ever, if
    a node of a damaged file comes after itself.
    """
    from h5py import h5g

    low, high = h5g.get_objinfo(group.id).objno
    place: int = low | high << 32  # where one number takes all of it, the other is zero
    return place


def path_of(group: Any, name: str | bytes) -> str:
    """What messages call a thing in a group."""
    name = name if isinstance(name, str) else name.decode("latin-1")
    return f"{group.name.rstrip('/')}/{name}"

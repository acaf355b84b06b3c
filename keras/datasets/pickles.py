"""Pickles of lists, numbers, texts and numpy arrays; whatever else one names is refused.

A pickle is a little program that may call anything it can name. Those of the data sets need two or
three names of numpy. These lead to the classes below, which only note what they are told; numpy's
own functions are never called by a file.
"""

from __future__ import annotations

import pickle
import re
from typing import IO, Any

import numpy as np

DEPTH = 3  # `((a, b), (c, d))` in a few bytes may stand for more than the memory holds
_SIMPLE = re.compile(r"[biufc]\d{1,2}|O8?")


class Unsafe(pickle.UnpicklingError):
    """A pickle that does what data don't need."""


class _Quiet:
    """Takes no attributes, which a pickle may give to whatever it has made."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        raise Unsafe("it tells an object a state that it has no room for")


class _Dtype(_Quiet):
    """`numpy.dtype("u1", ...)`, and then its byte order."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any, *options: Any) -> None:
        self.code = code.decode("latin1") if isinstance(code, bytes) else code
        self.order = "="
        if not isinstance(self.code, str) or not _SIMPLE.fullmatch(self.code):
            raise Unsafe(f"arrays of {code!r} are none of numbers or lists")

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        self.order = order.decode("latin1") if isinstance(order, bytes) else order

    def numpy(self) -> np.dtype[Any]:
        order: Any = self.order
        return np.dtype(self.code).newbyteorder(order)


class _Array(_Quiet):
    """`_reconstruct(ndarray, (0,), "b")`, and then what the array holds."""

    __slots__ = ("state",)

    def __init__(self, *described: Any) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def numpy(self, depth: int) -> np.ndarray:
        _, shape, dtype, by_columns, content = self.state
        kind = dtype.numpy()
        if kind.hasobject:
            flat = np.empty(len(content), dtype=object)
            for i, each in enumerate(content):
                flat[i] = _plain(each, depth - 1)
        else:
            # A copy: what came from bytes can't be written to.
            flat = np.frombuffer(_bytes(content), dtype=kind).astype(kind.newbyteorder("="))
        return flat.reshape(shape, order="F" if by_columns else "C")


class _Scalar(_Quiet):
    """One number of numpy's."""

    __slots__ = ("content", "dtype")

    def __init__(self, dtype: Any, content: Any) -> None:
        self.dtype = dtype
        self.content = content

    def numpy(self, depth: int) -> Any:
        return np.frombuffer(_bytes(self.content), dtype=self.dtype.numpy())[0].item()


class _Encoded(_Quiet):
    """`_codecs.encode(text, "latin1")`, or `bytes()`: as Python 3 writes bytes for Python 2."""

    __slots__ = ("content",)

    def __init__(self, text: str = "", encoding: str = "latin1") -> None:
        self.content = text.encode("latin1")


def _bytes(content: Any) -> bytes:
    """Bytes, however they were written; those of Python 2 are read as a text in Latin-1."""
    if isinstance(content, _Encoded):
        return content.content
    found = content.encode("latin1") if isinstance(content, str) else content
    if not isinstance(found, bytes):
        raise Unsafe(f"an array is made from {type(found).__name__}, expected bytes")
    return found


_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")
ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): "numpy.ndarray",  # only ever an argument
    ("_codecs", "encode"): _Encoded,
    ("__builtin__", "bytes"): _Encoded,
    **{(module, "_reconstruct"): _Array for module in _NUMPY},
    **{(module, "scalar"): _Scalar for module in _NUMPY},
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ADMITTED:
            raise Unsafe(f"it asks for {module}.{name}, which no data set needs; it was not run")
        return ADMITTED[module, name]


def read_pickle(file: IO[bytes]) -> Any:
    """What a pickle holds; texts of Python 2 are read as Latin-1."""
    return _plain(_Reader(file, encoding="latin1").load(), DEPTH)


def _plain(found: Any, depth: int) -> Any:
    """With arrays in place of what stands for them; lists hold none and stay as they are."""
    if depth < 0:
        raise Unsafe("its pairs hold pairs too deeply")
    if isinstance(found, (_Array, _Scalar)):
        return found.numpy(depth)
    if isinstance(found, _Encoded):
        return found.content
    if isinstance(found, dict):
        return {_plain(key, 0): _plain(value, depth - 1) for key, value in found.items()}
    return tuple(_plain(each, depth - 1) for each in found) if isinstance(found, tuple) else found

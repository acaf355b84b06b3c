"""Trees of plain values and arrays in a file that can be read without trusting it.

Dicts, lists, tuples, sets, deques, numbers, texts, bytes, `None` and numpy arrays come back as they
were. The file is numpy's `.npz`: an array for each array, and one text, JSON, that says how they
hang together. Nothing in it is code.
"""

from __future__ import annotations

import json
import os
from collections import deque
from typing import Any

import numpy as np

from ..whole_files import replacing

PLAIN = (type(None), bool, int, float, str)
SHAPE = "tree"  # the name of the text among the arrays


class NotPlain(TypeError):
    """A value that can't be kept in a tree."""


def write(path: str | os.PathLike[str], tree: Any) -> None:
    """Write a tree; a file that is there is replaced once the new one is whole."""
    arrays: dict[str, Any] = {}
    text = json.dumps(_described(tree, arrays))
    arrays[SHAPE] = np.frombuffer(text.encode(), "uint8")
    with replacing(path) as made, made.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())


def read(path: str | os.PathLike[str]) -> Any:
    """The tree in a file."""
    with np.load(path, allow_pickle=False) as arrays:
        text = arrays[SHAPE].tobytes().decode()
        return _built(json.loads(text), arrays)


def is_plain(value: Any) -> bool:
    """Whether a value can be kept in a tree."""
    try:
        _described(value, {})
    except NotPlain:
        return False
    return True


def _described(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, np.generic):
        value = np.asarray(value)
        return {"number": _described(value, arrays)["array"]}
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, np.ndarray) and value.dtype != object:
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        pairs = [[_described(k, arrays), _described(v, arrays)] for k, v in value.items()]
        return {"dict": pairs}
    for kind in KINDS:
        if isinstance(value, KINDS[kind]):
            return {kind: [_described(each, arrays) for each in value]}
    raise NotPlain(f"A {type(value).__name__} can't be kept.")


KINDS: dict[str, Any] = {"list": list, "tuple": tuple, "set": (set, frozenset), "deque": deque}
MAKE: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "deque": deque}


def _built(value: Any, arrays: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "array":
        return arrays[inner]
    if kind == "number":
        return arrays[inner][()]
    if kind == "bytes":
        return bytes.fromhex(inner)
    if kind == "dict":
        return {_built(k, arrays): _built(v, arrays) for k, v in inner}
    return MAKE[kind](_built(each, arrays) for each in inner)

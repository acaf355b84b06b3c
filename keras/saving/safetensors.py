"""Weights in `.safetensors` files: a header in JSON, and the numbers one behind the other.

Arrays are called `layer/weight`, `model/layer/weight` inside models. The format is that of
https://github.com/huggingface/safetensors: the length of the header in eight bytes, the header,
the data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np

from .config import BACKEND, KERAS_VERSION, read_json
from .pieces import inner_layers
from .safety import MEGABYTE, FileError

DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "I16": "int16",
    "U16": "uint16",
    "F16": "float16",
    "I32": "int32",
    "U32": "uint32",
    "F32": "float32",
    "I64": "int64",
    "U64": "uint64",
    "F64": "float64",
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
MAX_HEADER = 100 * MEGABYTE


def named_weights(model: Any) -> dict[str, Any]:
    """A model's weights by the path of names that leads to each."""
    found: dict[str, Any] = {}
    known: set[int] = set()

    def walk(layer: Any, path: str) -> None:
        inner = inner_layers(layer)
        for each in inner:
            walk(each, f"{path}{each.name}/")
        for weight in () if inner else layer.weights:
            if id(weight) in known:
                continue
            known.add(id(weight))
            word = weight.name.split("/")[-1].partition(":")[0]
            key, number = f"{path}{word}", 0
            while key in found:
                number += 1
                key = f"{path}{word}_{number}"
            found[key] = weight

    for layer in model.layers:
        walk(layer, f"{layer.name}/")
    return found


# ---- writing


def dumped(arrays: Mapping[str, Any], metadata: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """The parts of a file."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    place = 0
    for name, array in arrays.items():
        if str(array.dtype) not in NAMES:
            raise ValueError(f"`{name}`: `.safetensors` files hold no {array.dtype}.")
        end = place + array.nbytes
        header[name] = {
            "dtype": NAMES[str(array.dtype)],
            "shape": list(array.shape),
            "data_offsets": [place, end],
        }
        place = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for array in arrays.values():
        little = array.dtype.newbyteorder("<")
        yield np.ascontiguousarray(array, dtype=little).reshape(-1).data


def write(path: Any, model: Any) -> None:
    """A model's weights as a file."""
    weights = named_weights(model)
    arrays = {name: np.asarray(w.numpy(copy=False)) for name, w in weights.items()}
    metadata = {"format": "keras", "keras_version": KERAS_VERSION, "backend": BACKEND}
    with open(path, "wb") as file:  # noqa: PTH123  a path of either kind
        file.writelines(dumped(arrays, metadata))


# ---- reading


class Entry(NamedTuple):
    """Where an array lies in the data."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def is_here(beginning: bytes) -> bool:
    """Whether a file that begins like this is one."""
    length = int.from_bytes(beginning[:8], "little")
    return len(beginning) > 8 and 2 <= length <= MAX_HEADER and beginning[8:9] == b"{"


class Tensors:
    """The arrays of a file, by name; read when asked for."""

    def __init__(self, data: Any, who: str) -> None:
        self.who = who
        length = int.from_bytes(bytes(data[:8]), "little")
        if length > MAX_HEADER or 8 + length > len(data):
            raise FileError(f"{who} declares a header of {length:,} bytes; it has {len(data):,}.")
        said = read_json(bytes(data[8 : 8 + length]), f"The header of {who}")
        if not isinstance(said, dict):
            raise FileError(f"The header of {who} should be a dictionary.")
        metadata = said.pop("__metadata__", {})
        self.metadata: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
        self.data = data[8 + length :]
        self.entries = {name: self._entry(name, each) for name, each in said.items()}
        spans = sorted((e.start, e.end) for e in self.entries.values())
        if any(a[1] > b[0] for a, b in pairwise(spans)):
            raise FileError(f"Arrays of {who} lie upon each other.")

    def _entry(self, name: str, said: Any) -> Entry:
        try:
            dtype, shape = DTYPES[said["dtype"]], tuple(int(n) for n in said["shape"])
            start, end = (int(n) for n in said["data_offsets"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise FileError(
                f"{self.who}: `{name}` isn't described as an array of one of the types "
                f"{', '.join(DTYPES)}."
            ) from error
        size = prod(shape) * np.dtype(dtype).itemsize
        if min(shape, default=0) < 0 or not 0 <= start <= end <= len(self.data):
            raise FileError(f"{self.who}: `{name}` doesn't lie inside the file.")
        if size != end - start:
            raise FileError(
                f"{self.who}: `{name}` has the shape {shape}, {size:,} bytes; the file holds "
                f"{end - start:,} of it."
            )
        return Entry(dtype, shape, start, end)

    def __getitem__(self, name: str) -> Any:
        entry = self.entries[name]
        little = np.dtype(entry.dtype).newbyteorder("<")
        flat = np.frombuffer(self.data[entry.start : entry.end], little)
        return flat.reshape(entry.shape)


def pairs(
    model: Any, tensors: Tensors, by_name: bool = False
) -> tuple[list[tuple[Any, Any]], list[str]]:
    """A model's weights with their arrays, and in sentences what doesn't fit."""
    weights = named_weights(model)
    theirs = set(tensors.entries)
    if not by_name and theirs != set(weights):
        lacking, surplus = sorted(set(weights) - theirs), sorted(theirs - set(weights))
        raise FileError(
            f"{tensors.who} has other weights than model `{model.name}`: "
            f"{_said('lacking', lacking)}{_said('too many', surplus)}`by_name=True` loads those "
            "that both know."
        )
    found, problems = [], []
    for name, weight in weights.items():
        if name not in theirs:
            continue
        shape = tensors.entries[name].shape
        if shape != tuple(weight.shape):
            problems.append(f"`{name}` has shape {tuple(weight.shape)}, in the file {shape}.")
        else:
            found.append((weight, tensors[name]))
    return found, problems


def _said(word: str, names: list[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{word}: {', '.join(f'`{n}`' for n in names[:8])}{more}. " if names else ""

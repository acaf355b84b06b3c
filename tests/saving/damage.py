"""Files with something wrong in them: bytes changed, cut off, put in; configs with odd parts."""

from __future__ import annotations

import copy
import functools
import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from keras.layers import (
    LSTM,
    BatchNormalization,
    Bidirectional,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Input,
    add,
)
from keras.models import Model, Sequential, load_model, save_model
from keras.saving import FileError, archive, newer, safetensors

from . import checksums


def models() -> dict[str, Any]:
    """Small models with what configs and groups can hold."""
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(4, name="shared", kernel_regularizer="l2", kernel_constraint="max_norm")
    inner = Sequential([Dense(4, input_shape=(4,)), BatchNormalization()], name="inner")
    graph = Model([a, b], [Dense(2, name="p")(add([inner(shared(a)), shared(b)])), shared(b)])
    graph.compile("adam", ["mse", "mae"], metrics=["mae"])
    graph.train_on_batch([np.ones((2, 4))] * 2, [np.ones((2, 2)), np.ones((2, 4))])
    words = Sequential(
        [Embedding(5, 3, mask_zero=True, input_length=4), Bidirectional(LSTM(2)), Dense(1)]
    )
    pictures = Sequential([Conv2D(2, 3, input_shape=(6, 6, 1)), Flatten(), Dense(2)])
    return {"graph": graph, "words": words, "pictures": pictures}


def long_model() -> Any:
    """More layers than the newer kind of group has without a heap."""
    return Sequential([Dense(2, input_shape=(2,)), *(Dense(2) for _ in range(11))])


def h5_bytes(model: Any) -> bytes:
    """A model as the bytes of an HDF5 file."""
    memory = io.BytesIO()
    save_model(model, memory)
    return memory.getvalue()


LAYOUTS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({}, {"chunks": True, "compression": "gzip", "shuffle": True}),
    ({}, {"chunks": True, "maxshape": True}),
    ({"libver": "latest"}, {}),
    ({"libver": "latest"}, {"chunks": True, "compression": "gzip"}),
    ({"libver": "latest", "track_order": True}, {"chunks": True, "maxshape": True}),
    ({"userblock_size": 512}, {"chunks": True, "fletcher32": True}),
)
"""Other ways in which HDF5 lays out files, and arrays in them."""


def laid_out(data: bytes, how: dict[str, Any], arrays: dict[str, Any]) -> bytes:
    """An HDF5 file in another layout, which a tool may have written."""
    memory = io.BytesIO()
    with h5py.File(io.BytesIO(data), "r") as old, h5py.File(memory, "w", **how) as made:
        made.attrs.update(old.attrs)

        def copied(name: str, each: Any) -> None:
            if isinstance(each, h5py.Group):
                new = made.create_group(name)
            else:
                asked = dict(arrays) if each.size and each.shape else {}
                if "maxshape" in asked:
                    asked["maxshape"] = (None,) * each.ndim
                new = made.create_dataset(name, data=each[()], **asked)
            new.attrs.update(each.attrs)

        old.visititems(copied)
    return memory.getvalue()


def keras_bytes(model: Any) -> bytes:
    """A model as the bytes of a `.keras` file."""
    memory = io.BytesIO()
    newer.write(memory, model)
    return memory.getvalue()


def safetensors_bytes(model: Any) -> bytes:
    """A model's weights as the bytes of a `.safetensors` file."""
    arrays = {n: w.numpy() for n, w in safetensors.named_weights(model).items()}
    return b"".join(bytes(part) for part in safetensors.dumped(arrays, {}))


# ---- bytes


NODES = re.compile(rb"TREE|SNOD|HEAP|GCOL|OHDR|FRHP|BTHD|BTLF|BTIN")


def astray(made: bytearray, draw: random.Random) -> None:
    """Let a part of an HDF5 file lead to another, or to itself."""
    nodes = [found.start() for found in NODES.finditer(made)]
    if nodes:
        place = draw.choice(nodes) + 8 * draw.randrange(1, 6)
        made[place : place + 8] = draw.choice(nodes).to_bytes(8, "little")


def misled(made: bytearray, draw: random.Random) -> None:
    """Let one address in an HDF5 file, or what looks like one, stand where another does."""
    words = np.frombuffer(made[: len(made) // 8 * 8], "<u8")
    places = np.flatnonzero((words > 0) & (words < len(made)))
    if len(places):
        place, other = (8 * int(draw.choice(places)) for _ in range(2))
        made[place : place + 8] = made[other : other + 8]


@functools.cache
def _parts_of(data: bytes) -> list[tuple[int, int]]:
    return list(checksums.parts(data))


def with_checksums(data: bytes, draw: random.Random) -> bytes:
    """An HDF5 file of the newer kind, in which some parts say other things, but say them well."""
    made, parts = bytearray(data), _parts_of(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        start, end = draw.choice(parts)
        i, kind = draw.randrange(start + 4, end), draw.randrange(4)
        if kind == 0:
            made[i] = draw.randrange(256)
        elif kind == 1:
            made[i] ^= 1 << draw.randrange(8)
        elif kind == 2:
            made[i : min(i + 4, end)] = draw.choice((b"\xff", b"\0"))[:1] * (min(i + 4, end) - i)
        elif i + 8 <= end:
            made[i : i + 8] = draw.choice(parts)[0].to_bytes(8, "little")
        checksums.mended(made, start, end)
    return bytes(made)


def in_circles(data: bytes) -> bytes:
    """An HDF5 file in whose groups each node of the tree comes after itself."""
    made = bytearray(data)
    for found in re.finditer(rb"TREE\0", data):
        made[found.start() + 16 : found.start() + 24] = found.start().to_bytes(8, "little")
    return bytes(made)


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Bytes with some of them changed, taken away, doubled, or all cut off from a place on."""
    made = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4, 16))):
        i = draw.randrange(len(made)) if made else 0
        kind = draw.randrange(8)
        if kind == 6:
            astray(made, draw)
        elif kind == 7:
            misled(made, draw)
        elif kind == 0:
            made[i : i + 1] = bytes([draw.randrange(256)])
        elif kind == 1:
            made[i : i + 4] = draw.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"))
        elif kind == 2:
            del made[i : i + draw.randrange(1, 64)]
        elif kind == 3:
            made[i:i] = made[i : i + draw.randrange(1, 64)]
        elif kind == 4:
            made[i : i + 1] = bytes([made[i] ^ (1 << draw.randrange(8))]) if made else b""
        else:
            del made[i:]
    return bytes(made)


# ---- structure

ODD = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.5, float("nan"), float("inf"), "", "a",
    "relu", "../../x", "/", "\x00", "Dense", "os.system", [], [[]], {}, [None], [1, 2, 3],
    [[["a", 0, 0]]], {"class_name": "Dense", "config": {}}, {"class_name": "Lambda"},
    {"class_name": "Sequential", "config": []}, ["a", 0, 0, {"b": 1}], {"type": "ndarray"},
    {"module": "os", "class_name": "function", "config": "system"},
)  # fmt: skip


def replaced(config: Any, draw: random.Random) -> Any:
    """A config with parts replaced by others, by odd values, taken away, or put in twice."""
    made = copy.deepcopy(config)
    for _ in range(draw.choice((1, 1, 2, 4))):
        holder, key = draw.choice(list(_parts(made)))
        kind = draw.randrange(4)
        if kind == 0 or not isinstance(made, (dict, list)):
            holder[key] = copy.deepcopy(draw.choice(ODD))
        elif kind == 1:
            other, place = draw.choice(list(_parts(made)))
            holder[key] = copy.deepcopy(other[place])
        elif kind == 2:
            del holder[key]
        elif isinstance(holder, dict):
            holder[draw.choice(("name", "layers", "config", "class_name", "dtype", "x"))] = (
                copy.deepcopy(draw.choice(ODD))
            )
        else:
            holder.append(copy.deepcopy(holder[key]))
        if not any(True for _ in _parts(made)):
            break
    return made


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """All places in a config: what holds them, and the key there."""
    level = [value]
    while level:
        each = level.pop()
        keys = each if isinstance(each, dict) else range(len(each))
        for key in list(keys):
            yield each, key
            if isinstance(each[key], (dict, list)):
                level.append(each[key])


def h5_with(data: bytes, draw: random.Random) -> bytes:
    """An HDF5 model with its config, its training config or its groups changed."""
    memory = io.BytesIO(data)
    with h5py.File(memory, "r+") as file:
        which = draw.randrange(4)
        if which < 2:
            name = ("model_config", "training_config")[which]
            if name in file.attrs:
                file.attrs[name] = json.dumps(replaced(json.loads(file.attrs[name]), draw))
        else:
            _group_changed(file, draw, which == 2)
    return memory.getvalue()


def _group_changed(file: Any, draw: random.Random, attributes: bool) -> None:
    """One group's attribute or member replaced by something odd."""
    groups: list[Any] = [file]
    file.visititems(lambda _, each: groups.append(each) if hasattr(each, "keys") else None)
    group = draw.choice(groups)
    if attributes:
        names = list(group.attrs) or ["weight_names"]
        odd: tuple[Any, ...] = ("", 3, [b"a", b"b"], np.zeros((2, 2)), b"\xff\xfe", [b""], 1e300)
        group.attrs[draw.choice(names)] = draw.choice(odd)
        return
    names = list(group)
    if not names:
        return
    name = draw.choice(names)
    del group[name]
    kind = draw.randrange(4)
    if kind == 0:
        group[name] = draw.choice((np.zeros(3), 5, np.array([b"x"]), np.zeros((2, 3, 4), "int8")))
    elif kind == 1:
        group.create_group(name)
    elif kind == 2:
        group[name] = file  # round in a circle
    else:
        group[name] = h5py.SoftLink("/model_weights")


def keras_with(data: bytes, draw: random.Random) -> bytes:
    """A `.keras` archive with its config or its weights changed."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(memory, "w") as made:
        for name in old.namelist():
            content = old.read(name)
            if name == archive.CONFIG and draw.random() < 0.7:
                content = json.dumps(replaced(json.loads(content), draw)).encode()
            elif name == archive.WEIGHTS and draw.random() < 0.5:
                inner = io.BytesIO(content)
                with h5py.File(inner, "r+") as file:
                    _group_changed(file, draw, attributes=False)
                content = inner.getvalue()
            made.writestr(name, content)
    return memory.getvalue()


def weights_or_refusal(source: Any) -> list[Any] | None:
    """The weights of the model in a file; `None` if it is refused."""
    try:
        weights: list[Any] = load_model(source).get_weights()
    except FileError:
        return None
    return weights

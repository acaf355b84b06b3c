"""Tiny data sets in the formats of the originals; their numbers follow from formulas."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

WORDS = {"the": 1, "and": 2, "café": 3}


def texts(n: int, shift: int) -> np.ndarray:
    """n texts of 2 to 9 words; the commonest word is 1."""
    made = np.empty(n, dtype=object)
    for i in range(n):
        made[i] = [(7 * i + 3 * j * j + shift) % 23 + 1 for j in range(2 + (5 * i + shift) % 8)]
    return made


def labels(n: int, classes: int) -> np.ndarray:
    return np.array([(3 * i + i // 4) % classes for i in range(n)])


def images(n: int, *shape: int) -> np.ndarray:
    return (np.arange(n * int(np.prod(shape))) * 11 % 251).astype("uint8").reshape(n, *shape)


IMDB = {"x_train": texts(12, 0), "y_train": labels(12, 2), "x_test": texts(9, 4),
        "y_test": labels(9, 2)}  # fmt: skip
REUTERS = {"x": texts(20, 1), "y": labels(20, 46)}
BOSTON = {"x": np.arange(20 * 13).reshape(20, 13) / 7, "y": np.arange(20) / 3}
MNIST = {"x_train": images(6, 28, 28), "y_train": labels(6, 10), "x_test": images(4, 28, 28),
         "y_test": labels(4, 10)}  # fmt: skip


def npz(folder: Path, name: str, arrays: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / name, **arrays)
    return folder / name


class _Python2(pickle._Pickler):  # type: ignore[name-defined]  # the one that is written in Python
    """Writes texts and bytes as Python 2 did: there they were one thing."""

    def save_string(self, text: str | bytes) -> None:
        content = text.encode("utf-8") if isinstance(text, str) else text
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(text)

    dispatch = {**pickle._Pickler.dispatch, str: save_string, bytes: save_string}  # type: ignore[attr-defined]  # noqa: RUF012


def old_pickle(content: Any) -> bytes:
    """A pickle of Python 2, with numpy's modules by their old names."""
    memory = io.BytesIO()
    _Python2(memory, protocol=2).dump(content)
    return memory.getvalue().replace(b"cnumpy._core", b"cnumpy.core")


def pairs(arrays: dict[str, Any]) -> Any:
    """`((x_train, y_train), (x_test, y_test))` or `(x, y)`; texts as lists, as Keras 1 had them."""
    flat = [a.tolist() if a.dtype == object else a for a in arrays.values()]
    return (tuple(flat[:2]), tuple(flat[2:])) if len(flat) == 4 else tuple(flat)


def idx(folder: Path, name: str, array: np.ndarray) -> None:
    header = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(gzip.compress(header + array.astype("uint8").tobytes()))


def fashion(folder: Path) -> None:
    below = folder / "fashion-mnist"
    idx(below, "train-images-idx3-ubyte.gz", MNIST["x_train"])
    idx(below, "train-labels-idx1-ubyte.gz", MNIST["y_train"])
    idx(below, "t10k-images-idx3-ubyte.gz", MNIST["x_test"])
    idx(below, "t10k-labels-idx1-ubyte.gz", MNIST["y_test"])


def cifar_batch(path: Path, n: int, keys: dict[str, int]) -> None:
    """A file of CIFAR, pickled by Python 2: `keys` are its labels and how many classes they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"data": images(n, 3072), "batch_label": path.name}
    content |= {key: labels(n, classes).tolist() for key, classes in keys.items()}
    path.write_bytes(old_pickle(content))


def cifar10(folder: Path, n: int = 4) -> None:
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        cifar_batch(folder / "cifar-10-batches-py" / name, n, {"labels": 10})


def cifar100(folder: Path, n: int = 4) -> None:
    for name in ("train", "test"):
        keys = {"fine_labels": 100, "coarse_labels": 20}
        cifar_batch(folder / "cifar-100-python" / name, n, keys)


def packed(folder: Path, name: str) -> Path:
    """The folder as an archive, and gone itself."""
    archive = folder / f"{name}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder / name, name)
    for path in (folder / name).iterdir():
        path.unlink()
    (folder / name).rmdir()
    return archive


def word_index(folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(WORDS).encode() if name.endswith(".json") else old_pickle(WORDS)
    (folder / name).write_bytes(content)

"""Files of strangers: read if they are what they should be, refused if not, never run."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from keras.datasets import cifar, files
from keras.datasets.pickles import read_pickle
from tests.datasets import made

# ---- what is read


@pytest.mark.parametrize("protocol", range(2, 5))
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([True, False]),
        np.array([], dtype="float32"),
        made.texts(3, 0),
        np.array([[[1], [2]], [[3], [4]]], dtype=object)[..., 0],
        np.array([[1, 2], [3]], dtype=object),
    ],
)
def test_arrays_in_pickles(array: np.ndarray, protocol: int) -> None:
    for content in (pickle.dumps(array, protocol), made.old_pickle(array)):
        got = read_pickle(io.BytesIO(content))
        assert got.dtype == array.dtype.newbyteorder("=")
        assert got.tolist() == array.tolist()
        assert got.flags.writeable


def test_arrays_of_arrays() -> None:
    texts = np.empty(2, dtype=object)
    texts[:] = [np.array([1, 2]), np.array([3])]
    got = read_pickle(io.BytesIO(pickle.dumps(texts)))
    assert [text.tolist() for text in got] == [[1, 2], [3]]


def test_numbers_and_bytes_in_pickles() -> None:
    content = {"n": np.float32(0.5), "b": b"\xff\0", "t": "text", "l": [1, 2]}
    for protocol in (2, 4):
        assert read_pickle(io.BytesIO(pickle.dumps(content, protocol))) == content


def test_lists_of_one_length_stay_lists(tmp_path: Path) -> None:
    texts = np.empty(2, dtype=object)
    texts[:] = [(1, 2), (3, 4)]
    texts[:] = [list(text) for text in texts]
    (found,) = files.arrays(made.npz(tmp_path, "x.npz", {"x": texts}), ["x"])
    assert found.shape == (2,)
    assert found.tolist() == [[1, 2], [3, 4]]


# ---- what isn't


class Calls:
    """Pickled as a call of something with something."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


EVIL = {
    "system": Calls(os.system, "touch ran"),
    "eval": Calls(eval, "open('ran', 'w')"),
    "load": Calls(np.load, "ran"),
    "fromfile": Calls(np.fromfile, "ran"),
    "getattr": Calls(getattr, "x", "upper"),
    "a function": made.npz,
    "a path": Path(),
}


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("wrap", ["alone", "list", "cifar", "npz"])
def test_nothing_is_run(
    evil: Any, wrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x"
    content = {"alone": evil, "list": [[evil]], "cifar": {"data": evil}}.get(wrap)
    read: Callable[[], Any] = lambda: files.word_index(path)  # noqa: E731
    if wrap == "npz":
        array = np.empty(1, dtype=object)
        array[0] = [evil]
        path = made.npz(tmp_path, "x.npz", {"x": array})
        read = lambda: files.arrays(path, ["x"])  # noqa: E731
    else:
        path.write_bytes(pickle.dumps(content))
        if wrap == "cifar":
            read = lambda: cifar.load_batch(path)  # noqa: E731
    with pytest.raises(ValueError, match=r"x(\.npz)? was not read: it asks for .* it was not run"):
        read()
    assert not (tmp_path / "ran").exists()


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n"
DTYPE = b"cnumpy\ndtype\n"


@pytest.mark.parametrize(
    "content",
    [
        ARRAY + b"}U\x08__init__K\x01sb.",  # attributes for our own classes
        ARRAY + b"(}U\x04nameK\x01stb.",
        ARRAY + b")\x81.",  # an array that was never told what it holds
        ARRAY + b")R.",
        ARRAY + b")RK\x01b.",
        DTYPE + b"(U\x02V9K\x00K\x01tR.",  # a structure
        DTYPE + b"(U\x02u1tRU\x01xb.",
        b"c_codecs\nencode\n(U\x01xU\x06latin1tR}b.",
        ARRAY + b")R(K\x01K\x01\x85" + DTYPE + b"(U\x02u1tR\x89J\xff\xff\xff\x7ftb.",  # many zeros
        b"cnumpy\nndarray\n)R.",
        b"cnumpy\nndarray\n)\x81.",
        b"Pname\n.",
        b"",
    ],
)
def test_pickles_that_misuse_what_is_admitted(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match=r"x (was not read|can't be read)"):
        files.word_index(tmp_path / "x")


def test_few_bytes_do_not_become_many(tmp_path: Path) -> None:
    pair: Any = (1, 1)
    for _ in range(100):
        pair = (pair, pair)
    (tmp_path / "x").write_bytes(pickle.dumps(pair))
    with pytest.raises(ValueError, match="too deeply"):
        files.arrays(tmp_path / "x", ["x", "y"])


def broken_npz(folder: Path, header: dict[str, Any], content: bytes) -> Path:
    memory = io.BytesIO()
    np.lib.format.write_array_header_1_0(memory, header)
    with zipfile.ZipFile(folder / "x.npz", "w") as archive:
        archive.writestr("x.npy", memory.getvalue() + content)
    return folder / "x.npz"


@pytest.mark.parametrize(
    ("descr", "shape", "content"),
    [
        ("|u1", (10**15,), b"few"),
        ("|u1", (2,), b"three"),
        ("|u1", (-3,), b"abc"),
        ("|O", (5,), pickle.dumps(made.texts(3, 0))),
        ("|O", (3,), pickle.dumps([1, 2, 3])),
        ([("a", "|O")], (1,), b""),
    ],
)
def test_arrays_that_say_what_they_are_not(
    tmp_path: Path, descr: Any, shape: tuple[int, ...], content: bytes
) -> None:
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    with pytest.raises(ValueError, match=r"x\.npz can't be read as the data set it should be"):
        files.arrays(broken_npz(tmp_path, header, content), ["x"])


def test_a_damaged_file_is_named_and_what_to_do(tmp_path: Path) -> None:
    path = made.npz(tmp_path, "x.npz", made.BOSTON)
    with pytest.raises(ValueError, match=r"x\.npz can't be read.*'z\.npy'.*fetched again"):
        files.arrays(path, ["z"])
    (tmp_path / "y.pkl").write_bytes(pickle.dumps(([1], [2])))
    with pytest.raises(ValueError, match="holds 2 arrays, expected 4"):
        files.arrays(tmp_path / "y.pkl", ["a", "b", "c", "d"])
    (tmp_path / "w.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"w\.json can't be read"):
        files.word_index(tmp_path / "w.json")
    with pytest.raises(FileNotFoundError):
        cifar.load_batch(tmp_path / "gone")


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0\x09\x01\0\0\0\x01x", b"\0\0\x08\x01\0\0\0\x02x", b"\0\0\x08\x01\0\0\0\x01xy",
     b"\0\0\x08\x02\0\0\0\x02", b"\0\0\x08\x01\xff\xff\xff\xffx"],
)  # fmt: skip
def test_idx_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    for name, written in (("x", content), ("x.gz", made.gzip.compress(content))):
        (tmp_path / name).write_bytes(written)
        with pytest.raises(ValueError, match="can't be read"):
            files.idx(tmp_path / name)


WHOLE: dict[str, tuple[Callable[[Path], Any], Callable[[Path], Any]]] = {
    "idx": (lambda p: made.idx(p.parent, p.name, made.labels(9, 5)), files.idx),
    "npz": (
        lambda p: made.npz(p.parent, p.name, made.REUTERS),
        lambda p: files.arrays(p, ("x", "y")),
    ),
    "pickle": (
        lambda p: p.write_bytes(made.old_pickle(made.pairs(made.REUTERS))),
        lambda p: files.arrays(p, ("x", "y")),
    ),
    "cifar": (lambda p: made.cifar_batch(p, 1, {"labels": 3}), cifar.load_batch),
}


@pytest.mark.parametrize("kind", WHOLE)
@given(where=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_anywhere_is_no_surprise(
    tmp_path_factory: pytest.TempPathFactory, kind: str, where: float, byte: int, cut: bool
) -> None:
    """A byte changed or the rest cut off: it can be read, or a ValueError names the file."""
    write, read = WHOLE[kind]
    path = tmp_path_factory.getbasetemp() / ("damaged.npz" if kind == "npz" else "damaged")
    write(path)
    content = bytearray(path.read_bytes())
    at = int(where * len(content))
    content[at] = byte
    path.write_bytes(content[:at] if cut else content)
    try:
        read(path)
    except ValueError as error:
        assert str(path) in str(error)

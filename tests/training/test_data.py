"""Data of every kind: each trains as the same numbers in an array do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch

from keras.backend.graph import runtime
from keras.layers import Dense, Input, concatenate
from keras.models import Model, Sequential
from keras.training.feed.foreign import Passes, batches_of, is_foreign
from keras.training.feed.rows import Part, is_whole, part, read
from keras.utils import HDF5Matrix

ROWS = 42
RNG = np.random.default_rng(5)
X = RNG.integers(-3, 4, size=(ROWS, 4)).astype("float32")
Y = (X @ [[1.0], [2.0], [-1.0], [0.5]]).astype("float32")


def model() -> Sequential:
    np.random.seed(2)
    made = Sequential([Dense(5, activation="tanh", input_shape=(4,)), Dense(1)])
    made.compile("sgd", "mse", metrics=["mae"])
    return made


@pytest.fixture
def file(tmp_path: Path) -> Iterator[h5py.File]:
    with h5py.File(tmp_path / "data.h5", "w") as made:
        made["x"], made["y"] = X, Y
        made.flush()
        yield made


def mapped(folder: Path, values: np.ndarray, name: str) -> Any:
    np.save(folder / f"{name}.npy", values)
    return np.load(folder / f"{name}.npy", mmap_mode="r")


class OnlySlices:
    """An array on a disk far away."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.shape, self.dtype = values, values.shape, values.dtype

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, key: Any) -> np.ndarray:
        return self.values[key]


Kind = Callable[[h5py.File, Path], tuple[Any, Any]]
KINDS: dict[str, Kind] = {
    "lists": lambda file, folder: (X.tolist(), Y[:, 0].tolist()),
    "float64 in Fortran's order": lambda f, d: (np.asfortranarray(X, "float64"), Y.astype("f8")),
    "read-only": lambda file, folder: (np.broadcast_to(X, X.shape), Y),
    "integers": lambda file, folder: (X.astype("int64"), Y),
    "HDF5 data sets": lambda file, folder: (file["x"], file["y"]),
    "HDF5Matrix": lambda f, d: (HDF5Matrix(f.filename, "x"), HDF5Matrix(f.filename, "y")),
    "HDF5 and numpy": lambda file, folder: (file["x"], Y),
    "memory maps": lambda file, folder: (mapped(folder, X, "x"), mapped(folder, Y, "y")),
    "slices": lambda file, folder: (OnlySlices(X), OnlySlices(Y)),
    "pandas": lambda file, folder: (pd.DataFrame(X), pd.Series(Y[:, 0])),
    "columns of several types": lambda f, d: (
        pd.DataFrame({"a": X[:, 0].astype(int), "b": X[:, 1], "c": X[:, 2], "d": X[:, 3]}),
        pd.DataFrame(Y),
    ),
    "columns that may be empty": lambda f, d: (pd.DataFrame(X).astype("Float32"), Y),
    "sparse rows": lambda file, folder: (scipy.sparse.csr_matrix(X), Y),
    "sparse, another layout": lambda file, folder: (scipy.sparse.coo_matrix(X), Y),
    "sparse array": lambda file, folder: (scipy.sparse.csr_array(X), Y),
    "torch tensors": lambda file, folder: (torch.from_numpy(X), torch.from_numpy(Y)),
    "a tuple of one": lambda file, folder: ((X,), [Y]),
    "dicts by name": lambda file, folder: ({"input": X}, {"output": Y}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_training(kind: str, shuffle: Any, file: h5py.File, tmp_path: Path) -> None:
    def run(x: Any, y: Any) -> Any:
        np.random.seed(2)
        inputs = Input((4,), name="input")
        hidden = Dense(5, activation="tanh")(inputs)
        made = Model(inputs, Dense(1, name="output")(hidden))
        made.compile("sgd", "mse", metrics=["mae"])
        history = made.fit(
            x, y, batch_size=8, epochs=2, verbose=0, shuffle=shuffle, validation_split=0.25
        )
        score = made.evaluate(x, y, batch_size=5, verbose=0)
        return history.history, score, made.predict(x, batch_size=9)

    x, y = KINDS[kind](file, tmp_path)
    (history, score, outputs), expected = run(x, y), run(X, Y)
    assert set(history) == {"loss", "mae", "val_loss", "val_mae"}
    for name, values in expected[0].items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5)
    np.testing.assert_allclose(score, expected[1], rtol=1e-5)
    np.testing.assert_allclose(outputs, expected[2], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "dicts by name"])
def test_single_batches(kind: str, file: h5py.File, tmp_path: Path) -> None:
    x, y = KINDS[kind](file, tmp_path)
    made, other = model(), model()
    np.testing.assert_allclose(made.train_on_batch(x, y), other.train_on_batch(X, Y), rtol=1e-5)
    np.testing.assert_allclose(made.test_on_batch(x, y), other.test_on_batch(X, Y), rtol=1e-5)
    np.testing.assert_allclose(made.predict_on_batch(x), other.predict_on_batch(X), rtol=1e-5)


def test_whole_steps_of_an_hdf5_file(file: h5py.File) -> None:
    history = model().fit(file["x"], file["y"], steps_per_epoch=3, epochs=2, verbose=0)
    other = model().fit(X, Y, batch_size=ROWS, epochs=6, verbose=0, shuffle=False)
    np.testing.assert_allclose(
        history.history["loss"], np.reshape(other.history["loss"], (2, 3)).mean(1), rtol=1e-5
    )


# ---- rows


def test_a_part_of_a_file_reads_nothing_before_it_is_asked() -> None:
    class Watched(OnlySlices):
        read = 0

        def __getitem__(self, key: Any) -> np.ndarray:
            found = super().__getitem__(key)
            self.read += len(found)
            return found

    data = Watched(X)
    cut = part(data, 10, 30)
    assert isinstance(cut, Part)
    assert (cut.shape, len(cut), data.read) == ((20, 4), 20, 0)
    np.testing.assert_array_equal(read(cut, slice(3, 5)), X[13:15])
    np.testing.assert_array_equal(read(cut, np.array([7, 2, 7])), X[[17, 12, 17]])
    np.testing.assert_array_equal(read(part(cut, 5, 9), slice(None)), X[15:19])
    assert data.read == 2 + 2 + 4
    assert isinstance(part(X, 1, 3), np.ndarray)


def test_what_is_there_as_a_whole(tmp_path: Path) -> None:
    assert is_whole(X)
    assert is_whole(runtime.engine().array(X, "float32"))
    assert not is_whole(mapped(tmp_path, X, "x"))


# ---- torch's data sets


class Samples(torch.utils.data.Dataset):  # type: ignore[type-arg]
    def __len__(self) -> int:
        return ROWS

    def __getitem__(self, index: int) -> Any:
        return X[index], Y[index]


class Stream(torch.utils.data.IterableDataset):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        return zip(torch.from_numpy(X), torch.from_numpy(Y), strict=True)


class Batches:
    def __iter__(self) -> Iterator[Any]:
        return ((X[i : i + 8], Y[i : i + 8]) for i in range(0, ROWS, 8))


TENSORS = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
SETS: dict[str, tuple[Any, int | None]] = {
    "TensorDataset": (TENSORS, 8),
    "Dataset": (Samples(), 8),
    "Subset": (torch.utils.data.Subset(Samples(), range(ROWS)), 8),
    "IterableDataset": (Stream(), 8),
    "DataLoader": (torch.utils.data.DataLoader(Samples(), batch_size=8), None),
    "DataLoader of a stream": (torch.utils.data.DataLoader(Stream(), batch_size=8), None),
    "any iterable": (Batches(), None),
}


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize("workers", [0, 1])
def test_sets_of_data(kind: str, workers: int) -> None:
    data, size = SETS[kind]
    made, other = model(), model()
    how = {"epochs": 3, "verbose": 0, "shuffle": False}
    history = made.fit(data, batch_size=size, workers=workers, validation_data=data, **how)
    expected = other.fit(X, Y, batch_size=8, validation_data=(X, Y), **how)
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(
        made.evaluate(data, batch_size=size, verbose=0), other.evaluate(X, Y, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(
        made.predict(data, batch_size=size, workers=workers), other.predict(X), rtol=1e-4
    )


def test_a_set_of_samples_is_shuffled_each_epoch() -> None:
    seen: list[int] = []

    class Told(Samples):
        def __getitem__(self, index: int) -> Any:
            seen.append(index)
            return super().__getitem__(index)

    model().fit(Told(), batch_size=8, epochs=2, verbose=0, workers=0)
    first, second = seen[:ROWS], seen[ROWS:]
    assert sorted(first) == sorted(second) == list(range(ROWS))
    assert first != second
    assert first != list(range(ROWS))


def test_steps_of_an_iterable_go_on_over_its_end() -> None:
    history = model().fit(Batches(), steps_per_epoch=4, epochs=3, verbose=0)  # 12 of 2 x 6
    batches = list(Batches()) * 2
    other = model()
    losses = [other.train_on_batch(*batch)[0] for batch in batches]
    sizes = [len(x) for x, _ in batches]
    expected = [np.average(losses[i : i + 4], weights=sizes[i : i + 4]) for i in (0, 4, 8)]
    np.testing.assert_allclose(history.history["loss"], expected, rtol=1e-5)


def test_sets_with_several_inputs() -> None:
    class Pairs(torch.utils.data.Dataset):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return 6

        def __getitem__(self, index: int) -> Any:
            return {"a": X[index], "b": X[index, :2]}, Y[index]

    a, b = Input((4,), name="a"), Input((2,), name="b")
    made = Model([a, b], Dense(1)(concatenate([a, b])))
    made.compile("sgd", "mse")
    assert np.isfinite(made.fit(Pairs(), batch_size=4, verbose=0).history["loss"][0])
    assert made.predict(Pairs(), batch_size=4).shape == (6, 1)


def test_what_is_no_set_of_data() -> None:
    for value in (X, [X], (X,), {"x": X}, "text", range(3), pd.DataFrame(X), iter([X])):
        assert not is_foreign(value)
    assert is_foreign(Batches())
    assert Passes(Batches()).length is None
    assert Passes([1, 2, 3], 2).length == 2
    with pytest.raises(ValueError, match="`batch_size` can't be given with a Batches"):
        batches_of(Batches(), 8)


def test_an_iterable_that_is_empty() -> None:
    class Nothing:
        def __iter__(self) -> Iterator[Any]:
            return iter(())

    with pytest.raises(ValueError, match="the Nothing has no batches"):
        model().fit(Nothing(), verbose=0)


def test_a_batch_size_beside_batches_is_told_of() -> None:
    with pytest.warns(UserWarning, match="`batch_size=4` means nothing here"):
        model().fit(iter([(X, Y)]), steps_per_epoch=1, batch_size=4, verbose=0)


# ---- memory

LARGE = """
import resource, sys
import h5py, numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import HDF5Matrix

path, rows = sys.argv[1], int(sys.argv[2])
with h5py.File(path, "w") as file:  # nothing is written: all zeros, but read through HDF5
    file.create_dataset("x", (rows, 1024), "float32", chunks=(256, 1024))
    file.create_dataset("y", (rows, 1), "float32")
model = Sequential([Dense(4, input_shape=(1024,)), Dense(1)])
model.compile("sgd", "mse")
with h5py.File(path, "r") as file:
    for x, y in ((file["x"], file["y"]), (HDF5Matrix(path, "x"), HDF5Matrix(path, "y"))):
        how = {"batch_size": 1024, "verbose": 0}
        model.fit(x, y, shuffle="batch", validation_split=0.25, **how)
        model.evaluate(x, y, **how)
        model.predict(x, batch_size=1024)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's measure of memory")
def test_a_file_larger_than_the_memory_it_takes(tmp_path: Path) -> None:
    def peak(rows: int) -> float:
        command = [sys.executable, "-c", LARGE, str(tmp_path / f"{rows}.h5"), str(rows)]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    few, many = 2048, 131072  # 8 and 512 MiB
    assert peak(many) - peak(few) < 128

"""Weights that are read beside are the same as those that are read when asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from keras.layers import LSTM, BatchNormalization, Conv2D, Dense, Flatten, Input, Layer
from keras.models import Model, Sequential, load_model
from keras.saving import FileError, prefetch, raw

needs_preadv = pytest.mark.skipif(not hasattr(os, "preadv"), reason="the system has no preadv")
pytestmark = needs_preadv


@pytest.fixture(autouse=True)
def _from_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "LEAST", 1)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Who read past the library: which thread, and into how many pieces of memory."""
    seen: list[tuple[str, int]] = []
    preadv = os.preadv

    def noted(number: int, buffers: Sequence[Any], place: int) -> int:
        seen.append((threading.current_thread().name, len(buffers)))
        return preadv(number, buffers, place)

    monkeypatch.setattr(os, "preadv", noted)
    return seen


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Any]:
    """A file, and the model in it: layers of many kinds, one inside another model."""
    inner = Sequential([Dense(7, input_shape=(5,)), BatchNormalization()], name="inner")
    image = Input((8, 8, 3))
    out = Dense(5)(Flatten()(Conv2D(4, 3)(image)))
    model = Model(image, Dense(2)(inner(out)))
    model.set_weights([np.random.rand(*w.shape) for w in model.get_weights()])
    model.save(tmp_path / "model.h5")
    return tmp_path / "model.h5", model


def same(found: Any, expected: Any) -> None:
    for a, b in zip(found.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_all_weights_are_read_by_one_call_beside(
    saved: tuple[Path, Any], calls: list[tuple[str, int]]
) -> None:
    path, model = saved
    same(load_model(path), model)
    ((thread, pieces),) = calls
    assert thread == "keras-weights"
    assert pieces >= len(model.weights)


def test_a_small_file_is_worth_no_thread(
    saved: tuple[Path, Any], calls: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, model = saved
    monkeypatch.setattr(prefetch, "LEAST", 1 << 22)
    same(load_model(path), model)
    assert {thread for thread, _ in calls} == {threading.current_thread().name}


@pytest.mark.parametrize("fails", ["raises", "ends early"])
def test_what_the_thread_cannot_read_is_read_when_asked_for(
    saved: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path, model = saved
    preadv = os.preadv

    def failing(number: int, buffers: Sequence[Any], place: int) -> int:
        if threading.current_thread().name != "keras-weights":
            return preadv(number, buffers, place)
        if fails == "raises":
            raise OSError(5, "the disk is ill")
        return preadv(number, buffers[:1], place)

    monkeypatch.setattr(os, "preadv", failing)
    same(load_model(path), model)


def test_weights_of_another_dtype(saved: tuple[Path, Any]) -> None:
    path, model = saved
    with h5py.File(path, "r+") as file:
        config = file.attrs["model_config"]
        file.attrs["model_config"] = config.replace("float32", "float64")
    found = load_model(path)
    assert {w.dtype for w in found.get_weights()} == {np.dtype("float64")}
    same(found, model)


def test_weights_that_are_put_together_anew(tmp_path: Path) -> None:
    """The file of a Keras 1 LSTM has twelve arrays, of which three are made."""
    model = Sequential([LSTM(3, input_shape=(4, 2), name="lstm")])
    kernel, recurrent, bias = model.get_weights()
    gates = "ifco"  # the order of three arrays; Keras 1 wrote i, c, f, o
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["keras_version"] = b"1.2.2"
        file.attrs["model_config"] = (
            b'{"class_name": "Sequential", "config": [{"class_name": "LSTM", "config": '
            b'{"name": "lstm", "output_dim": 3, "batch_input_shape": [null, 4, 2]}}]}'
        )
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"lstm"]
        group.attrs["keras_version"] = b"1.2.2"
        own, names = group.create_group("lstm"), []
        for gate in "icfo":
            part = slice(3 * gates.index(gate), 3 * gates.index(gate) + 3)
            parts = {"W": kernel[:, part], "U": recurrent[:, part], "b": bias[part]}
            for kind, values in parts.items():
                own[f"lstm_{kind}_{gate}"] = values
                names.append(f"lstm_{kind}_{gate}".encode())
        own.attrs["weight_names"] = names
    same(load_model(tmp_path / "old.h5"), model)


def test_nothing_is_left_of_a_model_that_cannot_be_built(saved: tuple[Path, Any]) -> None:
    path, _ = saved

    class Broken(Layer):
        def __init__(self, **kwargs: Any) -> None:
            raise RuntimeError("a layer that can't be made")

    with pytest.raises(FileError, match="can't be made"):
        load_model(path, custom_objects={"Flatten": Broken})
    assert not raw._opened
    assert all(thread.name != "keras-weights" for thread in threading.enumerate())


def runs(arrays: list[tuple[int, int]], size: int = 1 << 40) -> list[list[int]]:
    """The places of each run, of arrays at a place, with a number of values."""
    made: Any = [SimpleNamespace(place=place, size=values) for place, values in arrays]
    return [[array.place for array in run] for run in prefetch._runs(made, size)]


def test_neighbours_are_read_together() -> None:
    assert runs([(1000, 5), (100, 10), (140, 3)]) == [[100, 140, 1000]]
    far = 100 + prefetch.MAX_GAP
    assert runs([(0, 25), (far, 1)]) == [[0, far]]
    assert runs([(0, 25), (far + 1, 1)]) == [[0], [far + 1]]
    assert list(map(len, runs([(8 * i, 2) for i in range(1200)]))) == [500, 500, 200]
    large = prefetch.MAX_BYTES // 4
    assert runs([(0, large), (4 * large, large), (8 * large, 1)]) == [[0, 4 * large], [8 * large]]


def test_no_more_memory_than_the_file_has_bytes() -> None:
    assert runs([(100, 10), (100, 10), (120, 10), (140, 10)]) == [[100, 140]]
    assert runs([(100, 10), (160, 10)], size=199) == [[100]]
    assert runs([(100, 0)]) == []

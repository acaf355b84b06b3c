"""Paths and names that are gone lead to where things are now; asking for them costs nothing."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import keras
from keras.legacy.names import ALSO, FILED, NAMES, PLUGGED, at
from keras.legacy.paths import MOVED

ROOT = Path(__file__).resolve().parents[2]


def run(program: str) -> str:
    """What a program prints in a fresh process; warnings are errors."""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("path", sorted(MOVED))
def test_paths_lead_to_what_is_there(path: str) -> None:
    module = importlib.import_module(path)
    assert all(importlib.import_module(home) for home in MOVED[path])
    assert module.__all__ == dir(module) != []
    assert all(getattr(module, name) is not None for name in module.__all__[:20])


@pytest.mark.parametrize(
    ("module", "name"), [(m, n) for m, names in {**NAMES, **FILED}.items() for n in names]
)
def test_names_lead_to_what_is_there(module: str, name: str) -> None:
    assert at({**NAMES, **FILED}[module][name]) is not None
    if module in NAMES:
        assert getattr(importlib.import_module(module), name) is not None


@pytest.mark.parametrize("module", sorted({*ALSO, *PLUGGED}))
def test_modules_that_are_extended_when_they_are_imported(module: str) -> None:
    assert importlib.import_module(module).__name__ == module


def test_a_path_is_the_thing_itself() -> None:
    from keras.engine import Layer
    from keras.engine.topology import Container, Merge, merge
    from keras.objectives import mse

    from keras.backend import tensorflow_backend

    assert Layer is keras.layers.Layer
    assert Container is keras.models.Network
    assert Merge is keras.layers.Merge
    assert mse is keras.losses.mse
    assert keras.layers.merge is not merge
    assert tensorflow_backend.sum is keras.backend.sum
    assert keras.engine.training.Model is keras.models.Model


def test_what_is_replaced_is_replaced_where_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras.objectives

    def other() -> None: ...

    monkeypatch.setattr(keras.objectives, "poisson", other)
    assert keras.losses.poisson is other


def test_the_room_of_merges_can_be_called() -> None:
    x, y = keras.Input((2,)), keras.Input((3,))
    assert keras.layers.merge([x, y], mode="concat").shape == (None, 5)
    assert keras.layers.merge.Add is keras.layers.Add


def test_everything_by_a_star() -> None:
    program = "from keras.engine.topology import *\nprint(Layer.__name__, Input.__name__)"
    assert run(program) == "Layer Input"
    assert run("from keras.layers.core import *\nprint(MaxoutDense.__name__)") == "MaxoutDense"


def test_names_that_are_nowhere() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Layers'"):
        exec("from keras.engine.topology import Layers")
    with pytest.raises(AttributeError, match=r"`keras.objectives` stands for keras.losses"):
        _ = keras.objectives.no_such_loss
    with pytest.raises(AttributeError, match=r"module 'keras\.layers' has no attribute 'Dens'"):
        _ = keras.layers.Dens


def test_kernels_of_theano() -> None:
    from keras.backend import theano_backend

    x = keras.backend.constant(np.arange(9.0).reshape(1, 3, 3, 1))
    kernel = keras.backend.constant(np.arange(4.0).reshape(2, 2, 1, 1))
    turned = keras.backend.constant(np.arange(4.0)[::-1].reshape(2, 2, 1, 1))
    made = keras.backend.eval(theano_backend.conv2d(x, kernel))
    np.testing.assert_allclose(made, keras.backend.eval(keras.backend.conv2d(x, turned)))
    plain = keras.backend.eval(theano_backend.conv2d(x, kernel, flip_filters=False))
    np.testing.assert_allclose(plain, keras.backend.eval(keras.backend.conv2d(x, kernel)))


MODERN = """
import keras, sys
from keras.layers import BatchNormalization, Conv2D, Dense, Dropout, LSTM, MaxPooling2D
from keras.models import Sequential
model = Sequential([Conv2D(4, (3, 3), padding='same', input_shape=(8, 8, 1)), Dropout(0.5),
                    MaxPooling2D((2, 2), (2, 2), 'same'), BatchNormalization(), Dense(3, 'relu')])
model.compile(keras.optimizers.SGD(0.1, 0.9), 'mse', ['mae'])
LSTM(4, 'tanh')
print(*sorted(name for name in sys.modules if name.startswith('keras.legacy')))
"""


def test_scripts_of_today_load_no_tables() -> None:
    loaded = set(run(MODERN).split())
    assert loaded == {
        "keras.legacy",
        "keras.legacy.attributes",
        "keras.legacy.install",
        "keras.legacy.members",
        "keras.legacy.metrics",
        "keras.legacy.names",
        "keras.legacy.paths",
        "keras.legacy.plugs",
        "keras.legacy.positions",
    }

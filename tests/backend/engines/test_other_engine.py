"""The table of samples on the other engines, whichever one the other tests run on."""

from __future__ import annotations

import importlib.util
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras import backend as K
from keras.backend.engines import MODULES
from tests.backend.engines import other_engine
from tests.backend.ops import samples, table

ROOT = Path(__file__).parents[3]
ROOMS = [room.name for room in pkgutil.iter_modules(samples.__path__)]


def needed(engine: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        importlib.util.find_spec(MODULES[engine]) is None, reason=f"{engine} isn't installed"
    )


JAX = needed("jax")
TENSORFLOW = needed("tensorflow")
THEANO = needed("theano")

QUICKLY = {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}  # compiling takes longer than running here


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("jax", marks=JAX),
        pytest.param("tensorflow", marks=TENSORFLOW),
        pytest.param("theano", marks=THEANO),
        "numpy",
    ],
)
def test_samples(engine: str, room: str) -> None:
    """Values are those of the references; gradients are those of jax.grad."""
    if engine == K.backend():
        pytest.skip("the table itself runs on this engine")
    command = [sys.executable, "-m", other_engine.__name__, engine, room]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.search(rf"(\d+) samples on {engine}, 0 disagree", done.stdout)
    assert said
    assert int(said[1]) > 0


@JAX
@pytest.mark.skipif(K.backend() == "jax", reason="these tests run on JAX themselves")
@pytest.mark.parametrize(
    "file",
    [
        "backend/engines/test_series.py",
        "backend/graph/test_gradients.py",
        "backend/ops/test_control.py",
        "backend/test_threads.py",
        "training/test_several.py",
    ],
)
def test_files_on_jax(file: str) -> None:
    """Threads, gradients, loops and branches, several steps as one; `./do test jax` runs
    everything."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"tests/{file}"],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "jax", **QUICKLY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_disagreement_is_found() -> None:
    (good,) = table.rows(K.square, np.square, table.call(table.positive(3)))
    (bad,) = table.rows(K.square, np.cbrt, table.call(table.positive(3)))
    before = K.floatx()
    K.set_floatx("float64")
    try:
        assert other_engine.disagreement(good) is None
        assert "square: Traceback" in str(other_engine.disagreement(bad))
    finally:
        K.set_floatx(before)

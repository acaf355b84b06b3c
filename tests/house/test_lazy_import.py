"""`import keras` is light: no engine, and nothing that only some users need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "jax", "tensorflow", "pytensor", "h5py", "pandas", "scipy", "sklearn", "PIL",
         "matplotlib", "yaml")  # fmt: skip

ROOMS = ("keras", "keras.backend", "keras.layers", "keras.models", "keras.optimizers",
         "keras.datasets", "keras.preprocessing")  # fmt: skip


def loaded_by(program: str) -> set[str]:
    """Which of the heavy packages a fresh interpreter holds after running a program."""
    program += "\nimport sys\nprint(*sys.modules)"
    # -W error, as in the rest of the tests: an import that warns is a defect too.
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(HEAVY) & set(done.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_import_takes_no_engine_and_no_extra(room: str) -> None:
    assert loaded_by(f"import {room}\nassert {room}.__file__, 'an empty folder'") == set()


def test_building_a_model_takes_no_engine() -> None:
    program = """
from keras.layers import Dense
from keras.models import Sequential
model = Sequential([Dense(3, activation="relu", input_shape=(4,)), Dense(2)])
model.summary(print_fn=str)
model.to_json()
"""
    assert loaded_by(program) == set()


def test_a_heavy_import_is_found() -> None:
    assert loaded_by("import h5py") == {"h5py"}

"""Errors and warnings point at the line of the user's program."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import keras
from keras import backend as K, caller
from keras.callbacks import ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential


def here() -> int:
    """The line that this is called from."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_tensors_come_from_the_line_that_made_them() -> None:
    x = K.placeholder((2, 3))
    y, line = K.relu(x), here()
    assert y.node.origin == (__file__, line)


@pytest.mark.parametrize("kind", [dict, list])
def test_warnings_point_at_the_call(kind: type) -> None:
    model = Sequential([Dense(1, input_shape=(2,))])
    with pytest.warns(UserWarning, match="run_metadata") as told:
        model.compile("sgd", "mse", run_metadata=kind()); line = here()  # fmt: skip # noqa: E702
    assert [(w.filename, w.lineno) for w in told] == [(__file__, line)]


def test_warnings_from_deep_inside_point_at_the_call() -> None:
    model = Sequential([Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    data = np.zeros((4, 2)), np.zeros((4, 1))
    watch = ModelCheckpoint("never.h5", monitor="val_loss", save_best_only=True)
    with pytest.warns(RuntimeWarning, match="val_loss") as told:
        model.fit(*data, verbose=0, callbacks=[watch]); line = here()  # fmt: skip # noqa: E702
    assert [(w.filename, w.lineno) for w in told] == [(__file__, line)]


def test_a_warning_is_shown_once_for_a_line() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(3):
            caller.warn("the same")
        caller.warn("the same")
    assert len(told) == 2


def test_folders_that_begin_alike_are_the_users(tmp_path: Path) -> None:
    """A program in `keras_scripts/`, beside the package's own folder, is not inside the package."""
    (tmp_path / "keras").symlink_to(Path(keras.__file__).parent)
    program = tmp_path / "keras_scripts" / "mine.py"
    program.parent.mkdir()
    program.write_text(
        "from keras import backend as K\nprint(K.zeros_like(K.placeholder((1,))).node.origin)\n"
    )
    done = subprocess.run(
        [sys.executable, program],
        env={"PYTHONPATH": str(tmp_path), "KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str((str(program), 2))

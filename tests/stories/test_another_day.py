"""A story of two days: what was saved is loaded by another process, and training goes on.

Its weights are those of a training that was never interrupted, in every bit.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DAY = """
import sys
import numpy as np
from keras.layers import GRU, BatchNormalization, Conv2D, Dense, Dropout, Flatten, Reshape
from keras.models import Sequential, load_model
from keras import optimizers

source, begin = sys.argv[1], int(sys.argv[2])
numbers = np.random.RandomState(1)
x, y = numbers.normal(size=(48, 6, 6, 1)), numbers.normal(size=(48, 2))
np.random.seed(3)
if source == "new":
    model = Sequential([
        Conv2D(3, 3, padding="same", activation="relu", input_shape=(6, 6, 1)),
        BatchNormalization(),
        Reshape((6, 18)),
        GRU(5, return_sequences=True),
        Flatten(),
        {dropout}
        Dense(2),
    ])
    model.compile(optimizers.{optimizer}, "mse", metrics=["mae"])
else:
    model = load_model(source)
for end, target in zip(map(int, sys.argv[3::2]), sys.argv[4::2]):
    model.fit(x, y, epochs=end, initial_epoch=begin, batch_size=12, shuffle={shuffle}, verbose=0)
    model.save(target)
    np.savez(target + ".npz", *model.get_weights(), predicted=model.predict(x))
    begin = end
"""


def day(folder: Path, source: str, begin: int, *stages: tuple[int, str], **filled: Any) -> Any:
    """Train in a process of its own, from an epoch to others; returns what there was at each."""
    script = DAY
    for name, value in filled.items():
        script = script.replace("{" + name + "}", str(value))
    given = source if source == "new" else str(folder / source)
    command = [sys.executable, "-c", script, given, str(begin)]
    for end, target in stages:
        command += [str(end), str(folder / target)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = []
    for _, target in stages:
        with np.load(folder / f"{target}.npz") as stored:
            found.append(dict(stored))
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    assert one.keys() == other.keys()
    return all(np.array_equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("optimizer", ["Adam(0.01)", "SGD(0.01, momentum=0.9, decay=0.01)"])
def test_training_goes_on_in_another_process(tmp_path: Path, optimizer: str) -> None:
    filled = {"optimizer": optimizer, "dropout": "", "shuffle": False}
    half, whole = day(tmp_path, "new", 0, (2, "half.h5"), (4, "whole.h5"), **filled)
    (rest,) = day(tmp_path, "half.h5", 2, (4, "rest.h5"), **filled)
    assert not same(half, whole)
    assert same(rest, whole)


def test_a_loaded_model_predicts_the_same(tmp_path: Path) -> None:
    filled = {"optimizer": "Nadam()", "dropout": "Dropout(0.5),", "shuffle": True}
    (saved,) = day(tmp_path, "new", 0, (1, "saved.h5"), **filled)
    (loaded,) = day(tmp_path, "saved.h5", 1, (1, "loaded.h5"), **filled)  # no epoch is left
    assert same(saved, loaded)

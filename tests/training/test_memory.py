"""Nothing grows: not over calls, not over models."""

from __future__ import annotations

import os
import subprocess
import sys

from keras import backend as K

# TensorFlow's graphs refer to themselves, and go when Python looks for such.
COLLECT = "gc.collect()" if str(K.backend()) == "tensorflow" else "pass"

HEAD = f"""
import gc

import numpy as np
from keras.layers import Dense, Dropout
from keras.models import Sequential

def resident():
    {COLLECT}
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096 / 2**20

x = np.random.normal(size=(1, 20)).astype("float32")
"""

PREDICT = """
model = Sequential([Dense(64, activation="relu", input_shape=(20,)), Dense(10)])
for _ in range(500):
    model.predict(x)
before = resident()
for _ in range(10_000):
    model.predict(x)
print(resident() - before)
"""

MODELS = """
def one():
    model = Sequential([Dense(64, activation="relu", input_shape=(20,)), Dropout(0.5), Dense(10)])
    model.compile("adam", "mse", metrics=["mae"])
    model.train_on_batch(np.zeros((8, 20)), np.zeros((8, 10)))

for _ in range(250):  # the allocator settles
    one()
before = resident()
for _ in range(300):
    one()
print(resident() - before)
"""


def grown(script: str) -> float:
    """By how many MiB a process grew."""
    run = subprocess.run(
        [sys.executable, "-c", HEAD + script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return float(run.stdout)


def test_ten_thousand_predictions() -> None:
    assert grown(PREDICT) < 2.0


def test_three_hundred_models() -> None:
    # A model that stayed would keep more than 0.1 MiB, 300 of them 30.
    assert grown(MODELS) < 6.0


def test_what_leaks_is_seen() -> None:
    leaking = MODELS.replace("def one():", "kept = []\n\ndef one():").replace(
        "    model.train_on_batch", "    kept.append(model)\n    model.train_on_batch"
    )
    assert grown(leaking) > 20.0

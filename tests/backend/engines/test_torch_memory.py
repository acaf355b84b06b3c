"""Steps don't ask the system for the same memory again and again."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="about the torch engine")

STEPS = """
import resource
import sys

import numpy as np

import keras
from keras.backend.engines.torch import memory
from keras.layers import Activation, BatchNormalization, Conv2D, Flatten, Dense

print(memory.keep_freed())
model = keras.models.Sequential([Conv2D(32, 3, padding="same", input_shape=(32, 32, 3))])
for layer in (BatchNormalization(), Activation("relu"), Conv2D(32, 3), Flatten(), Dense(1)):
    model.add(layer)
model.compile("sgd", "mse")
x, y = np.ones((32, 32, 32, 3), "float32"), np.ones((32, 1), "float32")
for _ in range(5):
    model.train_on_batch(x, y)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    model.train_on_batch(x, y)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
NO_GLIBC = platform.libc_ver()[0] != "glibc"


def run(**settings: str) -> tuple[bool, int]:
    """Whether the C library was told to keep memory; pages that ten steps asked for."""
    kept = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    environment = kept | {"KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"} | settings
    command = [sys.executable, "-c", STEPS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    said, pages = done.stdout.split()
    return said == "True", int(pages)


@pytest.mark.skipif(NO_GLIBC, reason="another C library keeps memory in its own way")
def test_what_is_freed_is_used_again() -> None:
    told, pages = run()
    asked, others = run(MALLOC_TRIM_THRESHOLD_=str(128 * 1024))  # where glibc itself begins
    assert told
    assert not asked
    assert 10 * pages < others  # now and then the heap still grows by an array: 2,000 of 59,000


def test_what_the_user_has_chosen_stays() -> None:
    assert not run(MALLOC_TRIM_THRESHOLD_="131072")[0]
    assert not run(GLIBC_TUNABLES="glibc.malloc.trim_threshold=131072")[0]

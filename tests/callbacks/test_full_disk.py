"""ModelCheckpoint with a real model, where the file can't be written to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, resource, signal, sys
import numpy as np
from keras.callbacks import LambdaCallback, ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential, load_model

path = sys.argv[1]
model = Sequential([Dense(100, input_shape=(100,)), Dense(1)])
model.compile("sgd", "mse")
x, y = np.random.random((8, 100)), np.random.random((8, 1))
kept = {}

def fill_the_disk(epoch, logs):
    if epoch == 1:
        kept["weights"] = model.get_weights()
    if epoch == 2:  # from now on no file grows beyond 20,000 bytes
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

try:
    model.fit(x, y, epochs=5, verbose=0, callbacks=[
        LambdaCallback(on_epoch_end=fill_the_disk),
        ModelCheckpoint(path, save_weights_only=SAVE_WEIGHTS)])
except OSError as error:
    print(error)
else:
    raise AssertionError("nothing was noticed")
assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]
if SAVE_WEIGHTS:
    model.load_weights(path)
else:
    model = load_model(path)
for stored, wanted in zip(model.get_weights(), kept["weights"]):
    np.testing.assert_array_equal(stored, wanted)
print("the file of epoch 2 is whole")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are POSIX's")
@pytest.mark.parametrize("weights", [False, True])
def test_the_previous_file_stays_whole_and_the_error_is_clear(
    tmp_path: Path, weights: bool
) -> None:
    path = tmp_path / "model.h5"
    program = PROGRAM.replace("SAVE_WEIGHTS", str(weights))
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    message, last = done.stdout.splitlines()
    assert "`ModelCheckpoint` could not save the model after epoch 3" in message
    assert message.endswith(f"'{path}'")
    assert last == "the file of epoch 2 is whole"

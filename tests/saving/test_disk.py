"""Wherever writing an HDF5 file breaks off, there is a plain error, the old file, and no crash.

A crash would take the tests along, so all of it happens in processes of their own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BEGIN = """
import errno, os, signal, sys
from pathlib import Path
import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.saving.disk import PatientFile

path = Path(sys.argv[1])
model = Sequential([Dense(40, input_shape=(40,)), *[Dense(40) for _ in range(12)]])
model.compile("adam", "mse")
model.train_on_batch(np.ones((2, 40)), np.ones((2, 40)))
model.save(path)
before = path.read_bytes()

def check():
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
"""

FULL_DISK = """
import resource

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
for size in [0, 1, *range(500, len(before), len(before) // 30), len(before) - 1]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        model.save(path)
    except OSError as error:
        assert error.errno == errno.EFBIG, error
    else:
        raise AssertionError(f"{size} bytes were enough")
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    check()
model.save(path)
assert len(path.read_bytes()) == len(before)
print("whole")
"""

CTRL_C = """
write, count = PatientFile.write, 0

def interrupted(self, data):
    global count
    count += 1
    if count == wanted:
        signal.raise_signal(signal.SIGINT)
    return write(self, data)

model.save(path)
PatientFile.write, wanted = interrupted, 0
model.save(path)
before = path.read_bytes()
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
for wanted in range(1, count + 1, 7):
    count = 0
    try:
        model.save(path)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("Ctrl-C was lost")
    check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
print("whole")
"""

KILLED = """
write, count, wanted = PatientFile.write, 0, 0

def killed(self, data):
    global count
    count += 1
    if count == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, data)

PatientFile.write = killed
model.save(path)
before, writes = path.read_bytes(), count
model.set_weights([w + 1 for w in model.get_weights()])
for wanted in [*range(1, writes + 1, writes // 8), writes, writes + 1]:
    child = os.fork()
    if not child:
        count = 0
        model.save(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) == (wanted <= writes)
    assert (path.read_bytes() == before) == (wanted <= writes)
assert len(path.read_bytes()) == len(before)
print("whole")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits and signals are POSIX's")
@pytest.mark.parametrize(
    "program", [FULL_DISK, CTRL_C, KILLED], ids=["full disk", "ctrl-c", "killed"]
)
def test_wherever_it_breaks_off_the_old_file_stays(tmp_path: Path, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program, str(tmp_path / "model.h5")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr

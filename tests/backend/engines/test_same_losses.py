"""All networks of the benchmarks train alike on torch and on the other engines."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras.backend.engines import MODULES
from tests.backend.engines import losses_of

ROOT = Path(__file__).parents[3]


def trained(engine: str) -> dict[str, list[float]]:
    command = [sys.executable, "-m", losses_of.__name__, engine]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def by_torch() -> dict[str, list[float]]:
    return trained("torch")


@pytest.mark.parametrize("other", ["jax", "tensorflow", "theano"])
def test_losses_are_the_same(by_torch: dict[str, list[float]], other: str) -> None:
    if importlib.util.find_spec(MODULES[other]) is None:
        pytest.skip(f"{other} isn't installed")
    found = trained(other)
    assert by_torch.keys() == found.keys()
    assert len(by_torch) >= 9
    for name, losses in by_torch.items():
        assert len(set(losses)) == losses_of.STEPS, f"{name} didn't train"
        np.testing.assert_allclose(found[name], losses, rtol=2e-3, err_msg=name)

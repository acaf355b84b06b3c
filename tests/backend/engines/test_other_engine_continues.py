"""What one engine began to train, another goes on with, to the same losses."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras.backend.engines import MODULES
from tests.backend.engines import training_of

ROOT = Path(__file__).parents[3]
OTHERS = ("jax", "tensorflow", "theano")


def trained(engine: str, saved: Path, *begun: Path) -> list[float]:
    command = [sys.executable, "-m", training_of.__name__, engine, str(saved), *map(str, begun)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    losses: list[float] = json.loads(done.stdout)
    return losses


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network that torch trained twice, and what it loses in a third training."""
    folder = tmp_path_factory.mktemp("begun")
    first = trained("torch", folder / "once.h5")
    second = trained("torch", folder / "twice.h5", folder / "once.h5")
    third = trained("torch", folder / "thrice.h5", folder / "twice.h5")
    assert len({*first, *second, *third}) == 3 * training_of.STEPS, "it didn't train"
    (folder / "losses.json").write_text(json.dumps([second, third]))
    return folder


@pytest.mark.parametrize("other", OTHERS)
def test_training_goes_on_elsewhere_and_back(tmp_path: Path, begun: Path, other: str) -> None:
    if importlib.util.find_spec(MODULES[other]) is None:
        pytest.skip(f"{other} isn't installed")
    second, third = json.loads((begun / "losses.json").read_text())
    there = trained(other, tmp_path / "there.h5", begun / "once.h5")
    np.testing.assert_allclose(there, second, rtol=1e-4)
    back = trained("torch", tmp_path / "back.h5", tmp_path / "there.h5")
    np.testing.assert_allclose(back, third, rtol=1e-3)

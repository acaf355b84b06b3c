"""What one engine began to train, each other goes on with, to the same losses."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras.backend.engines import MODULES
from tests.backend.engines import training_of

ROOT = Path(__file__).parents[3]
ENGINES = [name for name in MODULES if name != "numpy"]  # it only predicts
HERE = [name for name in ENGINES if importlib.util.find_spec(MODULES[name])]

Losses = list[list[float]]


def trained(engine: str, folder: Path, *begun: str) -> Losses:
    command = [sys.executable, "-m", training_of.__name__, engine, str(folder), *begun]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    losses: Losses = json.loads(done.stdout)
    return losses


@pytest.fixture(scope="module")
def going_on(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[float]]]:
    """What each engine loses when it goes on with what another, or it itself, began."""
    folder = tmp_path_factory.mktemp("begun")
    firsts = {engine: trained(engine, folder) for engine in HERE}
    found = {
        engine: dict(zip(HERE, trained(engine, folder, *HERE), strict=True)) for engine in HERE
    }
    for engine in HERE:
        seen = {*firsts[engine][0], *found[engine][engine]}
        assert len(seen) == 2 * training_of.STEPS, "it didn't train"
    return found


@pytest.mark.parametrize(("first", "second"), [*itertools.permutations(ENGINES, 2)])
def test_what_one_began_another_goes_on_with(
    going_on: dict[str, dict[str, list[float]]], first: str, second: str
) -> None:
    for engine in (first, second):
        if engine not in HERE:
            pytest.skip(f"{engine} isn't installed")
    np.testing.assert_allclose(going_on[second][first], going_on[first][first], rtol=1e-4)

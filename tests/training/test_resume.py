"""A training that is killed and started again gives every bit of what it would have given."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.training.resumed import Broken, stop, train

SCRIPT = Path(__file__).with_name("resumed.py")
ROOT = SCRIPT.parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills processes")


def command(*arguments: Any) -> list[str]:
    return [sys.executable, str(SCRIPT), *map(str, arguments)]


def run(*arguments: Any) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=env, timeout=300)


def finished(*arguments: Any) -> dict[str, Any]:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize(
    ("kind", "frequency"),
    [
        ("arrays", "epoch"),
        ("arrays", 2),
        ("unshuffled", 3),
        ("whole", 3),
        ("sequence", "epoch"),
        ("sequence", 2),
        ("thread", 2),
        ("processes", "epoch"),
        ("processes", 3),
        ("sequence in parts", 3),
        ("generator", 3),
        ("generator in a thread", 3),
    ],
)
def test_broken_off_and_started_again(kind: str, frequency: Any, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    expected = train(whole, kind, frequency, 3)
    with pytest.raises(Broken):
        train(broken, kind, frequency, 3, 17, stop)
    assert (broken / "training.npz").exists()
    # Other initial weights and seeds than in the first try: they must not matter.
    assert train(broken, kind, frequency, 4) == expected
    assert "training.npz" not in expected["left"]


@pytest.mark.parametrize("kind", ["arrays", "whole", "sequence", "thread", "generator"])
def test_broken_off_between_the_last_batch_and_the_end_of_an_epoch(
    kind: str, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    expected = train(whole, kind, 1, 3)
    with pytest.raises(Broken):
        train(broken, kind, 1, 3, -2, stop)
    assert train(broken, kind, 1, 4) == expected


def test_killed_and_started_again(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    expected = finished(whole, "sequence", 2, 3)
    assert run(broken, "sequence", 2, 3, 17).returncode == -signal.SIGKILL
    assert (broken / "training.npz").exists()
    assert finished(broken, "sequence", 2, 3) == expected


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """In the middle of batches, of checkpoints, of backups; again and again until it is done."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    begun = time.monotonic()
    expected = finished(whole, "arrays", 1, 3)
    longest = time.monotonic() - begun
    chance = random.Random(1)
    kills = 0
    for _ in range(int(os.environ.get("KILLS", "3"))):
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            command(broken, "arrays", 1, 3), stdout=subprocess.PIPE, env=env, text=True
        ) as process:
            time.sleep(longest * chance.uniform(0.6, 1.0))
            process.kill()
            out = process.communicate()[0]
        if process.returncode == 0:
            assert json.loads(out) == expected
            for file in broken.iterdir():
                file.unlink()
        kills += process.returncode == -signal.SIGKILL
    assert finished(broken, "arrays", 1, 3) == expected
    assert kills


def test_runs_that_differ_are_noticed(tmp_path: Path) -> None:
    first = train(tmp_path / "a", "arrays", "epoch", 3)
    second = train(tmp_path / "b", "arrays", "epoch", 4)
    assert first["history"] != second["history"]
    assert first["weights"] != second["weights"]

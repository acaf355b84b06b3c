"""Other Keras beside ours: who is there, that it isn't ours that runs, and the table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command, processes
from benchmarks.contenders import PEERS, installed, installed_there
from benchmarks.measure import Effort
from benchmarks.report import FIGURES, beside_peers, report

TINY = Effort(rounds=1, budget=1e9, seconds=0.0, least=1, share=0.01, builds=1)

OTHER = """
from keras import Model, Sequential, callbacks, layers, optimizers, utils
print(__file__, file=__import__("sys").stderr)
"""


@pytest.fixture
def interpreter(tmp_path: Path) -> str:
    """One that has something called tf_keras, which this one hasn't."""
    (tmp_path / "there" / "tf_keras").mkdir(parents=True)
    (tmp_path / "there" / "tf_keras" / "__init__.py").write_text(OTHER)
    made = tmp_path / "python"
    made.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path}/there exec {sys.executable} "$@"\n')
    made.chmod(0o755)
    return str(made)


def rounds(seconds: float) -> list[Any]:
    summary = {"median": seconds, "contention": 0.0}
    return [dict.fromkeys([*FIGURES, "loss"], summary)] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter of the test is a shell script")
def test_it_runs_where_ours_is_not_seen(interpreter: str) -> None:
    results = processes.everything(
        ["tiny-mlp"], lambda name: ["evergreen", "tf_keras"], TINY, 1, command.say, interpreter
    )
    runs = results["tiny-mlp"]
    assert all(map(processes.complete, results.values()))
    assert runs["tf_keras"][1]["fit"]["median"] > 0
    assert "evergreen ÷ it" in report(results)


def test_ours_is_no_peer_though_it_has_the_name() -> None:
    """In this interpreter `import keras` is this project."""
    assert not any(map(installed, PEERS))
    there = {PEERS[name].package for name in installed_there(sys.executable)}
    assert "keras" not in there


def test_the_table_divides_by_the_fastest() -> None:
    runs = {"evergreen": rounds(1e-3), "keras3-jax": rounds(4e-3), "tf_keras": rounds(2e-3)}
    lines = beside_peers(runs).splitlines()
    assert [cell.strip() for cell in lines[0].split("|")[2:-1]] == [
        "evergreen", "keras3-jax", "tf_keras", "fastest of the others", "evergreen ÷ it",
    ]  # fmt: skip
    (step,) = [line for line in lines if line.startswith("| `fit`")]
    assert [c.strip() for c in step.split("|")[2:-1]] == [
        "1.00",
        "4.00",
        "2.00",
        "tf_keras",
        "0.50",
    ]


def test_peers_are_asked_for_by_an_interpreter(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong, why in (
        (["--peers", "/nowhere/python"], "--peers is an interpreter"),
        (["--against", "tf_keras"], "--peers names no interpreter that has tf_keras"),
    ):
        with pytest.raises(SystemExit):
            command.arguments(wrong)
        assert why in capsys.readouterr().err

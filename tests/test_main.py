"""`python -m keras`: the table of verbs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from keras import __main__ as command


def test_every_verb_has_its_function() -> None:
    for verb, row in command.VERBS.items():
        module, _, name = row.function.partition(":")
        assert callable(getattr(import_module(module), name)), verb


@pytest.mark.parametrize("given", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_all_verbs(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(given) == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: python -m keras VERB")
    for verb, row in command.VERBS.items():
        assert f"  {verb}" in said
        assert row.summary in said
    assert max(map(len, said.splitlines())) <= 100


def test_an_unknown_verb_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["demmo"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m keras knows no `demmo`. Did you mean `demo`?\n")
    assert command.main(["xyz"]) == 2
    assert capsys.readouterr().err.startswith("python -m keras knows no `xyz`.\n")


def test_arguments_go_to_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr("keras.demo.main", lambda given: seen.append(list(given)) or 3)
    assert command.main(["demo", "--epochs", "5"]) == 3
    assert seen == [["--epochs", "5"]]


def test_the_list_comes_without_an_engine() -> None:
    program = "import runpy, sys; sys.argv = ['keras', '--help']\n"
    program += "try:\n    runpy.run_module('keras', run_name='__main__')\n"
    program += "except SystemExit as done:\n    print(done.code, 'torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("0 False\n")

"""From what processes report to tables: medians, ratios, limits; the clock; the command."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command, measure, processes
from benchmarks.contenders import CONTENDERS, ENGINES, installed, ours_on
from benchmarks.measure import Effort, repeated
from benchmarks.report import (
    FIGURES,
    best_of,
    judged,
    of_building,
    ratio,
    report,
    row,
    shown,
    value,
)
from keras.backend.engines import MODULES

TINY = Effort(rounds=2, budget=1e9, seconds=0.0, least=1, share=0.01, builds=1)


def round_of(seconds: float, contention: float | None = 0.0) -> dict[str, Any]:
    """A report that found the same for every figure."""
    summary = {"median": seconds, "count": 9, "contention": contention}
    return dict.fromkeys([*FIGURES, "loss"], summary)


def rounds(*found: tuple[float, float]) -> list[Any]:
    return [round_of(*each) for each in found]


def test_a_figure_is_the_median_of_the_quiet_rounds() -> None:
    found = value([*rounds((1.0, 0.0), (9.0, 0.5), (3.0, 0.05)), {}], "fit")
    assert found == (2.0, 1.0, 3.0, False)


def test_disturbed_rounds_are_better_than_none_and_marked() -> None:
    found = value(rounds((1.0, 0.4), (3.0, 0.5)), "fit")
    assert found == (2.0, 1.0, 3.0, True)
    assert shown(found, 1e3).startswith("~2,000 ±50%")
    assert value([{}], "fit") is None
    assert shown(None, 1.0) == "–"


def test_one_round_has_no_spread() -> None:
    assert shown(value(rounds((2.0, 0.0)), "fit"), 1.0) == "2.00"


def test_ratios_pair_what_was_measured_in_the_same_round() -> None:
    ours = [{}, *rounds((1.0, 0.0), (4.0, 0.0), (6.0, 0.0))]
    theirs = [{}, *rounds((2.0, 0.0), (4.0, 0.0))]  # and then it failed
    found = ratio(ours, theirs, "fit")
    assert found == (0.75, 0.5, 1.0, False)
    assert judged(found, 0.8) == "0.75 (0.50–1.00) ≤ 0.8 ✓"
    assert judged(found, 0.6) == "0.75 (0.50–1.00) > 0.6 ✗"
    assert ratio(ours, [{}], "fit") is None
    disturbed = ratio(ours, [{}, *rounds((2.0, 0.0), (1.0, 0.9))], "fit")
    assert disturbed == (0.5, 0.5, 0.5, False)


def test_the_best_by_hand_is_the_fastest_of_them() -> None:
    by_name = {name: rounds((s, 0.0)) for name, s in (("usual", 3.0), ("tuned", 2.0), ("jax", 1.0))}
    assert best_of(by_name, "fit") == "tuned"
    assert best_of({"evergreen": rounds((1.0, 0.0))}, "fit") is None


def test_a_row_has_ratios_and_limits() -> None:
    by_name = {
        "evergreen": rounds((1.0, 0.0)),
        "evergreen-jax": rounds((3.0, 0.0)),
        "usual": rounds((2.0, 0.0)),
        "tuned": rounds((0.5, 0.0)),
    }
    title, ours, _, best, jax, to_usual, to_best, to_jax = row("tiny-mlp", "fit", by_name)
    assert title == "`fit`, a step, ms"
    assert (ours, best) == ("1,000", "500 tuned")
    assert (jax, to_jax) == ("–", "–")
    assert (to_usual, to_best) == ("0.50 ≤ 1.3 ✓", "2.00 > 1.5 ✗")
    assert "+500000 µs > 60 ✗" in row("tiny-mlp", "predict 1", by_name)[6]
    assert row("tiny-mlp", "fit", by_name, "evergreen-jax")[5:7] == ["1.50", "6.00"]
    assert row("gru-stack", "fit", by_name)[5] == "0.50"


def test_the_report_has_a_table_for_each_workload_and_engine() -> None:
    summary = {"median": 0.03, "count": 3, "contention": None}
    building = dict.fromkeys(("import keras", "50 layers", "ResNet-50"), summary)
    assert "30.0 |   ≤ 40 ms ✓ |" in of_building([building])
    found = {
        "evergreen": rounds((1.0, 0.0)),
        "evergreen-jax": rounds((1.5, 0.0)),
        "usual": rounds((2.0, 0.0)),
    }
    text = report({"tiny-mlp": found, "building": {"evergreen": [building]}})
    assert "## tiny-mlp" in text
    losses = "evergreen 1.000, evergreen-jax 1.500, usual 2.000"
    assert f"Loss of the second epoch: {losses}." in text
    assert len([line for line in text.splitlines() if line.startswith("| `fit`")]) == 2


def test_contention_sees_the_work_of_others_only() -> None:
    contention = measure.Contention()
    stop = time.perf_counter() + 0.05
    while time.perf_counter() < stop:
        pass
    share = contention.share()
    assert share is None or share >= 0.0
    assert measure.peak_memory() > 10


def test_repeated_calls_are_counted_after_warm_up() -> None:
    calls: list[int] = []
    figure = repeated(lambda: calls.append(1), Effort(seconds=0.05, least=5))
    assert len(figure.values) == len(calls) - 1 >= 5
    slow = repeated(lambda: time.sleep(0.02), Effort(seconds=0.01, least=5))
    assert len(slow.values) == 1
    assert slow.values[0] >= 0.02


def test_the_whole_way_through_fresh_processes(capsys: pytest.CaptureFixture[str]) -> None:
    results = processes.everything(
        ["tiny-mlp", "building"], lambda name: ["evergreen", "manual"], TINY, 1, command.say
    )
    for reports in results["tiny-mlp"].values():
        assert [len(each) for each in reports] == [5, 4, 4]  # a start, two rounds
        assert {*reports[0], *reports[1]} == {*FIGURES, "loss"}
    assert [set(each) for each in results["building"]["evergreen"]] == [
        {"import keras", "50 layers", "ResNet-50"}
    ] * 2
    assert "| `predict`, one row, µs " in report(results)
    assert "tiny-mlp: starting 1 2" in capsys.readouterr().err


def test_a_contender_that_fails_says_why_and_the_others_go_on() -> None:
    said: list[str] = []
    contenders = ["manual", "evergreen"]  # `manual` has no such network
    runs = processes.measured("cifar-cnn", contenders, TINY, 1, said.append)
    assert runs["manual"] == []
    assert len(runs["evergreen"]) == 3
    text = "".join(said)
    assert "cifar-cnn manual failed:" in text
    assert "KeyError: 'cifar-cnn'" in text


def test_a_slow_workload_gets_fewer_rounds() -> None:
    hurried = dataclasses.replace(TINY, rounds=5, budget=0.0)
    runs = processes.measured("tiny-mlp", ["evergreen"], hurried, 1, lambda text: None)
    assert len(runs["evergreen"]) == 2  # a start, one round
    assert processes.complete(runs)
    assert not processes.complete(runs | {"usual": []})


def test_names_and_numbers_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    given = command.arguments(["tiny-mlp", "--quick", "--against", "usual", "--engines", "torch"])
    assert (given.names, given.against, given.engines) == (["tiny-mlp"], ("usual",), ("torch",))
    assert set(command.arguments([]).names) == set(command.NAMES)
    for wrong, message in (
        (["tiny"], "unknown: tiny"),
        (["--rounds", "0"], "at least 1"),
        (["--engines", "cntk"], "There are torch, jax"),
        (["--against", "tuned,best"], "unknown: best"),
        (["--engines", ""], "not installed: any engine"),
    ):
        with pytest.raises(SystemExit):
            command.arguments(wrong)
        assert message in capsys.readouterr().err


def test_who_takes_part() -> None:
    assert command.contenders_for("tiny-mlp", ENGINES, command.AGAINST) == [*CONTENDERS]
    assert {**ENGINES, "numpy": "numpy"} == MODULES
    assert command.contenders_for("convlstm", ["torch"], ["manual", "usual"]) == [
        "evergreen",
        "usual",
    ]
    assert ours_on("torch") == "evergreen"
    assert all(map(installed, ("evergreen", "usual")))


def test_the_command_prints_and_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = {"evergreen": [round_of(1.0)] * 3, "usual": [round_of(2.0)] * 2}
    monkeypatch.setattr(command, "everything", lambda *_: {"tiny-mlp": runs})
    files = [str(tmp_path / "b.json"), str(tmp_path / "b.md")]
    wanted = ["benchmarks", "tiny-mlp", "--rounds", "2", "--json", files[0], "--markdown", files[1]]
    monkeypatch.setattr("sys.argv", wanted)
    assert command.main() == 1  # `usual` has failed in its last round
    assert "## tiny-mlp" in capsys.readouterr().out
    written = json.loads(Path(files[0]).read_text())
    assert written["effort"]["rounds"] == 2
    assert written["results"]["tiny-mlp"]["usual"][0]["fit"]["median"] == 2.0
    assert "| `fit`, a step, ms" in Path(files[1]).read_text()
    runs["usual"].append(round_of(2.0))
    assert command.main() == 0

"""What feeding, listening and validating add to `fit`: the figures, and how they are judged."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import __main__ as command, feeding, processes
from benchmarks.contenders import BY_HAND
from benchmarks.measure import Effort
from benchmarks.report import of_feeding, report

TINY = Effort(rounds=2, budget=1e9, seconds=0.0, least=1, share=0.01, builds=1)
MICROSECONDS = {
    feeding.BARE: 100, feeding.QUEUED: 149, feeding.ASKED: 151, feeding.HEARD: 90,
    feeding.VALIDATED: 145, feeding.EVALUATE: 40,
}  # fmt: skip


def found(contention: float = 0.0, **milliseconds: float) -> dict[str, Any]:
    """A report."""
    seconds = {name: x / 1e6 for name, x in MICROSECONDS.items()}
    seconds |= {feeding.WAITED: 2.1e-3, feeding.REMEMBERED: 2e-3}
    seconds |= {name: x / 1e3 for name, x in milliseconds.items()}
    return {name: {"median": x, "contention": contention} for name, x in seconds.items()}


def cells(text: str, title: str) -> list[str]:
    """What stands beside a title."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {title}")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_table_says_what_is_added_and_judges_it() -> None:
    text = of_feeding({"evergreen": [{}, found()], "evergreen-jax": [{}, found()]})
    assert cells(text, "nothing else") == ["100", "100"]
    assert cells(text, "from a generator, one") == ["49.00 ≤ 50 ✓", "49.00"]
    assert cells(text, "from a generator, `workers=0`")[0] == "51.00 > 50 ✗"
    assert cells(text, "a Python callback")[0] == "-10.00 ≤ 50 ✓"
    assert cells(text, "validation")[0] == "5.00 ≤ 50 ✓"
    assert cells(text, "÷ the longer")[0] == "1.05 ≤ 1.1 ✓"


def test_workers_can_be_no_faster_than_what_they_wait_for() -> None:
    quick = found(**{feeding.WAITED: 1.2, feeding.REMEMBERED: 0.1})  # 4 workers wait 4 ms each
    assert cells(of_feeding({"evergreen": [quick]}), "÷ the longer") == ["1.20 > 1.1 ✗"]


def test_disturbed_rounds_are_left_out() -> None:
    loud = found(0.5, **{feeding.QUEUED: 0.5})
    text = of_feeding({"evergreen": [found(), loud, found()]})
    assert cells(text, "from a generator, one") == ["49.00 ≤ 50 ✓"]
    text = of_feeding({"evergreen": [loud]})
    assert cells(text, "from a generator, one") == ["~400.00 > 50 ✗"]


def test_each_way_of_feeding_trains_on_the_same_batches() -> None:
    works, steps = feeding.small(0.01)
    assert steps == 5
    names = {name for _, without in feeding.ADDED.values() for name in without} | {*feeding.ADDED}
    assert set(works) == names
    histories = {name: work() for name, work in works.items() if name != feeding.EVALUATE}
    assert {len(h.epoch) for h in histories.values()} == {1}
    assert [n for n, h in histories.items() if "val_loss" in h.history] == [feeding.VALIDATED]
    assert len(works[feeding.EVALUATE]()) == 2  # type: ignore[arg-type]  # loss and accuracy
    x = np.arange(12.0)
    fed = feeding.batches(x, -x, 4)
    for _ in range(2):
        for start in (0, 4, 8):
            np.testing.assert_array_equal(next(fed), (x[start : start + 4], -x[start : start + 4]))


def test_the_whole_way_through_a_fresh_process() -> None:
    runs = processes.everything(["feeding"], lambda name: ["evergreen"], TINY, 1, lambda text: None)
    starting, *measured = runs["feeding"]["evergreen"]
    assert set(starting) == {"build"}
    assert len(measured) == 2
    for each in measured:
        assert set(each) == set(found())
        assert all(summary["median"] > 0 for summary in each.values())
        assert each[feeding.WAITED]["median"] > feeding.WAITING / feeding.WORKERS
    assert "| from a generator, one worker, µs" in report(runs)


def test_who_takes_part() -> None:
    assert command.contenders_for("feeding", ["torch", "jax"], BY_HAND) == [
        "evergreen",
        "evergreen-jax",
    ]

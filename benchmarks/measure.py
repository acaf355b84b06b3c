"""The clock, what else ran on the machine meanwhile, and the memory. The standard library only."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

now = time.perf_counter
STATUS = Path("/proc/self/status")
STAT = Path("/proc/stat")
QUIET = 0.1  # cores that others may use meanwhile before a value counts as disturbed


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds, and what one figure gets in each of them. No further round begins
    once a workload has had its `budget` of seconds."""

    rounds: int = 5
    budget: float = 55.0
    seconds: float = 0.3  # for a figure, unless `least` repetitions take longer
    least: int = 2
    share: float = 1.0  # of a workload's samples and rows
    builds: int = 3


FULL = Effort()
QUICK = Effort(rounds=2, budget=12.0, seconds=0.1, share=0.25, builds=1)


@dataclass
class Figure:
    """One figure in one round, lower is better: seconds, or MiB."""

    values: list[float]
    contention: float | None = None

    def summary(self) -> dict[str, float | None]:
        """What is kept of it: the median, how often it was measured, what others had meanwhile."""
        return {
            "median": statistics.median(self.values),
            "count": len(self.values),
            "contention": self.contention,
        }


Report = dict[str, dict[str, Any]]  # figure -> its summary


def summaries(figures: dict[str, Figure]) -> Report:
    return {name: figure.summary() for name, figure in figures.items()}


class Contention:
    """CPU time that others had, for each second of ours: 0 is a machine for us alone, 1 is one core
    always busy with something else. `None` where the system doesn't tell."""

    def __init__(self) -> None:
        self.start, self.busy, self.own = now(), busy_seconds(), sum(os.times()[:4])

    def share(self) -> float | None:
        busy = busy_seconds()
        if busy is None or self.busy is None:
            return None
        others = (busy - self.busy) - (sum(os.times()[:4]) - self.own)
        return max(0.0, others / max(now() - self.start, 1e-9))


def busy_seconds() -> float | None:
    """CPU seconds that the whole machine has worked."""
    try:
        fields = STAT.read_text().split("\n", 1)[0].split()[1:9]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, *rest = map(int, fields)
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], object]) -> Figure:
    """How long something takes that can be done once only."""
    contention, start = Contention(), now()
    work()
    return Figure([now() - start], contention.share())


def repeated(work: Callable[[], object], effort: Effort) -> Figure:
    """How long one call takes, once warm; a call that takes long is as good as warm."""
    contention, start = Contention(), now()
    work()
    if now() - start > effort.seconds:
        return Figure([now() - start], contention.share())
    values: list[float] = []
    contention, stop = Contention(), now() + effort.seconds
    while len(values) < effort.least or now() < stop:
        start = now()
        work()
        values.append(now() - start)
    return Figure(values, contention.share())


def forget_peak() -> None:
    """Let the peak of the memory be counted from here, where the system allows it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory() -> float:
    """The most memory that this process has held, MiB."""
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def serve(reports: Callable[..., Iterator[Report]]) -> None:
    """The program of a process that measures: one report when it has started, and then one for each
    line it is sent. Its arguments are those of `reports`, the effort last, as JSON."""
    *names, effort = sys.argv[1:]
    made = reports(*names, dataclasses.replace(FULL, **json.loads(effort)))
    print(json.dumps(next(made)), flush=True)
    for _line in sys.stdin:
        print(json.dumps(next(made)), flush=True)

"""Contenders in processes of their own, which take turns: while one measures, the others sleep."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .contenders import CONTENDERS, OURS, PEERS
from .measure import Effort, Report, now

ROOT = Path(__file__).resolve().parent.parent
Runs = dict[str, list[Report]]  # contender -> what it reported: once on starting, then each round
Say = Callable[[str], None]


class Failed(Exception):
    """A process ended instead of reporting; its last words."""


class Worker:
    """One contender's process."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        words: IO[str],
        python: str = sys.executable,
        folder: Path = ROOT,
    ) -> None:
        self.words = words
        self.process = subprocess.Popen(
            [python, "-m", *command],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        )

    def report(self) -> Report:
        """Wait for the next report."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.words.seek(0)
            raise Failed(self.words.read().strip() or f"ended with {self.process.wait()}")
        report: Report = json.loads(line)
        return report

    def round(self) -> Report:
        """Let it measure a round."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: the report says why
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        return self.report()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def command_for(name: str, contender: str, effort: Effort) -> list[str]:
    how = json.dumps(dataclasses.asdict(effort))
    if name in ("building", "feeding", "scaling"):
        return [f"benchmarks.{name}", how]
    if name == "images":
        return ["benchmarks.images", contender, how]
    return ["benchmarks.worker", name, contender, how]


@contextlib.contextmanager
def worker(
    name: str, contender: str, effort: Effort, threads: int | None, peers: str | None = None
) -> Iterator[Worker]:
    """A process that has begun to start: of another Keras in `peers`, an interpreter that has it,
    and in a folder from which our own is not seen."""
    with tempfile.TemporaryDirectory() as home, (Path(home) / "words").open("w+") as words:
        settings = {"KERAS_HOME": home, "KERAS_BACKEND": "torch", "KERAS_DEVICE": "cpu"}
        settings |= {"JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONHASHSEED": "0"}
        settings |= CONTENDERS[contender].environment
        if threads:
            settings |= dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), str(threads))
        where: dict[str, Any] = {}
        if contender in PEERS:
            (Path(home) / "benchmarks").symlink_to(ROOT / "benchmarks")
            where = {"python": peers, "folder": Path(home)}
            settings["PYTHONPATH"] = ""
        made = Worker(command_for(name, contender, effort), settings, words, **where)
        try:
            yield made
        finally:
            made.end()


def measured(
    name: str,
    contenders: Sequence[str],
    effort: Effort,
    threads: int | None,
    say: Say,
    peers: str | None = None,
) -> Runs:
    """All rounds of one workload. A contender that fails says why and has no more turns."""
    start = now()
    runs: Runs = {contender: [] for contender in contenders}
    with contextlib.ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for turn in range(effort.rounds + 1):
            if turn > 1 and now() - start > effort.budget:
                break
            say(f" {turn}" if turn else f"{name}: starting")
            for contender in contenders:
                try:
                    if turn == 0:
                        made = worker(name, contender, effort, threads, peers)
                        workers[contender] = stack.enter_context(made)
                        runs[contender].append(workers[contender].report())
                    elif contender in workers:
                        runs[contender].append(workers[contender].round())
                except Failed as failure:
                    workers.pop(contender)
                    say(f"\n{name} {contender} failed:\n{failure}\n")
    say(f" ({now() - start:.0f} s)\n")
    return runs


def building(effort: Effort, threads: int | None, say: Say) -> Runs:
    """Importing needs a new process each time."""
    start = now()
    runs: Runs = {OURS: []}
    say("building:")
    for turn in range(effort.rounds):
        if turn and now() - start > effort.budget:
            break
        say(f" {turn + 1}")
        with worker("building", OURS, effort, threads) as made:
            try:
                runs[OURS].append(made.report() | made.round())
            except Failed as failure:
                say(f"\nbuilding failed:\n{failure}\n")
    say(f" ({now() - start:.0f} s)\n")
    return runs


def complete(runs: Runs) -> bool:
    """Whether nobody failed: all have reported equally often."""
    counts = {len(reports) for reports in runs.values()}
    return len(counts) == 1 and 0 not in counts


def everything(
    names: Sequence[str],
    contenders: Callable[[str], Sequence[str]],
    effort: Effort,
    threads: int | None,
    say: Say,
    peers: str | None = None,
) -> dict[str, dict[str, Any]]:
    """Workload -> contender -> reports."""
    return {
        name: building(effort, threads, say)
        if name == "building"
        else measured(name, contenders(name), effort, threads, say, peers)
        for name in names
    }

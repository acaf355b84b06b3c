"""Measure everything and print the tables: `./do bench`, or `python -m benchmarks`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from . import images
from .contenders import BY_HAND, CONTENDERS, ENGINES, PEERS, installed, installed_there, ours_on
from .measure import FULL, QUICK
from .picture import draw
from .processes import complete, everything
from .report import report
from .workloads import WORKLOADS

NAMES = (*WORKLOADS, "images", "feeding", "scaling", "building")
AGAINST = (*BY_HAND, *PEERS)
QUICK_NAMES = ("tiny-mlp", "mnist-mlp", "cifar-cnn", "building")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="./do bench",
        description="Our speed and memory, beside the same networks written by hand.",
        epilog=f"Names: {', '.join(NAMES)}. By hand: {', '.join(BY_HAND)}. "
        f"Peers: {', '.join(PEERS)}.",
    )
    made.add_argument("names", nargs="*", metavar="NAME", help="what to measure (all)")
    made.add_argument(
        "--quick", action="store_true", help=f"within a minute; of {', '.join(QUICK_NAMES)}"
    )
    made.add_argument(
        "--engines",
        type=listed,
        default=(*ENGINES,)[:1],
        metavar="LIST",
        help=f"ours on: {','.join(ENGINES)} (torch)",
    )
    made.add_argument(
        "--against",
        type=listed,
        metavar="LIST",
        help="the contenders by hand, or among the peers (all that are installed)",
    )
    made.add_argument(
        "--peers", metavar="PYTHON", help="an interpreter with other Keras, to stand beside ours"
    )
    made.add_argument(
        "--rounds",
        type=int,
        metavar="N",
        help="rounds (5; 2 with --quick; fewer where a minute is over)",
    )
    made.add_argument("--threads", type=int, metavar="N", help="of each process (all cores)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    made.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    made.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the steps' times as bars: .svg, .png"
    )
    return made


def listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    made = parser()
    given = made.parse_args(argv)
    for what, known in (("names", NAMES), ("engines", ENGINES), ("against", AGAINST)):
        unknown = [name for name in getattr(given, what) or () if name not in known]
        if unknown:
            made.error(f"unknown: {', '.join(unknown)}. There are {', '.join(known)}.")
    for what in ("rounds", "threads"):
        number = getattr(given, what)
        if number is not None and number < 1:
            made.error(f"--{what} is at least 1, got {number}.")
    absent = [engine for engine in given.engines if not installed(ours_on(engine))]
    if absent or not given.engines:
        made.error(f"not installed: {', '.join(absent) or 'any engine'}.")
    given.names = given.names or (QUICK_NAMES if given.quick else NAMES)
    there: list[str] = []
    if given.peers:
        try:
            there = installed_there(given.peers)
        except (OSError, CalledProcessError) as error:
            made.error(f"--peers is an interpreter, got {given.peers}: {error}.")
    lacking = [name for name in given.against or () if name in PEERS and name not in there]
    if lacking:
        made.error(f"--peers names no interpreter that has {', '.join(lacking)}.")
    if given.against is None:  # jitting takes longer than a first impression should
        by_hand = [name for name in BY_HAND if not (given.quick and name == "jax")]
        given.against = [*(name for name in by_hand if installed(name)), *there]
    return given


def contenders_for(name: str, engines: Sequence[str], against: Sequence[str]) -> list[str]:
    """Ours, and those by hand that are written for a workload."""
    wanted = [*map(ours_on, engines), *against]
    if name in ("feeding", "scaling"):
        return [*map(ours_on, engines)]
    if name == "images":
        return [c for c in wanted if c in images.WRITTEN]
    return [c for c in wanted if name in (CONTENDERS[c].workloads or (name,))]


def say(text: str) -> None:
    print(text, file=sys.stderr, end="", flush=True)


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    wanted = (
        "evergreen-keras",
        "torch",
        "jax",
        "tensorflow",
        "tensorflow_cpu",
        "pytensor",
        "numpy",
    )
    found = {each.name: each.version for each in metadata.distributions()}
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "machine": platform.machine(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: found[name] for name in wanted if name in found},
    }


def processor() -> str:
    """Its name, where Linux tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> int:
    given = arguments()
    effort = QUICK if given.quick else FULL
    if given.rounds:  # who asks for a number gets it
        effort = dataclasses.replace(effort, rounds=given.rounds, budget=1e9)
    start = time.perf_counter()
    results = everything(
        given.names,
        lambda name: contenders_for(name, given.engines, given.against),
        effort,
        given.threads,
        say,
        given.peers,
    )
    about = machine() | {"seconds": round(time.perf_counter() - start)}
    text = report(results)
    heading = (
        f"# Benchmarks\n\n{about['processor']}, {about['cores']} cores, Python {about['python']}, "
        + ", ".join(f"{name} {version}" for name, version in about["versions"].items())
        + f". Rounds: up to {effort.rounds}{', quick' * given.quick}; {about['seconds']} seconds.\n"
    )
    print(f"\n{heading}\n{text}")
    if given.markdown:
        given.markdown.write_text(f"{heading}\n{text}\n", encoding="utf-8")
    if given.picture:
        draw(results, given.picture)
    if given.json:
        measured = {**about, "effort": dataclasses.asdict(effort), "results": results}
        given.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")
    return int(not all(map(complete, results.values())))


if __name__ == "__main__":
    sys.exit(main())

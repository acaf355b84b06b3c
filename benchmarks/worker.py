"""One contender on one workload, in a process of its own.

    python -m benchmarks.worker tiny-mlp evergreen '{"seconds": 1}'

It starts, reports what starting took, and then measures a round for each line it is sent; in
between it sleeps. A report is a line of JSON on stdout.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .contenders import CONTENDERS, contender
from .measure import (
    Contention,
    Effort,
    Figure,
    Report,
    forget_peak,
    now,
    peak_memory,
    repeated,
    serve,
    summaries,
    timed,
)

if TYPE_CHECKING:  # numpy and the engines wait: to import them is one of the figures
    from .contenders import Contender
    from .workloads import Array


def reports(workload_name: str, name: str, effort: Effort) -> Iterator[Report]:
    """What starting took; then the figures of a round, as often as they are asked for."""
    importing = timed(lambda: importlib.import_module(CONTENDERS[name].package))

    import numpy as np

    from .workloads import WORKLOADS

    workload, make = WORKLOADS[workload_name], contender(name)
    samples = max(int(workload.samples * effort.share), 2 * workload.batch)
    rows = max(int(workload.many * effort.share), 64)
    raw_x, labels = workload.data(samples)
    x, y = make.prepare(raw_x, labels)
    many, _ = make.prepare(raw_x[np.arange(rows) % samples], labels[:1])
    few = x[: workload.batch], y[: workload.batch]

    forget_peak()
    made: list[Contender] = []
    building = timed(lambda: made.append(make(workload_name, workload)))
    subject = made.pop()
    first = timed(lambda: subject.train_on_batch(*few))
    losses: list[float] = []
    train(subject, x, y, dataclasses.replace(effort, seconds=0.0), losses)
    train(subject, x, y, dataclasses.replace(effort, seconds=0.0), losses)
    memory = peak_memory()
    subject.predict(x[:1])
    subject.predict(many)
    for _ in range(effort.builds):
        building.values.append(timed(lambda: make(workload_name, workload)).values[0])
    started = importing.values[0] + building.values[0] + first.values[0]
    yield summaries(
        {
            "import": importing,
            "build": Figure(building.values[1:], building.contention),
            "start": Figure([started], first.contention),
            "memory": Figure([memory]),
            "loss": Figure([losses[-1]]),
        }
    )
    steps = -(-samples // workload.batch)
    while True:
        fitting = train(subject, x, y, effort, losses)
        batches = repeated(lambda: subject.train_on_batch(*few), effort)
        one = repeated(lambda: subject.predict(x[:1]), effort)
        all_rows = repeated(lambda: subject.predict(many), effort)
        yield summaries(
            {
                "fit": Figure([value / steps for value in fitting.values], fitting.contention),
                "train_on_batch": batches,
                "predict 1": one,
                "predict many": Figure([v / rows for v in all_rows.values], all_rows.contention),
            }
        )


def train(subject: Contender, x: Array, y: Array, effort: Effort, losses: list[float]) -> Figure:
    """The times of whole epochs after the first, which warms up unless it takes long."""
    values: list[float] = []
    contention, end, stop = Contention(), now(), 0.0

    def go_on(loss: float) -> bool:
        nonlocal contention, end, stop
        losses.append(loss)
        start, end = end, now()
        warmed_up = bool(stop)
        if not warmed_up:
            stop = end + effort.seconds
            if end - start < effort.seconds:
                contention = Contention()
                return True
        values.append(end - start)
        return warmed_up and (len(values) < effort.least or end < stop)

    subject.train(x, y, go_on)
    return Figure(values, contention.share())


if __name__ == "__main__":
    serve(reports)

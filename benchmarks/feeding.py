"""What it costs `fit` to be fed, listened to and interrupted, beside `fit` on arrays.

    python -m benchmarks.feeding '{"seconds": 1}'

As `worker.py`: a report when it has started, and then one for each line it is sent. The epochs of
a round take turns, and one figure is what another takes longer: these have limits of their own and
no counterpart by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .measure import Contention, Effort, Figure, Report, now, serve, summaries, timed

if TYPE_CHECKING:
    from .workloads import Array

SMALL, LARGE = "tiny-mlp", "mnist-mlp"  # the networks; a step of the large one takes over 1 ms
SAMPLES = 25_600  # of the large network's epoch: its first batch is waited for, whoever makes it
WORKERS, WAITING = 4, 4e-3  # seconds that each batch waits, as for a disk

BARE, EVALUATE = "fit on arrays", "evaluate"
QUEUED, ASKED, HEARD, VALIDATED = "one worker", "no worker", "callback", "validation"
WAITED, REMEMBERED = "waited for", "remembered"
ADDED: dict[str, tuple[str, Sequence[str]]] = {  # figure -> title, and the figures without it
    QUEUED: ("from a generator, one worker", [BARE]),
    ASKED: ("from a generator, `workers=0`", [BARE]),
    HEARD: ("a Python callback for each batch", [BARE]),
    VALIDATED: ("validation after each epoch, beyond `evaluate`", [BARE, EVALUATE]),
}
LIMITS = {"added": 50e-6, "fed": 1.1}  # seconds a step; × the longer of training and waiting

Work = Callable[[], object]


def batches(x: Array, y: Array, size: int) -> Iterator[tuple[Array, Array]]:
    """One after the other, for ever."""
    while True:
        for i in range(0, len(x), size):
            yield x[i : i + size], y[i : i + size]


def small(share: float) -> tuple[dict[str, Work], int]:
    """Epochs of the small network, fed and watched in several ways; and their steps."""
    import keras

    from .contenders.evergreen import Contender
    from .workloads import WORKLOADS

    workload = WORKLOADS[SMALL]
    size = workload.batch
    steps = max(int(workload.samples * share) // size, 2)
    x, y = Contender.prepare(*workload.data(steps * size))
    model = Contender(SMALL, workload).model
    seen: list[int] = []

    def listen(batch: int, logs: Mapping[str, Any]) -> None:
        seen[:] = [batch]

    callbacks = [keras.callbacks.LambdaCallback(on_batch_end=listen)]

    def fit(**given: Any) -> Any:
        return model.fit(x, y, batch_size=size, verbose=0, **given)

    def from_generator(**given: Any) -> Any:
        return model.fit_generator(batches(x, y, size), steps_per_epoch=steps, verbose=0, **given)

    works: dict[str, Work] = {
        BARE: fit,
        QUEUED: from_generator,
        ASKED: lambda: from_generator(workers=0),
        HEARD: lambda: fit(callbacks=callbacks),
        VALIDATED: lambda: fit(validation_data=(x, y)),
        EVALUATE: lambda: model.evaluate(x, y, batch_size=size, verbose=0),
    }
    return works, steps


def large(share: float) -> tuple[dict[str, Work], int]:
    """Epochs of the large network: from batches that four workers wait for, and from memory."""
    from keras.utils import Sequence

    from .contenders.evergreen import Contender
    from .workloads import WORKLOADS

    workload = WORKLOADS[LARGE]
    size = workload.batch
    steps = max(int(SAMPLES * share) // size, 2)
    x, y = Contender.prepare(*workload.data(steps * size))
    model = Contender(LARGE, workload).model

    class Waiting(Sequence):
        """Batches that come from far away."""

        def __len__(self) -> int:
            return steps

        def __getitem__(self, index: int) -> tuple[Array, Array]:
            time.sleep(WAITING)
            rows = slice(index * size, (index + 1) * size)
            return x[rows], y[rows]

    works: dict[str, Work] = {
        WAITED: lambda: model.fit_generator(Waiting(), verbose=0, workers=WORKERS),
        REMEMBERED: lambda: model.fit(x, y, batch_size=size, verbose=0),
    }
    return works, steps


def in_turns(works: Mapping[str, Work], steps: int, effort: Effort) -> dict[str, Figure]:
    """How long a step of each takes. They alternate, so that nothing that changes meanwhile, as the
    clock of a processor, favours one of them."""
    values: dict[str, list[float]] = {name: [] for name in works}
    contention, stop, turns = Contention(), now() + effort.seconds * len(works), 0
    while turns < effort.least or now() < stop:
        turns += 1
        for name, work in works.items():
            start = now()
            work()
            values[name].append((now() - start) / steps)
    share = contention.share()
    return {name: Figure(found, share) for name, found in values.items()}


def reports(effort: Effort) -> Iterator[Report]:
    """What starting took; then the figures of a round, as often as they are asked for."""
    made: list[tuple[dict[str, Work], int]] = []
    building = timed(lambda: made.extend((small(effort.share), large(effort.share))))
    for works, _ in made:
        for work in works.values():
            work()  # the first time is no measure: programs are made
    yield summaries({"build": building})
    while True:
        found: dict[str, Figure] = {}
        for works, steps in made:
            found |= in_turns(works, steps, effort)
        yield summaries(found)


if __name__ == "__main__":
    serve(reports)

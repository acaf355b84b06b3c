"""Whether the cost grows with the work alone: with steps, with layers, with epochs.

    python -m benchmarks.scaling '{"seconds": 1}'

As `feeding.py`: a report when it has started, and then one for each line it is sent. The figures
of a table stand beside each other: what a step, or a layer, costs among few and among many.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .measure import Contention, Effort, Figure, Report, now, serve, summaries, timed

STEPS = (10, 100, 1_000, 10_000)  # of an epoch
LAYERS = (1, 10, 100, 500)  # of a network that is trained
BUILT = (50, 500, 5_000)  # layers of a network that is built and compiled, and of one read
STARTED = (50, 500, 2_000)  # layers of a network with shortcuts that begins to train
EPOCHS = (10, 100, 1_000)  # after which the memory is looked at

WIDTH, BATCH = 16, 16
STATM = Path("/proc/self/statm")


def stack(layers: int, shortcuts: bool = False) -> Any:
    """Dense layers on top of each other, compiled; each may be added to what it gets."""
    import keras

    L: Any = keras.layers
    inputs = x = L.Input((WIDTH,))
    for _ in range(layers):
        y = L.Dense(WIDTH, activation="tanh")(x)
        x = L.add([x, y]) if shortcuts else y
    model = keras.Model(inputs, x)
    model.compile("sgd", "mse")
    return model


def described(layers: int) -> Any:
    """The same layers as a `Sequential`, as its JSON."""
    import keras

    first = keras.layers.Dense(WIDTH, input_shape=(WIDTH,))
    others = [keras.layers.Dense(WIDTH) for _ in range(layers - 1)]
    return keras.Sequential([first, *others]).to_json()


def data(steps: int) -> Any:
    import numpy as np

    return np.random.RandomState(7).standard_normal((steps * BATCH, WIDTH)).astype("float32")


def epoch(model: Any, x: Any, **given: Any) -> None:
    model.fit(x, x, batch_size=BATCH, shuffle=False, verbose=0, **given)


def quickest(model: Any, steps: int, times: int) -> Figure:
    """A step of the fastest of some epochs: the question is what it needs, not what else ran."""
    x = data(steps)
    contention, values = Contention(), []
    for _ in range(times):
        start = now()
        epoch(model, x)
        values.append((now() - start) / steps)
    return Figure([min(values)], contention.share())


def resident() -> float:
    """MiB that this process has in memory."""
    import resource

    pages = int(STATM.read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def reports(effort: Effort) -> Iterator[Report]:
    """What starting took; then the figures of a round, as often as they are asked for."""
    few = int(1 / effort.share)  # of everything in a quick run
    model = stack(2)
    yield summaries({"start": timed(lambda: epoch(model, data(10)))})
    from keras.models import model_from_json

    while True:
        found: dict[str, Figure] = {}
        for steps in STEPS:
            times = max(2, 10_000 // few // steps // 4)
            found[f"steps {steps}"] = quickest(model, steps, min(times, 200))
        for layers in LAYERS:
            deep = stack(layers)
            epoch(deep, data(2))
            found[f"layers {layers}"] = quickest(deep, 10, max(3, 400 // few // layers))
        for layers in BUILT:
            times = max(1, 500 // few // layers)
            read = functools.partial(model_from_json, described(layers))
            for name, work in (("built", functools.partial(stack, layers)), ("read", read)):
                figures = [timed(work) for _ in range(times)]
                found[f"{name} {layers}"] = min(figures, key=lambda figure: figure.values[0])
        for layers in STARTED:
            deep = stack(layers, shortcuts=True)
            found[f"started {layers}"] = timed(functools.partial(epoch, deep, data(1)))
        if STATM.exists():
            x, done = data(4), 0
            for epochs in EPOCHS:
                epoch(model, x, epochs=epochs - done)
                done = epochs
                found[f"epochs {epochs}"] = Figure([resident()])
        yield summaries(found)


if __name__ == "__main__":
    serve(reports)

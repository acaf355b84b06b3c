"""The one loop: over epochs, over batches, for training, testing and predicting."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from sys import getrefcount
from typing import Any

import numpy as np

from ..backend import config
from ..backend.graph import runtime
from ..caller import warn
from .interrupt import WholeSteps
from .logs import Logs
from .several import LEAST, Batch, in_groups
from .steps import Step, Steps

Feed = Callable[[int, int], Iterable[Batch]]  # the batches of an epoch, from one of them on


class Meter:
    """The loss of the batches so far: kept on the device, read when somebody asks."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.losses: list[Any] = []  # of a batch, or of several in a row
        self.sizes: list[int] = []
        self.last: Any = None
        self.read = 0.0, 0  # what was read before: the sum, and of how many samples

    def add(self, outputs: Sequence[Any], *sizes: int) -> None:
        """What a step has given for a batch, or several steps for theirs."""
        self.last = outputs[0]
        self.losses.append(self.last)
        self.sizes += sizes
        if len(self.losses) >= 4096:  # an endless epoch shall not fill the memory
            self._fold()

    def _fold(self) -> None:
        losses = np.asarray(runtime.engine().scalars(self.losses), dtype="float64")
        total, samples = self.read
        # One after the other: the sum is the same, to the last bit, whenever it is asked for.
        total = float(np.cumsum([total, *(losses * self.sizes)])[-1])
        self.read = total, samples + sum(self.sizes)
        self.losses, self.sizes = [], []

    def loss(self) -> float:
        """The last batch's own."""
        return float(runtime.engine().numpy(self.last))

    def batch(self) -> dict[str, float]:
        """That, and what the metrics say."""
        values = [self.loss(), *self.steps.results()]
        return dict(zip(self.steps.compilation.names, values, strict=True))

    def named(self) -> dict[str, float]:
        """The means, by name."""
        return dict(zip(self.steps.compilation.names, self.means(), strict=True))

    def means(self) -> list[float]:
        """The loss, weighted by the size of the batches, and what the metrics say."""
        if self.losses:
            self._fold()
        total, samples = self.read
        return [total / samples if samples else float("nan"), *self.steps.results()]


class Place:
    """Where a training is: the epoch, the batch of it that comes first, and the losses before."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.first = 0
        self.read = 0.0, 0
        self.over = False  # nothing is left to do
        self.meter: Meter | None = None

    def begin(self, epoch: int, steps: Steps) -> tuple[int, Meter]:
        """The number of the first batch of this epoch, and its meter."""
        first, self.epoch = self.first, epoch
        self.meter = Meter(steps)
        self.meter.read = self.read
        self.first, self.read = 0, (0.0, 0)
        return first, self.meter


def run_epoch(
    steps: Steps,
    kind: str,
    batches: Iterable[Batch],
    callbacks: Any,
    bar: Any = None,
    whole: WholeSteps | None = None,
    meter: Meter | None = None,
    first: int = 0,
    alike: int = 0,
) -> Meter:
    """One pass over the batches of an epoch ("train") or of a test ("test").

    `first` is the number of the first batch, and `meter` knows those before. So many batches as
    `alike` have the same size and may be taken before their turn.
    """
    meter = meter or Meter(steps)
    whole = whole or WholeSteps()
    get = steps.train if kind == "train" else steps.test
    weighted: tuple[bool, ...] | None = None
    step: Step | None = None
    listens = callbacks is not None and callbacks.listens(kind)
    on_begin = getattr(callbacks, f"on_{kind}_batch_begin", None)
    on_end = getattr(callbacks, f"on_{kind}_batch_end", None)
    by_steps = bar is not None and bar.use_steps
    number = first
    seen = first if by_steps else meter.read[1]
    groups: Iterable[Sequence[Batch]] = zip(batches)
    if alike and not listens:
        groups = in_groups(batches, alike, lambda batch: get(batch[2], False).most(batch[0]))
    with nullcontext() if listens else runtime.engine().running():
        for group in groups:
            arrays, size, flags = group[0]
            if flags is not weighted:
                weighted, step = flags, get(flags, False)
            assert step is not None
            if listens:
                on_begin(number, {"batch": number, "size": size})  # type: ignore[misc]  # there is a list
            whole.busy = True
            if len(group) == 1:
                meter.add(step.run(arrays), size)
            else:
                meter.add(step.run_several([b[0] for b in group]), *[b[1] for b in group])
            whole.rest()
            if listens:
                logs = Logs({"batch": number, "size": size}, meter.batch, meter.loss)
                on_end(number, logs)  # type: ignore[misc]  # there is one if it listens
                if getrefcount(logs) > 2:  # somebody keeps them, and means this batch's numbers
                    logs.read()
                if callbacks.model.stop_training:
                    break
            number += len(group)
            if bar is not None:
                seen += len(group) if by_steps else sum(b[1] for b in group)
                if bar.due():
                    bar.show(seen, meter.named())
    if bar is not None:
        bar.seen = seen
    return meter


def fit(
    model: Any,
    steps: Steps,
    feed: Feed,
    callbacks: Any,
    epochs: range,
    validate: Callable[[Any], list[float]] | None,
    validate_at: Callable[[int], bool],
    explain: Callable[[], str] | None,
    place: Place,
    alike: int = 0,
) -> None:
    """Train for some epochs; `explain` looks for the reason of a loss that is no number.

    `place` is where the training is; a callback may have moved it when the training begins. An
    epoch begins with `alike` batches of the same size that may be taken before their turn.
    """
    names = steps.compilation.names
    bar = callbacks.take_bar()
    callbacks.on_train_begin({})
    if alike * len(epochs) < LEAST:
        alike = 0
    try:
        with WholeSteps() as whole:
            for epoch in () if place.over else epochs[place.epoch - epochs.start :]:
                first, meter = place.begin(epoch, steps)
                if not first:
                    model.reset_metrics()
                    callbacks.on_epoch_begin(epoch, {})
                elif bar is not None:
                    bar.on_epoch_begin(epoch)
                batches = feed(epoch, first)
                together = max(alike - first, 0)
                run_epoch(steps, "train", batches, callbacks, bar, whole, meter, first, together)
                logs = meter.named()
                if validate is not None and validate_at(epoch):
                    values = validate(callbacks)
                    logs.update({f"val_{name}": v for name, v in zip(names, values, strict=True)})
                if explain is not None and math.isnan(logs["loss"]):
                    warn(f"The loss is nan: {explain()}", RuntimeWarning)
                    explain = None
                callbacks.on_epoch_end(epoch, logs)
                if model.stop_training:
                    break
    finally:
        if bar is not None:
            bar.close()
    callbacks.on_train_end({})


def evaluate(
    model: Any,
    steps: Steps,
    batches: Iterable[Batch],
    callbacks: Any = None,
    bar: Any = None,
    generated: bool = False,
) -> list[float]:
    """The loss and metrics over the batches; `generated`: not by us, from arrays."""
    model.reset_metrics()
    if callbacks is not None:
        callbacks.on_test_begin({})
    meter = run_epoch(steps, "test", batches, callbacks, bar)
    if callbacks is not None:
        callbacks.on_test_end(meter.named())
    means = meter.means()
    if generated and config.classic_defects():
        means[0] = meter.loss()
    return means


def predict(
    step: Step, batches: Iterable[tuple[Sequence[Any], int]], samples: int | None, callbacks: Any
) -> list[np.ndarray]:
    """The outputs for all batches, one array for each output."""
    numpy = runtime.engine().numpy
    whole: list[np.ndarray] = []
    parts: list[list[np.ndarray]] = []
    done = 0
    listens = callbacks is not None and callbacks.listens("predict")
    for number, (arrays, size) in enumerate(batches):
        if listens:
            callbacks.on_predict_batch_begin(number, {"batch": number, "size": size})
        made = [numpy(y) for y in step.run(arrays)]
        if listens:
            logs = {"batch": number, "size": size, "outputs": made}
            callbacks.on_predict_batch_end(number, logs)
        if samples == size:
            return made
        if samples is not None and not whole:
            whole = [np.empty((samples, *y.shape[1:]), y.dtype) for y in made]
        for i, y in enumerate(made):
            if samples is not None:
                whole[i][done : done + size] = y
            elif number:
                parts[i].append(y)
            else:
                parts.append([y])
        done += size
    return whole if samples is not None else [np.concatenate(p) for p in parts]

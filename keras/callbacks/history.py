"""What the training has told: epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .base import Callback, Logs
from .spelling import EitherSpelling


class History(Callback):
    """The numbers of all epochs; `fit` returns one.

    `history`: from names to lists, one number an epoch; `acc` and `accuracy` find the same list.
    `epoch`: the numbers of the epochs. `params`: what the training was about.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: EitherSpelling = EitherSpelling()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin a new record."""
        self.epoch = []
        self.history = EitherSpelling()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the numbers of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            plain = value.item() if isinstance(value, np.generic) else value
            self.history.setdefault(name, []).append(plain)


class BaseLogger(Callback):
    """Averages the numbers of the batches and puts the means of the epoch into its logs.

    `stateful_metrics`: names of those that are taken as they are at the end. `fit` knows its means
    without it; it is for loops that only tell of batches.
    """

    def __init__(self, stateful_metrics: Iterable[str] | None = None) -> None:
        super().__init__()
        self.stateful_metrics = set(stateful_metrics or ())
        self.seen = 0
        self.totals: dict[str, float] = {}

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Begin to count."""
        self.seen = 0
        self.totals = {}

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Count a batch in."""
        if logs is None:
            return
        samples = logs.get("size", 0) * logs.get("num_steps", 1)
        self.seen += samples
        for name, value in logs.items():
            if name in self.stateful_metrics:
                self.totals[name] = value
            elif name not in ("batch", "size", "num_steps"):
                self.totals[name] = self.totals.get(name, 0.0) + value * samples

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Tell the means."""
        if logs is None:
            return
        for name in self.params.get("metrics", self.totals):
            if name in self.totals:
                total = self.totals[name]
                logs[name] = total if name in self.stateful_metrics else total / max(self.seen, 1)

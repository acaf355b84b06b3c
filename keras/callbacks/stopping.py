"""Callbacks that end the training."""

from __future__ import annotations

import math
from typing import Any

from .base import Callback, Logs
from .monitor import Monitor
from .screen import say


class EarlyStopping(Callback):
    """Ends the training when a number no longer gets better.

    `min_delta`: how much better counts; `patience`: how many epochs without it are one too many;
    `mode`: "min", "max", or "auto" by the name; `baseline`: what must be beaten from the start;
    `restore_best_weights`: take the weights of the best epoch when the training is ended early.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
    ) -> None:
        super().__init__()
        self.watched = Monitor("EarlyStopping", monitor, mode)
        self.monitor = monitor
        self.monitor_op = self.watched.operator
        self.min_delta = min_delta if self.watched.mode == "max" else -min_delta
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.best_weights: Any = None
        self._begin()

    def _begin(self) -> None:
        self.wait = 0
        self.stopped = False
        self.stopped_epoch = 0
        self.best = self.watched.worst if self.baseline is None else self.baseline
        self.best_weights = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget what was best in a training before."""
        self._begin()

    def get_monitor_value(self, logs: Logs) -> Any:
        """The number that is watched; `None` if there is none in this epoch."""
        return self.watched.read(self.monitor, logs, self.params.get("metrics", ()))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Is it better? If not for too long, end the training."""
        current = self.get_monitor_value(logs or {})
        if current is None:
            return
        if self.monitor_op(current - self.min_delta, self.best):
            self.best = current
            self.wait = 0
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self._stop(epoch)

    def _stop(self, epoch: int) -> None:
        self.stopped, self.stopped_epoch = True, epoch
        self.model.stop_training = True
        # With a baseline that was never beaten there are no best weights: the last ones stay.
        if self.best_weights is not None:
            if self.verbose:
                say("Restoring model weights from the end of the best epoch")
            self.model.set_weights(self.best_weights)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Say when the training was ended."""
        if self.stopped and self.verbose:
            say(f"Epoch {self.stopped_epoch + 1:05d}: early stopping")


class TerminateOnNaN(Callback):
    """Ends the training when the loss is no longer a number."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Look at the loss of the batch."""
        loss = None if logs is None else logs.get("loss")
        if loss is not None and not math.isfinite(loss):
            say(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True

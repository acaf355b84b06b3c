"""Callbacks that change the learning rate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from .. import backend as K
from ..caller import warn
from .base import Callback, Logs
from .monitor import Monitor
from .screen import say


def _rate(owner: str, model: Any) -> Any:
    """The optimizer's variable `lr`."""
    optimizer: Any = getattr(model, "optimizer", None)
    if not hasattr(optimizer, "lr"):
        raise ValueError(
            f"`{owner}` needs a model compiled with an optimizer that has an `lr`; this one has "
            + (f"`{type(optimizer).__name__}`." if optimizer is not None else "none.")
        )
    return optimizer.lr


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    `schedule(epoch)` or `schedule(epoch, lr)` returns it; epochs count from 0, `lr` is the present
    one.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        if not callable(schedule):
            raise TypeError(
                "`LearningRateScheduler` needs a function of the epoch as `schedule`, got "
                f"{schedule!r}."
            )
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the rate of this epoch."""
        variable = _rate("LearningRateScheduler", self.model)
        if _takes_two(self.schedule):
            rate: Any = self.schedule(epoch, float(K.get_value(variable)))
        else:
            rate = self.schedule(epoch)
        if isinstance(rate, np.ndarray) and rate.ndim == 0:
            rate = rate.item()
        if not isinstance(rate, Real):  # NumPy's scalars are registered as such
            raise ValueError(
                f"`LearningRateScheduler`: the schedule must return a number, for epoch {epoch} it "
                f"returned {rate!r}." + (" Does it lack a `return`?" if rate is None else "")
            )
        K.set_value(variable, float(rate))
        if self.verbose:
            say(f"Epoch {epoch + 1:05d}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the rate in the logs, as `lr`."""
        if logs is not None:
            logs["lr"] = float(K.get_value(_rate("LearningRateScheduler", self.model)))


def _takes_two(schedule: Callable[..., float]) -> bool:
    """Whether a schedule can be called with the epoch and the present rate."""
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except (TypeError, ValueError):  # it takes one; or it is built in and doesn't tell
        return False
    return True


class ReduceLROnPlateau(Callback):
    """Multiplies the learning rate by `factor` when a number no longer gets better.

    `patience`: how many epochs without getting better by `min_delta` are one too many; `cooldown`:
    how many epochs after that don't count; `min_lr`: where it ends; `mode`: "min", "max", or "auto"
    by the name. `epsilon` is Keras 1's name of `min_delta`.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
        **kwargs: float,
    ) -> None:
        super().__init__()
        if factor >= 1.0:
            raise ValueError(f"`ReduceLROnPlateau` needs a `factor` below 1, got {factor}.")
        if "epsilon" in kwargs:
            min_delta = kwargs.pop("epsilon")
            warn("`ReduceLROnPlateau(epsilon=)` is called `min_delta` now.")
        if kwargs:
            raise TypeError(f"`ReduceLROnPlateau` got an unknown argument `{next(iter(kwargs))}`.")
        self.watched = Monitor("ReduceLROnPlateau", monitor, mode)
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.min_delta = min_delta
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._begin()

    def _begin(self) -> None:
        self.best = self.watched.worst
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget what was best in a training before."""
        self._begin()

    def in_cooldown(self) -> bool:
        """Whether the rate was reduced so recently that epochs don't count yet."""
        return self.cooldown_counter > 0

    def monitor_op(self, current: float, best: float) -> bool:
        """Whether a value is better than the best by more than `min_delta`."""
        gain = current - best if self.watched.mode == "max" else best - current
        return gain > self.min_delta

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Is it better? If not for too long, reduce the rate."""
        logs = {} if logs is None else logs
        logs["lr"] = float(K.get_value(_rate("ReduceLROnPlateau", self.model)))
        current = self.watched.read(self.monitor, logs, self.params.get("metrics", ()))
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.monitor_op(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        variable = _rate("ReduceLROnPlateau", self.model)
        before = float(K.get_value(variable))
        if before > self.min_lr:
            rate = max(before * self.factor, self.min_lr)
            K.set_value(variable, rate)
            if self.verbose:
                say(f"Epoch {epoch + 1:05d}: ReduceLROnPlateau reducing learning rate to {rate}.")
            self.cooldown_counter = self.cooldown
            self.wait = 0

"""Saving the model while it is trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..configured import near_misses
from .base import Callback, Logs
from .monitor import Monitor
from .screen import say
from .spelling import look_up


class ModelCheckpoint(Callback):
    """Saves the model after each epoch.

    `filepath` may hold names in braces, `'weights.{epoch:02d}-{val_loss:.2f}.h5'`; folders that are
    missing are made. `save_best_only`: only when `monitor` is better than ever before (`mode`:
    "min", "max", or "auto" by the name). `save_weights_only`: no architecture, no optimizer.
    `period`: every so many epochs. A file is replaced only when the new one is whole.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        period: int = 1,
    ) -> None:
        super().__init__()
        if not isinstance(filepath, (str, os.PathLike)):
            raise TypeError(
                f"`ModelCheckpoint` needs the path of a file as `filepath`, got {filepath!r}."
            )
        self.filepath = os.fspath(filepath)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.period = period
        self.epochs_since_last_save = 0
        self.watched = Monitor("ModelCheckpoint", monitor, mode if save_best_only else "min")
        self.monitor_op = self.watched.operator
        self.best: Any = self.watched.worst

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if it is time and worth it."""
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save < self.period:
            return
        self.epochs_since_last_save = 0
        logs = logs or {}
        news = self._news(epoch, logs) if self.save_best_only else ""
        if news is None:
            return
        filepath = _filled(self.filepath, {"epoch": epoch + 1, **logs})
        if self.verbose:
            say(f"Epoch {epoch + 1:05d}: {news}saving model to {filepath}")
        self._save(filepath, epoch)

    def _news(self, epoch: int, logs: Logs) -> str | None:
        """What is better than before; `None` if nothing is."""
        current = self.watched.read(self.monitor, logs, self.params.get("metrics", ()))
        if current is None:
            return None
        before = self.best
        if not self.monitor_op(current, before):
            if self.verbose:
                say(f"Epoch {epoch + 1:05d}: {self.monitor} did not improve from {before:.5f}")
            return None
        self.best = current
        return f"{self.monitor} improved from {before:.5f} to {current:.5f}, "

    def _save(self, filepath: str, epoch: int) -> None:
        save = self.model.save_weights if self.save_weights_only else self.model.save
        try:
            if "://" not in filepath:
                Path(filepath).parent.mkdir(parents=True, exist_ok=True)
            save(filepath, overwrite=True)
        except OSError as error:
            raise OSError(
                error.errno,
                f"`ModelCheckpoint` could not save the model after epoch {epoch + 1} ({error}); "
                "a file that was there before is still whole. The file is",
                filepath,
            ) from error


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """The path with the numbers of the epoch."""
    try:
        return template.format_map(_Names(values))
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError(
            f"`ModelCheckpoint` can't fill in the file name {template!r} ({error}). It may hold "
            f"{', '.join(f'{{{name}}}' for name in values)}; write a brace that is meant twice."
        ) from error


class _Names(dict[str, Any]):
    """Values by their names, in either spelling; a name without one is explained."""

    def __missing__(self, name: str) -> Any:
        value = look_up(dict(self), name)
        if value is None:
            raise KeyError(
                f"`ModelCheckpoint`: there is no {name!r} to put into the file name"
                f"{near_misses(name, self)} There are: {', '.join(self)}."
            )
        return value

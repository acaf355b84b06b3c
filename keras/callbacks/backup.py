"""Going on with a training that was broken off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .base import Callback, Logs
from .screen import say


class BackupAndRestore(Callback):
    """Keeps all of a training in a folder, so that the script, started again, goes on where it was.

    Weights, optimizer, random numbers, the place in the data, and what the other callbacks know:
    the history is the same, bit for bit, as if nothing had happened. The model must have been made
    and `fit` be called in the same way.

    `save_freq`: keep it after each "epoch", or every so many batches. `delete_checkpoint`: remove
    the file when the training is over; else the next `fit` finds nothing left to do.

    Data are found again so: arrays by the order of the epoch; a `Sequence` by its attributes (plain
    values, arrays up to 16 MiB, generators of random numbers) at the start of the epoch, from where
    batches are made again up to the place; a generator from its first batch on. Two threads that
    draw random numbers at the same time do so in no order, so use at most one worker then, or
    processes. A callback may have `get_state()` and `set_state(state)`; else its attributes that
    are plain values and arrays are kept.

        model.fit(x, y, epochs=100, callbacks=[BackupAndRestore("backup")])
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: Any = "epoch",
        delete_checkpoint: bool = True,
        verbose: int = 0,
    ) -> None:
        super().__init__()
        by_batch = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not by_batch:
            raise ValueError(
                "`BackupAndRestore`: `save_freq` is 'epoch' or a number of batches, got "
                f"{save_freq!r}."
            )
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.delete_checkpoint = delete_checkpoint
        self.verbose = verbose
        self._run: Any = None
        self._epoch = 0
        if by_batch:
            # An epoch whose batches nobody listens to is faster: only now is there such a hook.
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign]

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.backup_dir) / "training.npz"

    def set_run(self, run: Any) -> None:
        """What there is to keep; `fit` tells it."""
        self._run = run

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Restore what was kept, if there is anything."""
        from ..training import tree

        if self._run is None:
            raise RuntimeError("`BackupAndRestore` works with `fit` only: it has to know the data.")
        Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
        for left in self.path.parent.glob(f".{self.path.name}.*"):
            left.unlink()  # a process was killed while it wrote
        self._run.keep()
        self._epoch = self._run.place.epoch
        if self.path.exists():
            self._run.restore(tree.read(self.path))
            self._epoch = self._run.place.epoch
            if self.verbose:
                say(
                    f"BackupAndRestore: going on with epoch {self._epoch + 1}, batch "
                    f"{self._run.place.first}, from {self.path}"
                )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Note the epoch."""
        self._epoch = epoch

    def _after_batch(self, batch: int, logs: Logs | None = None) -> None:
        if (batch + 1) % self.save_freq == 0:
            self._keep(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep everything; the other callbacks have done their part."""
        self._keep(epoch + 1, 0)

    def _keep(self, epoch: int, batch: int) -> None:
        from ..training import tree

        tree.write(self.path, self._run.state(epoch, batch))

    def on_train_end(self, logs: Logs | None = None) -> None:
        """The training is over, and what was kept has done its duty."""
        if self.delete_checkpoint:
            self.path.unlink(missing_ok=True)
        self._run = None

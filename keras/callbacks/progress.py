"""The progress bar of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .bar import Progbar
from .base import Callback, Logs
from .screen import Screen, say
from .spelling import look_up

INTERVALS = {"terminal": 0.1, "notebook": 0.25, "file": 60.0}  # seconds between two drawings


class ProgbarLogger(Callback):
    """Shows a bar for each epoch, with the loss and the metrics.

    `count_mode`: whether the bar counts "samples" or "steps". `stateful_metrics`: names of those
    that are already means over the epoch and aren't to be averaged.

    A loop that moves the bar itself (`CallbackList.take_bar`) asks `due()` and calls `show()`; in
    any other loop the bar listens to the batches, and looks at their numbers when it is due.
    """

    def __init__(
        self, count_mode: str = "samples", stateful_metrics: Iterable[str] | None = None
    ) -> None:
        super().__init__()
        if count_mode not in ("samples", "steps"):
            raise ValueError(
                f"`ProgbarLogger` counts 'samples' or 'steps', got `count_mode={count_mode!r}`."
            )
        self.use_steps = count_mode == "steps"
        self.stateful_metrics = set(stateful_metrics or ())
        self.progbar: Progbar | None = None
        self.seen = 0
        self.training = False
        self.alive = False  # something was shown already

    # ---- what a loop calls that moves the bar itself

    def due(self) -> bool:
        """Whether it is time to show something new."""
        return self.progbar is not None and self.progbar.due()

    def show(self, seen: int, values: Mapping[str, Any]) -> None:
        """`seen` samples (or steps) are done; `values`: the means over these."""
        self.seen = seen
        if self.progbar is not None:
            self.progbar.show(seen, self._shown(values))

    def close(self) -> None:
        """Leave the line as it is: the training was broken off."""
        if self.progbar is not None:
            self.progbar.close()
            self.progbar = None

    # ---- hooks

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """What follows is training, until its end."""
        self.training, self.alive = True, False

    def on_train_end(self, logs: Logs | None = None) -> None:
        """The training is over."""
        self.training = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """The epoch's title, and an empty bar."""
        verbose = self.params.get("verbose", 1)
        if verbose:
            say(f"Epoch {epoch + 1}/{self.params.get('epochs', '?')}")
        self._start(verbose)
        if self.progbar is not None and verbose == 1 and not self.alive:
            self.progbar.hurry()  # who watches a file sees that it has begun, and how long it takes
            self.alive = True

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch is done."""
        self._move({} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """The bar's last state, with the numbers of the whole epoch and of the validation."""
        self._finish({} if logs is None else logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """An empty bar for `evaluate`; the validation within `fit` has none."""
        self._start_short()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch is done."""
        if not self.training:
            self._move({} if logs is None else logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """The bar's last state."""
        self._finish_short({} if logs is None else logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """An empty bar for `predict`."""
        self._start_short()

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch is done."""
        if not self.training:
            self._move({} if logs is None else logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """The bar's last state."""
        self._finish_short({})

    def _start_short(self) -> None:
        if not self.training and self.params.get("verbose", 1) == 1:
            self._start(1)

    def _finish_short(self, logs: Mapping[str, Any]) -> None:
        if not self.training:
            self._finish(logs)

    def _start(self, verbose: int) -> None:
        self.seen = 0
        self.progbar = Progbar(
            self.params.get("steps" if self.use_steps else "samples"),
            verbose=verbose,
            interval=INTERVALS[Screen().kind],
            stateful_metrics=self.stateful_metrics,
            unit_name="step" if self.use_steps else "sample",
        )

    def _move(self, logs: Logs) -> None:
        bar = self.progbar
        if bar is None or not bar.verbose:
            return
        self.seen += logs.get("num_steps", 1) if self.use_steps else logs.get("size", 0)
        # Numbers in a plain dict are there anyway. Others are read from the device by looking at
        # them: some of the training's give an idea, a test's result is to be exact.
        there = type(logs) is dict
        if there or bar.due():
            bar.move(self.seen, self._shown(logs) if there or self.training else [])

    def _shown(self, logs: Mapping[str, Any]) -> list[tuple[str, Any]]:
        names = self.params.get("metrics")
        if names is None:
            names = [name for name in logs if name not in ("batch", "size", "num_steps", "outputs")]
        found = ((name, look_up(logs, name)) for name in names)
        return [(name, value) for name, value in found if value is not None]

    def _finish(self, logs: Mapping[str, Any]) -> None:
        if self.progbar is not None:
            bar, self.progbar = self.progbar, None
            bar.finish(self.seen, self._shown(logs))

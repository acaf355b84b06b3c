"""Ctrl-C between two steps, not inside one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class WholeSteps:
    """Lets a step of training end before Ctrl-C stops it, so that no step is left half done.

    While `busy` is set, an interrupt is kept for `rest()`. A second one counts at once, should the
    step hang.
    """

    def __init__(self) -> None:
        self.busy = False
        self.waiting = False
        self._before: Any = None

    def __enter__(self) -> WholeSteps:
        # Only Python's own handler is replaced, and only the main thread may do it.
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            self._before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if not self.busy or self.waiting:
            raise KeyboardInterrupt
        self.waiting = True

    def rest(self) -> None:
        """A step is done: the place to be interrupted."""
        self.busy = False
        if self.waiting:
            raise KeyboardInterrupt

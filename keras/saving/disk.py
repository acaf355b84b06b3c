"""Where HDF5 writes: a file that keeps its errors to itself until HDF5 has closed.

When a write fails (a full disk, a quota), HDF5's library can neither go on nor close: it crashes
the process, then or at its end. Nor can it be left by an exception. So it is told that all went
well.
"""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any


class PatientFile(io.FileIO):
    """A new file that takes everything; from the first error on, what it takes is lost."""

    error: BaseException | None = None

    def __init__(self, path: Path) -> None:
        super().__init__(path, "x+")

    def write(self, data: Any) -> int:
        """Write all of the data, however many turns that takes."""
        size = len(data)
        try:
            done = size if self.error else super().write(data)
            while done < size:
                done += super().write(data[done:])
        except OSError as error:
            self.error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        """Make the file as long as HDF5 says."""
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0


@contextmanager
def patient(path: Path) -> Iterator[PatientFile]:
    """A new file for HDF5 to write to; its first error is raised when HDF5 has closed."""
    with uninterrupted(), PatientFile(path) as file:
        try:
            yield file
        finally:
            if file.error is not None:  # what failed after it only followed from it
                raise file.error


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C inside counts at the end: an exception in the middle of HDF5 would be such an error.

    A second one counts at once, should the disk hang.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    kept: list[tuple[int, FrameType | None]] = []

    def keep(number: int, frame: FrameType | None) -> None:
        kept.append((number, frame))
        if len(kept) > 1:
            before(number, frame)

    signal.signal(signal.SIGINT, keep)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if kept:
            before(*kept[0])

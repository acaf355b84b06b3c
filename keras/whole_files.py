"""Files that are replaced so that at no moment a half-written one is there."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LARGE = 1 << 20


@contextmanager
def replacing(target: str | os.PathLike[str]) -> Iterator[Path]:
    """A path to write to, which takes the target's place once everything went well.

    It lies in the same folder, so that taking the place is one step of the file system: whoever
    looks sees the old file or the new one. It isn't forced onto the disk, which would make
    saving several times slower.
    """
    path = Path(os.path.realpath(os.fspath(target)))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"`{path}` may not be written to.")
    made = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex[:12]}")
    _leaving.wait()
    try:
        yield made
        if path.exists():
            made.chmod(path.stat().st_mode & 0o777)
        held = _held(path)
        try:
            made.replace(path)
        finally:
            if held is not None:
                _leaving.let_go(held)
    except BaseException:  # also Ctrl-C: nothing half-written is left behind
        made.unlink(missing_ok=True)
        raise


def _held(path: Path) -> int | None:
    """A large file, held open, so that losing its name doesn't free it yet; `None` of others."""
    try:
        if hasattr(os, "O_PATH") and path.stat().st_size >= LARGE:
            return os.open(path, os.O_PATH)
    except OSError:  # there is none, or too much is open: then nothing is gained
        return None
    return None


class _Leaving:
    """Frees the file that was replaced, beside what the caller goes on with.

    Freeing 100 MB that are just on their way to the disk takes the system 70 ms, twice as long as
    writing the new ones. No more than one old file waits, so the disk never holds three.
    """

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None

    def let_go(self, held: int) -> None:
        """Close the last that holds an old file."""
        thread = threading.Thread(target=os.close, args=(held,), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there can't be more threads
            os.close(held)
        else:
            self.thread = thread

    def wait(self) -> None:
        """Until the old file is gone."""
        if self.thread is not None:
            self.thread.join()
            self.thread = None


_leaving = _Leaving()

"""Files that are replaced so that at no moment a half-written one is there."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LARGE = 1 << 20  # bytes from which freeing a file takes longer than starting a thread
MOST = 4  # files that may wait to be freed
SPARE = 1 << 30  # bytes of the disk of which nobody need be careful


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
    made = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}")
    _leaving.make_room(path)
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
    """Frees files that were replaced, beside what the caller goes on with.

    Freeing 100 MB that are just on their way to the disk takes the system up to 100 ms, three times
    as long as writing the new ones.
    """

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def let_go(self, held: int) -> None:
        """Close the last that holds an old file."""
        thread = threading.Thread(target=os.close, args=(held,), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there can't be more threads
            os.close(held)
        else:
            self.threads.append(thread)

    def make_room(self, path: Path) -> None:
        """Wait where files that are still to be freed are many, or take what a new one may need."""
        self.threads = [each for each in self.threads if each.is_alive()]
        if self.threads and (len(self.threads) >= MOST or _is_short(path)):
            self.wait()

    def wait(self) -> None:
        """Until all old files are gone."""
        for thread in self.threads:
            thread.join()
        self.threads = []


def _is_short(path: Path) -> bool:
    """Whether the disk may not hold another file as large as the one that is there."""
    import shutil  # here, since it takes long to import

    size = path.stat().st_size if path.exists() else 0
    return shutil.disk_usage(path.parent).free < max(2 * size, SPARE)


_leaving = _Leaving()
if hasattr(os, "register_at_fork"):  # a child would hold them, too, for as long as it lives
    os.register_at_fork(before=lambda: _leaving.wait())

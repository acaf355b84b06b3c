"""Files that are replaced so that at no moment a half-written one is there."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    try:
        yield made
        if path.exists():
            made.chmod(path.stat().st_mode & 0o777)
        made.replace(path)
    except BaseException:  # also Ctrl-C: nothing half-written is left behind
        made.unlink(missing_ok=True)
        raise

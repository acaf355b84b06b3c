"""A file on its way: what came before a break stays, so that the next call goes on from there."""

from __future__ import annotations

import json
import os
import secrets
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl


class Part:
    """What has come of a file so far, in `.name.part` beside the place where it will lie.

    `have` counts the bytes that can be used. `tag` is by what the server knows which version of the
    file they belong to; it is noted beside the part, with the address. So a call that is broken off
    leaves both, even if its process is killed, and the next one for this address goes on. Without a
    tag nothing can tell whether the rest belongs to the beginning, and nothing stays.

    One process at a time has the part: a lock says so, which ends with the process. Others write
    files of their own, which don't stay.
    """

    def __init__(self, path: Path, origin: str) -> None:
        self.target, self.origin = path, origin
        self.path = path.with_name(f".{path.name}.part")
        self._note = path.with_name(f".{path.name}.part.json")
        file = _locked(self.path)
        self.stays = file is not None
        if file is None:
            self.path = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
            file = self.path.open("ab", buffering=0)
        self._file = file
        self.tag = self._noted() if self.stays else ""
        self.have = self._size() if self.tag else 0

    def begin(self, tag: str) -> None:
        """Drop what there is: the file comes from its start, in the version `tag`."""
        self.drop()
        self.tag = tag
        if self.stays and tag:
            draft = self._note.with_name(f"{self._note.name}.{secrets.token_hex(4)}")
            draft.write_text(json.dumps({"origin": self.origin, "tag": tag}), encoding="utf-8")
            draft.replace(self._note)

    def write(self, content: bytes) -> None:
        """Put what came to the end."""
        rest = memoryview(content)
        while rest:
            written = self._file.write(rest)
            self.have += written
            rest = rest[written:]

    def finish(self) -> None:
        """All of it is there: put it in its place."""
        self._drop_note()  # first, as another process may begin a part of its own from then on
        if sys.platform == "win32":
            self._file.close()  # what is open can't be moved there
        self.path.replace(self.target)
        self._file.close()

    def drop(self) -> None:
        """Let nothing stay of what there is."""
        self._drop_note()
        self._file.truncate(0)
        self.have, self.tag = 0, ""

    def close(self) -> None:
        """End; what is worth it stays."""
        if self._file.closed:
            return
        if not (self.stays and self._size() and self._note.exists()):
            self._drop_note()
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _drop_note(self) -> None:
        if self.stays:
            self._note.unlink(missing_ok=True)

    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def _noted(self) -> str:
        """The version of what there is, if it is from this address."""
        try:
            note: Any = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        known = isinstance(note, dict) and note.get("origin") == self.origin
        return str(note.get("tag", "")) if known else ""


def _locked(path: Path) -> FileIO | None:
    """The file, open to go on writing, if no other process has it."""
    if sys.platform == "win32":
        return None  # a broken download begins anew in the next call
    # Never through a link, which somebody may have laid in a folder that all can write to.
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.fdopen(os.open(path, flags, 0o666), "ab", buffering=0)
    except OSError:
        return None
    with suppress(OSError):  # held by another, or on a disk without locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it may have put it in its place meanwhile.
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    file.close()
    return None

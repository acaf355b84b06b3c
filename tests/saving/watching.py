"""What loading does besides loading: files, processes, connections, imports, code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WATCHED = (
    "compile",
    "ctypes.",
    "exec",
    "marshal.loads",
    "open",
    "os.",
    "pickle.find_class",
    "shutil.",
    "socket.",
    "subprocess.",
    "urllib.",
)
HARMLESS = ("os.listdir", "os.scandir")

_seen: list[list[tuple[str, str]]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen and event.startswith(WATCHED) and event not in HARMLESS:
        _seen[-1].append((event, repr(arguments[0])[:200] if arguments else ""))


sys.addaudithook(_hook)  # there is no way to take it away again


@contextmanager
def watched() -> Iterator[list[tuple[str, str]]]:
    """The events inside the block, as they are noted by the interpreter."""
    found: list[tuple[str, str]] = []
    _seen.append(found)
    try:
        yield found
    finally:
        _seen.remove(found)

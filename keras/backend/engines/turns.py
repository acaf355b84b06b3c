"""Random numbers in compiled programs: each call has a number, which goes in with it, and the
random nodes of a program know how far it has counted."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from . import draws


class Keys(threading.local):
    """The key of the program that is being compiled in this thread."""

    def __init__(self) -> None:
        self.key: Any = None


_keys = Keys()


def current() -> Any:
    """The key of the program, `None` outside of one."""
    return _keys.key


@contextmanager
def using(key: Any) -> Iterator[None]:
    """Draw with this key."""
    before, _keys.key = _keys.key, key
    try:
        yield
    finally:
        _keys.key = before


class Turns:
    """The number of calls of a compiled program; its random nodes know it."""

    def __init__(self, nodes: Iterable[Any]) -> None:
        self.count = 0
        self.any = False  # whether the program draws at all
        for node in nodes:
            if node is not None and "seed" in node.attributes:
                self.any = True
                _turns.setdefault(node, []).append(self)

    def next(self, calls: int = 1) -> int:
        """The number of this call, or of the first of several."""
        first, self.count = self.count, self.count + calls
        return first


_turns: weakref.WeakKeyDictionary[Any, list[Turns]] = weakref.WeakKeyDictionary()


def state(node: Any) -> dict[str, Any]:
    """Where the draws of a random node stand: its programs' calls, and its generator outside."""
    calls = [turns.count for turns in _turns.get(node, ())]
    return {"calls": calls, "generator": draws.state(node)}


def set_state(node: Any, found: dict[str, Any]) -> None:
    """Let a random node, rendered as often as it was then, go on drawing from there."""
    for turns, count in zip(_turns.get(node, ()), found["calls"], strict=True):
        turns.count = count
    draws.set_state(node, found["generator"])

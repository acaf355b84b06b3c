"""Numbers next to zero are zero while a program runs, as in every session of TensorFlow.

The velocities of units that have died shrink by a factor at each step, and stay for ever at some
multiple of the smallest number there is. A processor takes a hundred times as long for these: a
fifth of a step of a small network that has trained for a while. Outside of programs they are what
they were, since numpy's and the user's own calculations may need them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

SMALLEST = 5e-324  # equals zero only while such numbers are
PARALLEL = 100_000  # values for which torch starts its threads

Row = Callable[..., Any]


def prepared() -> bool:
    """Let torch's threads start so, unless they have begun; whether this processor can at all.

    A thread keeps what the thread had that started it, and most of a large array is theirs.
    """
    if SMALLEST == 0.0:
        return False  # the user has chosen it for all that runs in this thread
    able: bool = torch.set_flush_denormal(True)
    try:
        torch.zeros(PARALLEL).add_(1.0)
    finally:
        torch.set_flush_denormal(False)
    return able


def flushing(function: Row) -> Row:
    """The function, with denormal numbers taken for zero while it runs."""
    flush = torch.set_flush_denormal

    def run(*arrays: Any) -> Any:
        if SMALLEST == 0.0:  # one program inside another, or the user's choice
            return function(*arrays)
        flush(True)
        try:
            return function(*arrays)
        finally:
            flush(False)

    return run

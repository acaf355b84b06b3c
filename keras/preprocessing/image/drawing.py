"""Where random transformations draw from.

Outside of batches that is numpy's own generator. A batch that is asked for by its number brings a
generator of its own along, so that workers that make batches at the same time don't draw from one,
and an epoch is the same however many they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

_generator: ContextVar[Any] = ContextVar("generator", default=np.random)


def drawing(seed: int | None = None) -> Any:
    """What to draw from now, or a generator that starts from `seed`."""
    return _generator.get() if seed is None else np.random.RandomState(seed)


@contextmanager
def drawing_from(generator: Any) -> Iterator[None]:
    """In this block (and this thread) all is drawn from this generator."""
    token = _generator.set(generator)
    try:
        yield
    finally:
        _generator.reset(token)

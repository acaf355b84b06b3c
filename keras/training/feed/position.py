"""Where data and random numbers stand, so that a training can go on from there."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from ...backend.graph import runtime
from ..tree import is_plain

LARGEST = 2**24  # bytes of an array that is taken for a state of the data, and not for data


def chance() -> dict[str, Any]:
    """The state of the generators of random numbers that everybody shares."""
    return {
        "numpy": np.random.get_state(legacy=False),
        "python": random.getstate(),
        "engine": runtime.engine().random_state([]),
    }


def set_chance(found: dict[str, Any]) -> None:
    """Draw as from there on."""
    np.random.set_state(found["numpy"])
    random.setstate(found["python"])
    runtime.engine().set_random_state([], found["engine"])


def fields(data: Any) -> dict[str, Any]:
    """What a `Sequence` remembers: its attributes that are plain values, small arrays, or
    generators of random numbers."""
    found: dict[str, Any] = {}
    for name, value in getattr(data, "__dict__", {}).items():
        if isinstance(value, np.random.RandomState):
            found[name] = {"draws": value.get_state(legacy=False)}
        elif isinstance(value, np.random.Generator):
            found[name] = {"draws": value.bit_generator.state}
        elif isinstance(value, random.Random):
            found[name] = {"draws": value.getstate()}
        elif getattr(value, "nbytes", 0) <= LARGEST and is_plain(value):
            found[name] = {"is": np.copy(value) if isinstance(value, np.ndarray) else value}
    return found


def set_fields(data: Any, found: dict[str, Any]) -> None:
    """Let a `Sequence` remember this."""
    for name, value in found.items():
        known = getattr(data, name, None)
        if "is" in value:
            setattr(data, name, value["is"])
        elif isinstance(known, np.random.RandomState):
            known.set_state(value["draws"])
        elif isinstance(known, np.random.Generator):
            known.bit_generator.state = value["draws"]
        elif isinstance(known, random.Random):
            known.setstate(value["draws"])

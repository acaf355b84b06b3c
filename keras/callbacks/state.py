"""What callbacks know, as plain values, so that a training can go on with it."""

from __future__ import annotations

from typing import Any

# Given by the training itself.
GIVEN = ("model", "params", "validation_data")


def state_of(callback: Any) -> Any:
    """What a callback knows: what its `get_state()` says, or its attributes that are plain values
    and arrays."""
    from ..training.tree import is_plain

    if hasattr(callback, "get_state"):
        return callback.get_state()
    known = getattr(callback, "__dict__", {})
    return {k: v for k, v in known.items() if k not in GIVEN and is_plain(v)}


def set_state_of(callback: Any, state: Any) -> None:
    """Let a callback know this again. Lists and dicts stay the same objects."""
    if hasattr(callback, "set_state"):
        callback.set_state(state)
        return
    for name, value in state.items():
        known = getattr(callback, name, None)
        if isinstance(known, dict) and isinstance(value, dict):
            known.clear()
            known.update(value)
        elif isinstance(known, list) and isinstance(value, list):
            known[:] = value
        else:
            setattr(callback, name, value)

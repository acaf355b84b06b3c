"""Arrays that are filled step by step, kept with their parts of each step for the next call.

To take them apart anew at each call cost a quarter of the time of a GRU's step of training.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import torch

Shapes = Mapping[str, tuple[int, ...]]
SMALL = 2**22  # bytes of a room: beside the work on larger ones, their parts cost little
ALL = 2**25  # bytes of all rooms that nobody holds


class Room:
    """Arrays by name; `steps` has their parts, a tuple for each step."""

    def __init__(self, arrays: dict[str, Any], parts: Callable[..., Sequence[Any]]) -> None:
        self.arrays = arrays
        self.size = sum(array.nbytes for array in arrays.values())
        columns = [part.unbind(0) for part in parts(**arrays)]
        self.steps = list(zip(*columns, strict=True))


class Lease:
    """A room, for as long as somebody holds this."""

    __slots__ = ("free", "room")

    def __init__(self, room: Room, free: list[Room]) -> None:
        self.room, self.free = room, free

    def __del__(self) -> None:
        if self.room.size <= SMALL:
            self.free.append(self.room)


_free: dict[Hashable, list[Room]] = {}


def lease(
    kind: str, shapes: Shapes, like: Any, parts: Callable[..., Sequence[Any]]
) -> tuple[Lease, Any, Any]:
    """A room with arrays of these shapes, as `like` in dtype and device; its arrays and its steps.

    `parts(**arrays)` are the arrays, or views of them, that are taken apart along their first axis.
    What is in them is left from others.
    """
    # Torch's inference mode has arrays of its own, which can't be written to outside of it.
    inference = torch.is_inference_mode_enabled()
    key = kind, tuple(shapes.values()), like.dtype, like.device, inference
    free = _free.setdefault(key, [])
    try:
        room = free.pop()  # in one go: threads may meet here
    except IndexError:
        if sum(room.size for rooms in list(_free.values()) for room in rooms) > ALL:
            _free.clear()
        made = {
            name: torch.empty(shape, dtype=like.dtype, device=like.device)
            for name, shape in shapes.items()
        }
        room = Room(made, parts)
    return Lease(room, free), room.arrays, room.steps


def forget() -> None:
    """Let go of all that nobody holds."""
    _free.clear()

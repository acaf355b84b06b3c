"""Rows of loops and branches: Python's own, around the rendered bodies."""

from __future__ import annotations

from typing import Any

import numpy as np


def _scan(
    *arrays: Any,
    body: Any,
    sequences: int,
    states: int,
    reverse: bool,
    axis: int,
    ordered: bool,
    used: tuple[bool, ...],
) -> tuple[Any, ...]:
    held, captured = arrays[sequences : sequences + states], arrays[sequences + states :]
    moved = [np.moveaxis(x, axis, 0) for x in arrays[:sequences]]
    count = len(moved[0])
    outputs = []
    for number in reversed(range(count)) if reverse else range(count):
        made = body(*(x[number] for x in moved), *held, *captured)
        outputs.append(made[: len(made) - states])
        held = made[len(made) - states :]
    if not outputs:
        made = body(*(np.zeros(x.shape[1:], x.dtype) for x in moved), *held, *captured)
        lasts = tuple(np.zeros_like(y) for y in made[: len(made) - states])
        stacked = [np.zeros((*y.shape[:axis], 0, *y.shape[axis:]), y.dtype) for y in lasts]
        return (*lasts, *stacked, *held)
    lasts = outputs[-1]
    if reverse and ordered:
        outputs.reverse()
    return (*lasts, *(np.stack(ys, axis) for ys in zip(*outputs, strict=True)), *held)


def _branch(
    condition: Any, *captured: Any, then: Any, otherwise: Any, counts: tuple[int, int]
) -> tuple[Any, ...]:
    first, second = captured[: counts[0]], captured[counts[0] :]
    return tuple(then(*first) if bool(condition) else otherwise(*second))


def _while(
    *arrays: Any, test: Any, turn: Any, states: int, tested: int, limit: int | None
) -> tuple[Any, ...]:
    held = arrays[:states]
    for_test, for_turn = arrays[states : states + tested], arrays[states + tested :]
    turns = 0
    while (limit is None or turns < limit) and bool(test(*held, *for_test)[0]):
        held = turn(*held, *for_turn)
        turns += 1
    return tuple(held)


def _print(x: Any, message: str) -> Any:
    print(message, x, flush=True)  # noqa: T201  what the user asked for
    return x


TABLE: dict[str, Any] = {
    "scan": _scan,
    "branch": _branch,
    "while_loop": _while,
    "numpy_call": lambda *arrays, function, dtypes: tuple(
        np.asarray(made, dtype=dtype) for made, dtype in zip(function(*arrays), dtypes, strict=True)
    ),
    "print_tensor": _print,
    "native": lambda *arrays, function: function(*arrays),
}

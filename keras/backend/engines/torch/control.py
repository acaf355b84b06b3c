"""Rows of loops and branches: Python's own, around the rendered bodies."""

from __future__ import annotations

from typing import Any

import torch

from ...graph.runtime import engine


def _scan(
    *arrays: Any,
    body: Any,
    sequences: int,
    states: int,
    reverse: bool,
    axis: int,
    ordered: bool,
    used: tuple[bool, ...],
    apart: tuple[bool, ...] = (),
) -> tuple[Any, ...]:
    held = arrays[sequences : sequences + states]
    captured = arrays[sequences + states :]
    slices = [x if isinstance(x, list) else torch.unbind(x, axis) for x in arrays[:sequences]]
    outputs: list[list[Any]] = []
    steps = zip(*slices, strict=True)
    for now in reversed(list(steps)) if reverse else steps:
        made = body(*now, *held, *captured)
        outputs.append(made[: len(made) - states])
        held = made[len(made) - states :]
    if not outputs:
        return _no_steps(arrays, body, sequences, states, axis, apart)
    columns = list(zip(*outputs, strict=True))
    count = len(columns)
    lasts = [column[-1] for column in columns]
    if reverse and ordered:
        columns = [column[::-1] for column in columns]
    stacked: list[Any] = [None] * count
    known: dict[tuple[int, ...], Any] = {}  # by the same arrays, which several outputs may be
    for i, column in enumerate(columns):
        if apart and apart[count + i]:
            stacked[i] = list(column)
        elif not used or used[count + i]:
            same = tuple(map(id, column))
            if same not in known:
                known[same] = torch.stack(column, 0).movedim(0, axis)
            stacked[i] = known[same]
    return (*lasts, *stacked, *held)


def _no_steps(
    arrays: tuple[Any, ...],
    body: Any,
    sequences: int,
    states: int,
    axis: int,
    apart: tuple[bool, ...],
) -> tuple[Any, ...]:
    """What a loop of no steps returns: a step on zeros says the shapes of the outputs."""
    held, captured = arrays[sequences : sequences + states], arrays[sequences + states :]
    now = [x.new_zeros((*x.shape[:axis], *x.shape[axis + 1 :])) for x in arrays[:sequences]]
    made = body(*now, *held, *captured)
    lasts = [torch.zeros_like(y) for y in made[: len(made) - states]]
    stacked = [y.new_zeros((*y.shape[:axis], 0, *y.shape[axis:])) for y in lasts]
    for i, stack in enumerate(stacked):
        if apart and apart[len(lasts) + i]:  # the loop that reads it goes along the first axis
            stacked[i] = stack.movedim(axis, 0)
    return (*lasts, *stacked, *held)


def _branch(
    condition: Any, *captured: Any, then: Any, otherwise: Any, counts: tuple[int, int]
) -> tuple[Any, ...]:
    made: tuple[Any, ...] = (
        then(*captured[: counts[0]]) if bool(condition) else otherwise(*captured[counts[0] :])
    )
    return made


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


# ---- calls of what is no engine's work


def _numpy_call(*arrays: Any, function: Any, dtypes: tuple[str, ...]) -> tuple[Any, ...]:
    running = engine()
    found = function(*[running.numpy(x) if torch.is_tensor(x) else x for x in arrays])
    return tuple(running.array(x, dtype) for x, dtype in zip(found, dtypes, strict=True))


def _print(x: Any, message: str) -> Any:
    print(message, engine().numpy(x), flush=True)  # noqa: T201  what the user asked for
    return x


TABLE: dict[str, Any] = {
    "scan": _scan,
    "branch": _branch,
    "while_loop": _while,
    "numpy_call": _numpy_call,
    "print_tensor": _print,
}

"""Whether a function treats each sample on its own, so that batches may be of any size.

Followed through a program are the values whose first axis is that of the samples, each row made of
the same row of the inputs; or with several rows for each sample, one after the other, as products
over time have them. An op that isn't known here, or looks across rows, ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from .program import Program, Step, Value

Rows = Mapping[Value, int]  # how many rows each sample has there; 0: all rows are alike
Rule = Callable[[Step, Rows], bool]  # whether all outputs have rows that belong to samples


def settled_of(step: Step) -> dict[str, Any]:
    """The arguments as they were described, before the engine chose its row."""
    return step.node.attributes if step.node is not None else step.settled


def _fixed(value: Any) -> bool:
    """Whether something that doesn't depend on the samples depends on their number neither."""
    return not isinstance(value, Value) or not value.host


def _elementwise(step: Step, rows: Rows) -> bool:
    """What has no rows is the same for all of them."""
    rank = len(step.outputs[0].shape)
    for x in step.inputs:
        if not isinstance(x, Value):
            continue
        if x in rows:
            if len(x.shape) != rank:
                return False
        elif not _fixed(x) or (len(x.shape) == rank and x.shape[0] != 1):
            return False
    return True


def _axes(step: Step, name: str = "axis") -> tuple[int, ...]:
    """The axes that a step works along, from the front; the first one if it says none."""
    given, rank = settled_of(step)[name], len(step.inputs[0].shape)
    if given is None:
        return (0,)
    return tuple(axis % rank for axis in (given if isinstance(given, tuple) else (given,)))


def _along(name: str = "axis") -> Rule:
    """Ops that work along some axes: none of them may be the first."""
    return lambda step, rows: step.inputs[0] in rows and 0 not in _axes(step, name)


def _first_only(step: Step, rows: Rows) -> bool:
    """Ops of rows and weights: only the first input has rows."""
    return step.inputs[0] in rows and not any(x in rows or not _fixed(x) for x in step.inputs[1:])


def _joined(step: Step, rows: Rows) -> bool:
    axis = settled_of(step)["axis"] % len(step.outputs[0].shape)
    return axis > 0 and all(x in rows for x in step.inputs)


def _product(step: Step, rows: Rows) -> bool:
    x, y = step.inputs
    if len(x.shape) == len(y.shape) == 2:
        return _first_only(step, rows) and not settled_of(step)["transpose_x"]
    batched = len(x.shape) > 2 and x in rows
    return batched and (y in rows or (_fixed(y) and len(y.shape) == 2))


def _reshaped(step: Step, rows: Rows) -> bool:
    return step.inputs[0] in rows and _count_after(step, rows[step.inputs[0]]) > 0


def _count_after(step: Step, count: int) -> int:
    """How many rows a sample has after a reshape; 0 if rows are made of parts of several samples,
    or that isn't known."""
    x, made = step.inputs[0], step.outputs[0]
    if not made.shape or made.shape[0] is not None:
        return 0
    if None in (*made.shape[1:], *x.shape[1:]):  # it's enough to know that the first axis stays
        return count if x.dims and made.dims and made.dims[0] == x.dims[0] else 0
    numbers, row = count * prod(x.shape[1:]), prod(made.shape[1:])
    return numbers // row if row and numbers % row == 0 else 0


def _taken(step: Step, rows: Rows) -> bool:
    table, indices = step.inputs
    axis = settled_of(step)["axis"]
    if table in rows:
        return indices not in rows and _fixed(indices) and axis % len(table.shape) > 0
    return _fixed(table) and indices in rows and axis == 0


def _cut(step: Step, rows: Rows) -> bool:
    key = settled_of(step)["key"]
    whole = bool(key) and not isinstance(key[0], int) and key[0] == type(key[0])(None, None, None)
    return whole and step.inputs[0] in rows and not any(x in rows for x in step.inputs[1:])


def _padded(step: Step, rows: Rows) -> bool:
    return step.inputs[0] in rows and tuple(settled_of(step)["padding"][0]) == (0, 0)


def _tiled(step: Step, rows: Rows) -> bool:
    return step.inputs[0] in rows and settled_of(step)["repeats"][0] == 1


def _row_by_row(step: Step, rows: Rows) -> bool:
    """A number for each row from several arrays of rows, along their last axis."""
    last = settled_of(step)["axis"] % len(step.inputs[-1].shape)
    return last > 0 and all(x in rows for x in step.inputs)


def _inserted(step: Step, rows: Rows) -> bool:
    return step.inputs[0] in rows and settled_of(step)["axis"] % len(step.outputs[0].shape) > 0


def _moved(step: Step, rows: Rows) -> bool:
    return step.inputs[0] in rows and settled_of(step)["pattern"][0] == 0


def _one_value(step: Step, rows: Rows) -> bool:
    """The same number everywhere: its rows are alike."""
    shape = step.outputs[0].shape
    return bool(shape) and shape[0] is None


def _recurrent(step: Step, rows: Rows) -> bool:
    """Sequences, states and masks have rows; weights have fixed shapes."""
    given = [x for x in step.inputs if isinstance(x, Value)]
    return all((x in rows) == (bool(x.shape) and x.shape[0] is None) for x in given)


def _loop(step: Step, rows: Rows) -> bool:
    """A loop along a later axis, whose steps treat each sample on its own."""
    body: Program = step.settled["body"]
    settled = settled_of(step)
    if settled["axis"] == 0:
        return False
    pairs = list(zip(body.parameters, step.inputs, strict=True))
    states = pairs[settled["sequences"] :][: settled["states"]]
    inner = [parameter for parameter, x in pairs if x in rows]
    if any(parameter not in inner for parameter, _ in states):
        return False
    known = spread(body, inner)
    return known is not None and all(known.get(r) == 1 for r in body.results)


_EACH = """
    add subtract multiply divide floor_divide mod power maximum minimum arctan2 negative abs exp
    expm1 log log1p sqrt square rsqrt sin cos tan erf sign round floor ceil clip cast identity
    stop_gradient full_like equal not_equal greater greater_equal less less_equal logical_and
    logical_or logical_not isnan isfinite where tanh sigmoid hard_sigmoid softplus softsign rectify
    relu elu selu
"""
_ALONG = """
    sum mean max min prod any all logsumexp argmax argmin softmax log_softmax cumsum cumprod squeeze
    repeat_elements
"""
RULES: dict[str, Rule] = {
    **dict.fromkeys(_EACH.split(), _elementwise),
    **dict.fromkeys(_ALONG.split(), _along()),
    **dict.fromkeys(["concatenate", "stack"], _joined),
    **dict.fromkeys(["dense", "convolution", "convolution_transpose", "pool"], _first_only),
    **dict.fromkeys(["lstm", "gru", "simple_rnn"], _recurrent),
    "crossentropy_of_numbered_softmax": _row_by_row,
    "expand_dims": _inserted,
    "full": _one_value,
    "getitem": _cut,
    "matmul": _product,
    "one_hot": _first_only,
    "pad": _padded,
    "reshape": _reshaped,
    "reverse": _along("axes"),
    "scan": _loop,
    "take": _taken,
    "tile": _tiled,
    "transpose": _moved,
}

SHAPED = ("full", "reshape", "tile", "getitem")  # they take sizes for the shape of what they make


class Followed:
    """The values with rows for each sample and how many, and the sizes that depend on how many
    samples there are, up to some step of a program."""

    def __init__(self, given: Collection[Value]) -> None:
        self.rows = dict.fromkeys(given, 1)
        self.sizes: set[Value] = set()

    def reads(self, step: Step) -> list[Value]:
        """What of a step's inputs depends on the samples."""
        known = (x for x in step.inputs if isinstance(x, Value))
        return [x for x in known if x in self.rows or x in self.sizes]

    def follow(self, step: Step) -> bool:
        """Take another step; false if it mixes rows."""
        fed, rows = self.reads(step), self.rows
        if not fed:
            return True
        if step.outputs[0].host:
            self.sizes.update(step.outputs)
            return True
        name = name_of(step)
        rule = RULES.get(name)
        if rule is None or (name not in SHAPED and any(x in self.sizes for x in fed)):
            return False
        counts = {rows[x] for x in fed if x in rows} - {0}
        if len(counts) > 1 or not rule(step, rows):
            return False
        count = counts.pop() if counts else 0
        if name == "reshape":
            count = _count_after(step, count)
        rows.update(dict.fromkeys(step.outputs, count))
        return True

    def largest(self) -> int | None:
        """How many bytes a sample's part of the largest value has; `None` if that isn't known."""
        if any(None in value.shape[1:] for value in self.rows):
            return None
        return max(n * _bytes(value.shape[1:], value.dtype) for value, n in self.rows.items())


def name_of(step: Step) -> str:
    """Of the op, as it was described."""
    return step.node.op.name if step.node is not None else step.name


def spread(program: Program, given: Collection[Value]) -> dict[Value, int] | None:
    """The values with rows for each sample, if these have one; `None` if rows get mixed."""
    followed = Followed(given)
    return followed.rows if all(map(followed.follow, program.steps)) else None


def fed_with_rows(program: Program) -> bool:
    """Whether each input has a row for each sample, of any number of samples."""
    given = program.parameters
    return bool(given) and all(p.shape and p.shape[0] is None for p in given)


def row_bytes(program: Program) -> int | None:
    """How large a sample's part of the largest value is; `None` if rows get mixed on the way, or
    sizes aren't known."""
    if program.updates or not fed_with_rows(program):
        return None
    followed = Followed(program.parameters)
    if not all(map(followed.follow, program.steps)):
        return None
    if not all(followed.rows.get(r) == 1 for r in program.results):
        return None
    return followed.largest()


def _bytes(shape: Sequence[int], dtype: str) -> int:
    return prod(shape) * (2 if dtype == "bfloat16" else np.dtype(dtype).itemsize)

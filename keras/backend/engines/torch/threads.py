"""One thread for what is small: at each small product or update, two wait for each other longer
than they compute."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any

import torch

from ...graph.program import Program, Step, Value

FEW = 2_000_000  # multiplications of a product up to which a second thread costs more than it does
SPLIT = 32_768  # values from which on torch itself computes one by one in several threads
PARAMETERS = 65_536  # of all variables: the update passes over them
PRODUCTS = frozenset(("matmul", "dense"))
LARGE = frozenset(
    (
        "convolution",
        "rectified_convolution",
        "lstm",
        "gru",
        "simple_rnn",
        "native",
        "made_of_weights",
    )
)

_lock = threading.Lock()
_inside = 0  # how many Python threads let torch compute in one thread now
_others = 1  # how many torch's threads were before


class InOneThread:
    """A context in which torch computes in one thread, if `really`. Python's other threads keep
    their numbers."""

    def __init__(self, really: bool) -> None:
        self.threads = torch.get_num_threads() if really else 1

    def __enter__(self) -> None:
        global _inside, _others
        if self.threads > 1:
            with _lock:
                _inside, _others = _inside + 1, self.threads
            torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        global _inside
        if self.threads > 1:
            torch.set_num_threads(self.threads)
            with _lock:
                _inside -= 1


class _Begun(threading.local):
    """Looked at in each Python thread before it computes."""

    here = True

    def __init__(self) -> None:
        # A thread that is new to torch takes the number that was set last, which may be one.
        with _lock:
            if _inside:
                torch.set_num_threads(_others)
            else:
                torch.get_num_threads()


begun = _Begun()


def rows_for_one(program: Program) -> int:
    """With how many rows at most a program has nothing to do that is worth a second thread; 0 where
    that isn't known."""
    sizes = [tuple(value.shape) for value in program.variables.values()]
    first = tuple(program.parameters[0].shape) if program.parameters else ()
    if first[:1] != (None,) or sum(map(math.prod, sizes)) > PARAMETERS:
        return 0
    rows = SPLIT
    for step in program.steps:
        if step.name in LARGE or step.tape is not None or step.forward is not None:
            return 0
        if any(isinstance(value, Program) for value in step.settled.values()):
            return 0
        rows = min([rows, _product(step), *(_rows(x.shape, 1, SPLIT) for x in step.outputs)])
    return rows


def _product(step: Step) -> int:
    """With how many rows at most a product is small."""
    if step.name not in PRODUCTS or not isinstance(step.inputs[0], Value):
        return SPLIT
    width = step.outputs[0].shape[-1]
    return 0 if width is None else _rows(step.inputs[0].shape, width, FEW)


def _rows(shape: Sequence[Any], times: int, most: int) -> int:
    """How many rows an array may have, so that as many values as it has, `times` over, are few."""
    known = [size for size in shape if size is not None]
    rows = most // max(math.prod(known) * times, 1)
    if len(known) == len(shape):
        return SPLIT if rows else 0
    return rows if shape[0] is None and len(known) == len(shape) - 1 else 0

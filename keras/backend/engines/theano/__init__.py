"""The Theano engine, by PyTensor, its living successor: each program is one graph of PyTensor's.

Programs are described once, with open sizes, and run by PyTensor's machine; what is computed at
once, outside of programs, is numpy's business.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from ...graph.program import Program, Step
from ...graph.tensor import Node
from .. import turns
from ..numpy import Array, NumpyEngine
from ..protocol import Prepared, Row, Stateful
from ..rows import Rows, one_by_one
from . import (
    arrange as arrange,
    control as control,
    elementwise as elementwise,
    host as host,
    modes as modes,
    native as native,
    random as random,
    reduce as reduce,
    tapes as tapes,
    windows as windows,
)
from .symbols import (
    is_symbol as is_symbol,
    symbol as symbol,
)

# Their rows describe also where nothing is symbolic yet: what they do depends on more than arrays.
ALWAYS = ("scan", "branch", "while_loop")


class Describing(threading.local):
    """Whether this thread describes a program to PyTensor just now."""

    now = False


describing = Describing()


class TheanoEngine(NumpyEngine):
    """Runs programs on PyTensor; arrays are numpy's."""

    name = "theano"
    infix: Mapping[str, str] = {}  # numbers in arithmetic take the dtype of the tensor beside them
    sizes = host.FUNCTIONS
    options = modes.OPTIONS

    def __init__(self) -> None:
        super().__init__()
        self.at_once = Rows("theano", [self.rows.table, {"native": native.at_once}], {})
        parts = (elementwise, arrange, reduce, windows, random, control, native)
        self.symbolic = Rows("theano", [part.TABLE for part in parts], {})
        self.table = self.symbolic.table
        self._plain: dict[str, Row] = {}  # rows that are the same for all nodes of an op

    # ---- arrays

    def array(self, value: Any, dtype: str) -> Any:
        if host.moves(value):
            return host.array(value, dtype)
        return super().array(value, dtype)

    # ---- rows

    def row(
        self, node: Node, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        return self._row(node.op.name, node, inputs, settled)

    def list_row(
        self, name: str, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        row, settled = self._row(name, None, inputs, settled)
        return one_by_one(row), settled

    def _row(
        self, name: str, node: Any, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        known = self._plain.get(name)
        unsure = elementwise.unsure(name, inputs)
        if known is not None and not unsure:
            return known, settled
        described, kept = self.symbolic.ready(name, node, inputs, settled)
        now, left = self.at_once.ready(name, node, inputs, settled)
        if unsure:
            described = elementwise.stretching(described)
        always = name in ALWAYS or (node is not None and not node.op.pure)
        if kept != left:  # one of them is settled already
            described = functools.partial(described, **kept)
            now, left = functools.partial(now, **left), {}
        row = _either(described, now, always)
        tables = self.table, self.at_once.table
        if not unsure and not any(isinstance(t[name], (Prepared, Stateful)) for t in tables):
            self._plain[name] = row
        return row, left

    def describe(self, function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
        return native.described(function, tensors)

    # ---- random numbers

    def random_state(self, nodes: Sequence[Node]) -> dict[str, Any]:
        return {"nodes": [turns.state(node) for node in nodes]}

    def set_random_state(self, nodes: Sequence[Node], state: dict[str, Any]) -> None:
        for node, found in zip(nodes, state["nodes"], strict=True):
            turns.set_state(node, found)

    # ---- gradients

    def taped(self, step: Step) -> Row:
        return tapes.taped(step)

    def puller(self, forward: Step, wanted: tuple[int, ...]) -> Row:
        return tapes.puller(forward, wanted)

    def pullback_function(self, of: Node, function: Row, wanted: tuple[int, ...]) -> Row:
        return tapes.pullback_function(len(of.inputs), function, wanted, of.many)

    # ---- programs

    def refine(self, program: Program) -> None:
        program.tell_used()

    def compile(self, function: Row, program: Program) -> Row:
        """A function of PyTensor's; where it fails, the program is run line by line, to say
        where."""
        calls = turns.Turns(step.node for step in program.all_steps())
        inputs, results = described(function, program)
        options = {"mode": modes.chosen(), "on_unused_input": "ignore", **program.options}
        made = pytensor.function(inputs, results, **options)
        made.trust_input = True
        count, lock = len(program.results), threading.Lock()

        def run(*arrays: Any) -> Any:
            plain = [np.asarray(x).view(np.ndarray) for x in arrays]
            try:
                with lock:
                    found = made(*plain, np.asarray(calls.next(), "uint64"))
            except Exception:
                with self.running():
                    function(*arrays)
                raise
            found = [np.asarray(x).view(Array) for x in found]
            return found[:count], found[count:]

        return run


def described(function: Row, program: Program) -> tuple[list[Any], list[Any]]:
    """A program as a graph of PyTensor's: its inputs, the last of which is the number of the call,
    and its outputs, followed by the new values."""
    given = [*program.parameters, *program.variables.values()]
    inputs = [pt.tensor(v.name, dtype=v.dtype, shape=tuple(v.shape)) for v in given]
    call = pt.scalar("call", dtype="uint64")
    with _describing(), turns.using(call):
        outputs, news = function(*inputs)
    dtypes = [getattr(v, "dtype", None) for v in program.results]
    results = [symbol(x, d) for x, d in zip(outputs, dtypes, strict=True)]
    return [*inputs, call], [*results, *map(symbol, news)]


def _either(described: Row, now: Row, always: bool) -> Row:
    """A row of variables while a program is described, of arrays where all are there."""

    def run(*arrays: Any, **settled: Any) -> Any:
        if not describing.now or not (always or any(map(is_symbol, arrays))):
            return now(*arrays, **settled)
        ready = [
            symbol(x) if isinstance(x, np.ndarray) and x.dtype != object else x for x in arrays
        ]
        return described(*ready, **settled)

    return run


@contextmanager
def _describing() -> Iterator[None]:
    before, describing.now = describing.now, True
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        describing.now = before


def engine() -> TheanoEngine:
    """The engine, ready to run."""
    modes.answer_old_flags()
    native.accept_symbols()
    return TheanoEngine()

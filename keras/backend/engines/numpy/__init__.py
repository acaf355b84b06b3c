"""The numpy engine: what each op means, in plain numpy. A reference for the others, and not quick.

Gradients follow from the rules of the ops, as everywhere; ops without a rule have none here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ....caller import warn
from ...graph.dtypes import name_of
from ...graph.host import HOST
from ...graph.program import Program, Step
from ...graph.tensor import Node
from .. import draws
from ..arrays import INFIX
from ..protocol import Row
from ..rows import Rows
from . import (
    control as control,
    rest as rest,
    windows as windows,
)

TRIALS = (12, 24)  # sizes that stand for an unknown one


class Array(np.ndarray):
    """An array of this engine, told from those that users bring along."""


class NumpyEngine:
    """Runs programs line by line."""

    name = "numpy"
    infix: Mapping[str, str] = INFIX
    sizes: Mapping[str, Row] = HOST

    def __init__(self) -> None:
        self.rows = Rows("numpy", [part.TABLE for part in (rest, windows, control)], {})
        self.table = self.rows.table

    # ---- arrays

    def is_array(self, value: Any) -> bool:
        return isinstance(value, Array)

    def array(self, value: Any, dtype: str) -> Any:
        if dtype == "bfloat16":
            raise TypeError("numpy has no bfloat16; use float32 on this engine.")
        return np.asarray(value, dtype=dtype).view(Array)

    def own(self, value: Any, dtype: str, device: Any) -> Any:
        return self.array(np.array(value), dtype)

    def memory(
        self, shape: Sequence[int], dtype: str, device: Any
    ) -> tuple[Any, Callable[[], Any]]:
        made = np.empty(shape, dtype)
        return made, lambda: made.view(Array)

    def numpy(self, array: Any, copy: bool = False) -> Any:
        return np.array(array)

    def cast(self, array: Any, dtype: str) -> Any:
        return array.astype(dtype)

    def scalars(self, arrays: Sequence[Any]) -> Any:
        return np.asarray(arrays)

    def batches(self, arrays: Sequence[Any], order: Any, size: int) -> Iterator[Sequence[Any]]:
        rows = np.arange(len(arrays[0])) if order is None else order
        for start in range(0, len(rows), size):
            yield [x[rows[start : start + size]] for x in arrays]

    def forget(self) -> None:
        """Nothing is kept besides the functions themselves."""

    def forked(self) -> None:
        """Nothing to be done."""

    # ---- rows

    def row(
        self, node: Node, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        return self.rows.ready(node.op.name, node, inputs, settled)

    def list_row(
        self, name: str, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        return self.rows.on_lists(name, inputs, settled)

    def run_now(self, name: str, inputs: Sequence[Any], settled: dict[str, Any]) -> Any:
        with self.running():
            made = self.rows.run_now(name, inputs, settled)
        if isinstance(made, (tuple, list)):
            return tuple(np.asarray(m).view(Array) for m in made)
        return np.asarray(made).view(Array)

    def describe(self, function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
        first, second = (
            function(*[np.ones([n if s is None else s for s in t.shape], t.dtype) for t in tensors])
            for n in TRIALS
        )
        several = isinstance(first, (tuple, list))
        pairs = zip(first, second, strict=True) if several else [(first, second)]
        results = [
            (
                tuple(p if p == q else None for p, q in zip(a.shape, b.shape, strict=True)),
                name_of(a.dtype),
            )
            for a, b in pairs
        ]
        return results, (lambda made: list(made)) if several else (lambda made: made[0])

    def met_a_symbol(self, error: Exception) -> bool:
        return False

    def device_named(self, name: str) -> Any:
        kind = str(name).lower().removeprefix("/").removeprefix("device:").partition(":")[0]
        if kind not in ("cpu", "gpu", "cuda", "tpu"):
            raise ValueError(f"Unknown device {name!r}; numpy has 'cpu'.")
        if kind != "cpu":
            warn(f"There is no device {name!r} (numpy sees no GPU): cpu is used.")
        return "cpu"

    def device_names(self) -> list[str]:
        return ["/cpu:0"]

    # ---- random numbers

    def random_state(self, nodes: Sequence[Node]) -> dict[str, Any]:
        return {"nodes": [draws.state(node) for node in nodes]}

    def set_random_state(self, nodes: Sequence[Node], state: dict[str, Any]) -> None:
        for node, found in zip(nodes, state["nodes"], strict=True):
            draws.set_state(node, found)

    # ---- gradients

    def taped(self, step: Step) -> Row:
        raise self._no_tape(step.name)

    def puller(self, forward: Step, wanted: tuple[int, ...]) -> Row:
        raise self._no_tape(forward.name)

    def pullback_function(self, of: Node, function: Row, wanted: tuple[int, ...]) -> Row:
        raise self._no_tape(of.op.name)

    def _no_tape(self, name: str) -> NotImplementedError:
        return NotImplementedError(
            f"`{name}` has no rule for its gradient, and the numpy engine, a reference, has no "
            "other way; use torch or jax."
        )

    # ---- programs

    def refine(self, program: Program) -> None:
        program.tell_used()

    def compile(self, function: Row, program: Program) -> Row:
        def run(*arrays: Any) -> Any:
            with self.running():
                return function(*arrays)

        return run

    def running(self) -> AbstractContextManager[Any]:
        """Nothing that isn't finite is worth a warning: other engines don't warn either."""
        return np.errstate(all="ignore")


def engine() -> NumpyEngine:
    """The engine, ready to run."""
    return NumpyEngine()

"""Programs that JAX can't compile, since their shapes or their steps depend on computed values.

They run step by step, and so do their loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from ...graph.program import Program, Step, Value
from ...ops.index import MOVING, Cut

# By the op: from which input on there are sizes.
SIZES = {
    "arange": 0,
    "full": 0,
    "random_uniform": 0,
    "random_normal": 0,
    "truncated_normal": 0,
    "random_binomial": 0,
    "reshape": 1,
    "tile": 1,
    "dropout_mask": 1,
    "convolution_transpose": 2,
}


def runs_eagerly(program: Program) -> bool:
    """Whether a program has a step that must see values while it is described."""
    return any(map(_needs_values, program.all_steps()))


def _needs_values(step: Step) -> bool:
    if step.name == "numpy_call":
        return True
    if step.name in ("getitem", "put_slice"):
        bounds = [b for p in step.settled["key"] if isinstance(p, Cut) for b in p.parts()]
        return MOVING in bounds and _computed(step, 1 if step.name == "getitem" else 2)
    return step.name in SIZES and _computed(step, SIZES[step.name])


def _computed(step: Step, first: int) -> bool:
    """Whether inputs from `first` on are computed from data rather than from shapes."""
    return any(isinstance(x, Value) and not x.host for x in step.inputs[first:])


def step_by_step(function: Callable[..., Any], program: Program) -> Callable[..., Any]:
    """The function as it is; its loops are Python's, if it has any."""
    if not any(program.bodies()):
        return function

    def run(*arrays: Any) -> Any:
        with jax.disable_jit():
            return function(*arrays)

    return run

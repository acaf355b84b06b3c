"""Numbers in arithmetic with arrays: as arrays of no dimension, which torch takes twice as fast."""

from __future__ import annotations

from typing import Any

import torch

from ....graph.program import Program, Step, Value
from ..elementwise import INFIX

_known: dict[float, Any] = {}


def scalar(number: float) -> Any:
    """An array of no dimension for a number; those seen before are kept."""
    made = _known.get(number)
    if made is None:
        if len(_known) > 256:
            _known.clear()
        made = _known[number] = torch.tensor(float(number))
    return made


def apply(program: Program) -> None:
    """Give `+ - * /` on float32 arrays their numbers in the faster form."""
    steps: list[Step] = []
    arrays: dict[Value, Value] = {}
    for step in program.steps:
        if step.name in INFIX and step.tape is None and step.outputs[0].dtype == "float32":
            inputs = step.inputs
            if any(_is_array(x) for x in inputs):
                step.inputs = tuple(_as_array(x, program, steps, arrays) for x in inputs)
        steps.append(step)
    program.steps = steps


def _is_array(x: Any) -> bool:
    return isinstance(x, Value) and not (x.number or x.host) and x.dtype == "float32"


def _as_array(x: Any, program: Program, steps: list[Step], arrays: dict[Value, Value]) -> Any:
    if isinstance(x, float):
        value = Value(program.unique("c"), (), "float32")
        program.constants[value] = torch.tensor(x)
        return value
    if isinstance(x, Value) and x.number:
        if x not in arrays:
            arrays[x] = program.fresh((), "float32")
            steps.append(Step(scalar, "scalar", (x,), [arrays[x]], {}))
        return arrays[x]
    return x

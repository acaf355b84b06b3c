"""What this engine improves in a program before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...graph.program import Program, Value

if TYPE_CHECKING:
    from . import TorchEngine


def refine(program: Program, engine: TorchEngine) -> None:
    """Tell loops which of their outputs are used."""
    read: set[Any] = set()
    for step in program.steps:
        read.update(x for x in step.inputs if isinstance(x, Value))
        if step.forward is not None:  # the way back needs what it has gradients of
            gradients = zip(step.forward.outputs, step.inputs[1:], strict=True)
            read.update(value for value, g in gradients if g is not None)
    read.update(r for r in program.results if isinstance(r, Value))
    read.update(v for _, v in program.updates)
    for step in program.steps:
        if "used" in step.settled:
            step.settled["used"] = tuple(value in read for value in step.outputs)
        for inner in step.settled.values():
            if isinstance(inner, Program):
                refine(inner, engine)

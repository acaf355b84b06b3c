"""What this engine improves in a program before it is written, pass by pass.

A program comes as plain steps. The passes tell loops what is used of them, replace groups of steps
by one kernel, and let steps write into memory that nobody needs any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....graph.program import Program, Value
from . import inplace, patterns, scalars

if TYPE_CHECKING:
    from .. import TorchEngine


def refine(program: Program, engine: TorchEngine) -> None:
    """Improve a program and the programs of its loops."""
    tell_used(program)
    on_cpu = engine.device.type == "cpu"
    patterns.apply(program, on_cpu)
    if on_cpu:
        scalars.apply(program)
    inplace.apply(program)
    for step in program.steps:
        for inner in step.settled.values():
            if isinstance(inner, Program):
                refine(inner, engine)


def tell_used(program: Program) -> None:
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

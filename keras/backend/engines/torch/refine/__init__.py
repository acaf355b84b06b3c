"""What this engine improves in a program before it is written, pass by pass.

A program comes as plain steps. The passes tell loops what is used of them, replace groups of steps
by one kernel, and let steps write into memory that nobody needs any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....graph.program import Program
from . import inplace, patterns, scalars

if TYPE_CHECKING:
    from .. import TorchEngine


def refine(program: Program, engine: TorchEngine) -> None:
    """Improve a program and the programs of its loops."""
    if program.outer is None:
        program.tell_used()
    on_cpu = engine.device.type == "cpu"
    patterns.apply(program, on_cpu)
    if on_cpu:
        scalars.apply(program)
    inplace.apply(program)
    for inner in program.bodies():
        refine(inner, engine)

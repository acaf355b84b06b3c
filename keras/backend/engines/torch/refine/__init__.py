"""What this engine improves in a program before it is written, pass by pass.

A program comes as plain steps. The passes tell loops what is used of them, keep what is made of
weights alone, replace groups of steps by one kernel, leave apart what a loop made for another loop,
and let steps write into memory that nobody needs any more.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ....graph.program import Program
from . import (
    apart as apart,
    inplace as inplace,
    patterns as patterns,
    recurrent as recurrent,
    scalars as scalars,
    together as together,
    weights as weights,
)

if TYPE_CHECKING:
    from .. import TorchEngine


def refine(program: Program, engine: TorchEngine) -> None:
    """Improve a program and the programs of its loops."""
    if program.outer is None:
        program.tell_used()
    on_cpu = engine.device.type == "cpu"
    alone = weights.found(program)
    others = [functools.partial(weights.fold, alone=alone)] if alone else []
    patterns.apply(program, on_cpu, [*others, recurrent.zeros] if on_cpu else others)
    weights.gather(program, alone)
    apart.apply(program)
    if on_cpu:
        scalars.apply(program)
        together.apply(program)
    inplace.apply(program)
    for inner in program.bodies():
        refine(inner, engine)

"""Convolutions of a single sample that go the same way as their neighbours.

Torch takes small ones as a plain product, which is quicker if all of a program are small. Beside
others that oneDNN does, it costs more to change from one to the other each time than it spares.
"""

from __future__ import annotations

import math

from ....graph.program import Program, Step
from .. import conv

KINDS = frozenset(("convolution", "rectified_convolution"))


def apply(program: Program) -> None:
    """Where one is too large for a plain product, let oneDNN do all that have a window."""
    if program.updates or not conv.fuses_relu():
        return  # while training, kernels change at each step and are never packed
    steps = [step for step in program.steps if step.name in KINDS]
    if not any(_numbers(step) > conv.SMALL for step in steps):
        return
    for step in steps:
        if step.tape is None and step.node is not None and max(step.inputs[1].shape[:-2]) > 1:
            relu = step.name == "rectified_convolution"
            step.function = conv.with_bias(step.inputs, step.node.attributes, relu, least=0)


def _numbers(step: Step) -> int:
    """How many numbers of a sample go into it, as far as that is known."""
    return math.prod(size or 1 for size in step.inputs[0].shape[1:])

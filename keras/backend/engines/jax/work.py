"""About how much a traced program computes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

ELEMENT = 10  # operations in a product that take as long as one element of anything else


def work(traced: Any, on_processor: bool) -> float:
    """Operations of a jaxpr, roughly; infinite where nobody knows.

    Convolutions on a processor count as infinite as well: inside a loop XLA has none of its quick
    kernels for them.
    """
    total = 1.0
    for step in traced.eqns:
        name, settled = step.primitive.name, step.params
        if name == "while" or (name == "conv_general_dilated" and on_processor):
            return math.inf
        made = sum(math.prod(getattr(x.aval, "shape", ())) for x in step.outvars)
        inner = sum(work(x, on_processor) for x in _inside(settled))
        if name == "dot_general":
            (contracted, _), _ = settled["dimension_numbers"]
            shape = step.invars[0].aval.shape
            total += 2 * made * math.prod(shape[axis] for axis in contracted)
        elif name == "conv_general_dilated":
            kernel = step.invars[1].aval.shape
            filters = kernel[settled["dimension_numbers"].rhs_spec[0]]
            total += 2 * made * math.prod(kernel) / filters
        else:
            total += inner * settled.get("length", 1) if inner else ELEMENT * made
    return total


def _inside(settled: dict[str, Any]) -> Iterator[Any]:
    """The jaxprs within a step's settings: bodies of loops, branches, functions."""
    for value in settled.values():
        for item in value if isinstance(value, (tuple, list)) else (value,):
            found = getattr(item, "jaxpr", item)
            if hasattr(found, "eqns"):
                yield found

"""What the Inception networks are made of: blocks of branches, each a list of steps.

A step is a convolution, `(filters, size)`, with normalization and what is positive of it;
`(filters, size, 2)` halves the image. "avg" smoothes, "max" halves. A `Fork` ends in branches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..layers import AveragePooling2D, Conv2D, MaxPooling2D
from .steps import Tensor, joined, normal, relu

Step = Any  # a tuple, "avg", "max" or a Fork


@dataclass(frozen=True)
class Fork:
    """Branches that leave from a branch."""

    branches: Sequence[Sequence[Step]]


Block = Sequence[Sequence[Step]]

STEM: Sequence[Step] = [
    (32, 3, 2),
    (32, 3, 1, "valid"),
    (64, 3),
    "max",
    (80, 1, 1, "valid"),
    (192, 3, 1, "valid"),
    "max",
]


def unit(
    x: Tensor,
    filters: int,
    size: Any,
    strides: Any = 1,
    padding: str | None = None,
    name: str | None = None,
) -> Tensor:
    """A convolution without bias, normalized without a scale, and what is positive of it."""
    conv, bn = (f"{name}_conv", f"{name}_bn") if name else (None, None)
    padding = padding or ("valid" if strides == 2 else "same")
    x = Conv2D(filters, size, strides=strides, padding=padding, use_bias=False, name=conv)(x)
    return relu(normal(x, bn, scale=False), name)


def steps(x: Tensor, branch: Sequence[Step], fork: str | None = None) -> Tensor:
    """One after the other; `fork` is the name of what a fork's branches are joined to."""
    for step in branch:
        if step == "avg":
            x = AveragePooling2D(3, strides=1, padding="same")(x)
        elif step == "max":
            x = MaxPooling2D(3, strides=2)(x)
        elif isinstance(step, Fork):
            x = joined([steps(x, each) for each in step.branches], fork)
        else:
            x = unit(x, *step)
    return x


def branches(x: Tensor, block: Block, name: str, forks: Sequence[str | None] = ()) -> Tensor:
    """All branches of a block beside each other; `forks` names what forks are joined to."""
    names = iter(forks)
    made = [
        steps(x, branch, next(names) if any(isinstance(s, Fork) for s in branch) else None)
        for branch in block
    ]
    return joined(made, name)

"""From what other versions of Keras wrote to what ours writes: lists of small steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..version import Origin
from .gates import (
    cudnn as cudnn,
    keras1_gates as keras1_gates,
)
from .kernels import (
    flip as flip,
    keras1_axes as keras1_axes,
    keras1_conv1d as keras1_conv1d,
)
from .tree import (
    Upgrade as Upgrade,
)

WEIGHTS: list[Callable[[Any, list[Any], Origin], list[Any]]] = [
    keras1_axes,
    keras1_gates,
    keras1_conv1d,
    flip,
    cudnn,
]
"""What is done to a layer's arrays, in this order: `step(layer, arrays, origin) -> arrays`."""


def upgraded_config(
    entry: Mapping[str, Any], origin: Origin, own: Collection[str] = ()
) -> dict[str, Any]:
    """A model's `{"class_name", "config"}` in our own terms; `own`: the user's classes."""
    return Upgrade(origin, own).model(entry)


def upgraded_arrays(layer: Any, arrays: list[Any], origin: Origin) -> list[Any]:
    """A layer's arrays in the order and form of its own weights."""
    for step in WEIGHTS:
        arrays = step(layer, arrays, origin)
    return arrays

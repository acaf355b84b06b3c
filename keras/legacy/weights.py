"""Arrays of weights as Keras 1 laid them out, for `set_weights` and `weights=`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..layers.base.calls import to_list
from ..models import Network
from ..saving.pieces import Stored, counts, leaves, pieces
from ..saving.safety import FileError
from ..saving.upgrade import upgraded_arrays
from ..saving.version import Origin
from .arguments import warn

KERAS1 = Origin("1")


def upgraded(owner: Any, arrays: Sequence[Any]) -> Sequence[Any]:
    """A layer's or model's arrays in the form of its weights; what can't be read so comes back.

    Kernels had the filters first where channels come first, and gates had arrays of their own.
    """
    given = [np.asarray(array) for array in to_list(arrays)]
    holders = owner.layers if isinstance(owner, Network) else [owner]
    for split in (True, False):
        sizes = [_count(holder, split) for holder in holders]
        if sum(sizes) == len(given):
            found = _read(holders, sizes, given)
            if found is not None:
                who = type(owner).__name__
                warn(f"`{who}.set_weights`", ["kernels (*window, inputs, filters), gates together"])
                return found
    return arrays


def _count(holder: Any, split: bool) -> int:
    return sum(sum(counts(leaf, KERAS1, split)) for leaf in leaves(holder))


def _read(holders: Sequence[Any], sizes: Sequence[int], given: Sequence[Any]) -> list[Any] | None:
    """All arrays in the order of the weights; `None` if shapes don't fit."""
    found: list[Any] = []
    start = 0
    for holder, size in zip(holders, sizes, strict=True):
        own = list(given[start : start + size])
        start += size
        try:
            parts = pieces(holder, Stored(holder.name, [""] * size, own), KERAS1)
        except FileError:
            return None
        by_weight: dict[int, Any] = {}
        for leaf, numbers in parts:
            made = upgraded_arrays(leaf, [own[i] for i in numbers], KERAS1)
            if [tuple(w.shape) for w in leaf.weights] != [np.shape(a) for a in made]:
                return None
            by_weight.update(zip(map(id, leaf.weights), made, strict=True))
        found += [by_weight[id(weight)] for weight in holder.weights]
    return found

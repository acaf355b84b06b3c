"""Weights in the memory order that a fast function wants, kept from call to call."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


class Kept:
    """What `make` makes of a weight, for one step of a program.

    Of a weight that comes again without having changed (while predicting or evaluating) it is kept
    as `keep` makes it, which takes longer once and spares the function work at each call. Training
    changes weights at each step, and nothing is kept.
    """

    def __init__(self, make: Callable[[Any], Any], keep: Callable[[Any], Any]) -> None:
        self.make, self.keep = make, keep
        # Which weight, its version, what is kept: one tuple, so that threads see them together.
        self.state: tuple[Any, int, Any] = (lambda: None, -1, None)

    def __call__(self, weight: Any) -> Any:
        known, version, kept = self.state
        if kept is not None and known() is weight and version == weight._version:
            return kept if not weight.requires_grad else self.make(weight)
        # A gradient is to go through it; or nobody counts its versions.
        if weight.requires_grad or weight.is_inference():
            return self.make(weight)
        if known() is not weight or version != weight._version:
            self.state = weakref.ref(weight), weight._version, None
            return self.make(weight)
        kept = self.keep(weight)
        self.state = known, version, kept
        return kept

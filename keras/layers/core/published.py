"""Functions in the `Lambda` layers of published networks, and of models that Keras itself makes.

Files hold them by their names, or as code, which is never run; here they are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ... import backend as K

Function = Callable[..., Any]


def scaled_residual(inputs: list[Any], scale: float) -> Any:
    """x + scale * y, where Inception-ResNet v2 adds to the way past a block."""
    x, y = inputs
    return x + y * scale


def get_slice(data: Any, i: int, parts: int) -> Any:
    """Part number `i` of a batch that is cut into `parts`; the last one gets what remains."""
    size = K.shape(data)[0] // parts
    return data[i * size :] if i == parts - 1 else data[i * size : (i + 1) * size]


FUNCTIONS: dict[str, Function] = {"get_slice": get_slice, "scaled_residual": scaled_residual}
"""By the names under which files know them."""

LAYERS: dict[str, Function] = {r"block(35|17|8)_\d+": scaled_residual}
"""By the names of the layers that hold them as code."""


def of_layer(name: str) -> Function | None:
    """The function of the layer with this name, in whichever network has one."""
    return next((f for pattern, f in LAYERS.items() if re.fullmatch(pattern, name)), None)

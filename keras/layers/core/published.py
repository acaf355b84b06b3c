"""Functions in the `Lambda` layers of networks that were published.

Files of such networks hold them as code, which is never run, or by their names; here they are
found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def scaled_residual(inputs: list[Any], scale: float) -> Any:
    """x + scale * y, where Inception-ResNet v2 adds to the way past a block."""
    x, y = inputs
    return x + y * scale


FUNCTIONS: dict[str, Function] = {"scaled_residual": scaled_residual}
"""By the names under which our own files know them."""

LAYERS: dict[str, Function] = {r"block(35|17|8)_\d+": scaled_residual}
"""By the names of the layers that hold them as code."""


def of_layer(name: str) -> Function | None:
    """The function of the layer with this name, in whichever network has one."""
    return next((f for pattern, f in LAYERS.items() if re.fullmatch(pattern, name)), None)

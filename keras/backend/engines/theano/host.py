"""Sizes that aren't known before a program runs: numpy's arrays of numbers and of variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from ...graph.host import HOST
from .symbols import cast, is_symbol, sizes_of, symbol


def _shape(x: Any) -> Any:
    if not is_symbol(x):
        return HOST["shape"](x)
    sizes = sizes_of(x)
    return np.array(sizes, dtype=object if any(map(is_symbol, sizes)) else np.int32)


def _cast(x: Any, dtype: str) -> Any:
    return _each(lambda size: cast(size, dtype), x) if moves(x) else HOST["cast"](x, dtype)


def _getitem(x: Any, *moving: Any, key: Any) -> Any:
    if any(map(moves, moving)):
        from .arrange import TABLE  # the row for it, of a variable

        return TABLE["getitem"](array(x, "int32"), *moving, key=key)
    return HOST["getitem"](x, *moving, key=key)


def _extreme(name: str) -> Any:
    function = {"maximum": pt.maximum, "minimum": pt.minimum}[name]

    def run(x: Any, y: Any) -> Any:
        if not moves(x) and not moves(y):
            return HOST[name](x, y)
        return np.frompyfunc(lambda a, b: function(symbol(a), symbol(b)), 2, 1)(x, y)

    return run


def moves(x: Any) -> bool:
    """Whether it is, or holds, a size that isn't known yet."""
    return is_symbol(x) or (isinstance(x, np.ndarray) and x.dtype == object)


def _each(function: Any, x: Any) -> Any:
    return np.frompyfunc(lambda size: function(symbol(size)), 1, 1)(x)


def array(x: Any, dtype: str) -> Any:
    """Sizes as one variable, or as an array where all are known."""
    if is_symbol(x):
        return symbol(x, dtype)
    found = np.asarray(x)
    if found.dtype != object:
        return found.astype(dtype)
    sizes = [symbol(size, dtype) for size in found.flat]
    return pt.reshape(pt.stack(sizes), found.shape) if found.ndim else sizes[0]


FUNCTIONS: dict[str, Any] = {
    **HOST,
    "shape": _shape,
    "cast": _cast,
    "getitem": _getitem,
    "maximum": _extreme("maximum"),
    "minimum": _extreme("minimum"),
}

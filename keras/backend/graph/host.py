"""Sizes: arithmetic on shapes is done by numpy, beside the engine, so that it never waits for
it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def _cast(x: Any, dtype: str) -> Any:
    return np.asarray(x).astype(dtype)


def _getitem(x: Any, *moving: Any, key: Any) -> Any:
    from ..ops.index import real_key  # keys are an op's own, and ops know the graph

    return np.asarray(x)[real_key(key, moving)]


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims, **_: function(x, axis=axis, keepdims=keepdims)


HOST: Mapping[str, Callable[..., Any]] = {
    "shape": lambda x: np.array(x.shape, dtype=np.int32),
    "getitem": _getitem,
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.true_divide,
    "floor_divide": np.floor_divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "mod": np.mod,
    "cast": _cast,
    "prod": _reduced(np.prod),
    "stack": lambda *xs, axis: np.stack(xs, axis),
    "concatenate": lambda *xs, axis: np.concatenate(xs, axis),
    "expand_dims": lambda x, axis: np.expand_dims(x, axis),
    "squeeze": lambda x, axis: np.squeeze(x, axis),
    "reshape": lambda x, *sizes, shape: np.reshape(x, shape),
}

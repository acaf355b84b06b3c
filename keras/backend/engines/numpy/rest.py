"""Rows that numpy has no single function for: picking, soft maxima, random numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...ops.arrange import fill_in
from ...ops.index import real_key
from .. import arrays, draws
from ..arrays import of_floats
from ..protocol import Stateful


def _put_slice(g: Any, like: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    made = np.zeros(like.shape, g.dtype)
    made[real_key(key, moving)] = g
    return made


def _put_rows(g: Any, indices: Any, like: Any, axis: int) -> Any:
    made = np.zeros(like.shape, g.dtype)
    inside = np.clip(indices, 0, max(like.shape[axis] - 1, 0))
    np.add.at(made, (slice(None),) * axis + (inside,), g)
    return made


def _lowered(x: Any, axis: Any) -> tuple[Any, Any]:
    """Exponents less the greatest, so that nothing overflows and no digits are lost; and that."""
    highest = np.max(x, axis, keepdims=True)
    highest = np.where(np.isfinite(highest), highest, 0).astype(x.dtype)
    return x - highest, highest


def _log_sum(x: Any, axis: Any, keepdims: bool) -> Any:
    """log(sum(exp(x)))"""
    lowered, highest = _lowered(x, axis)
    with np.errstate(divide="ignore"):
        made = np.log(np.sum(np.exp(lowered), axis, keepdims=True)) + highest
    return made if keepdims else np.squeeze(made, axis)


def _softmax(x: Any, axis: int) -> Any:
    parts = np.exp(_lowered(x, axis)[0])
    return parts / np.sum(parts, axis, keepdims=True)


def _log_softmax(x: Any, axis: int) -> Any:
    lowered, _ = _lowered(x, axis)
    with np.errstate(divide="ignore"):
        return lowered - np.log(np.sum(np.exp(lowered), axis, keepdims=True))


def _sigmoid(x: Any) -> Any:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def _distribution(draw: Any) -> Stateful:
    def make(node: Any, shape: Any, dtype: str, seed: int, **parameters: Any) -> Any:
        source = draws.source_of(node, seed)

        def run(*sizes: Any) -> Any:
            return np.asarray(draw(source, fill_in(shape, sizes), **parameters), dtype=dtype)

        return run

    return Stateful(make)


def _dropout_mask(node: Any, level: float, shape: Any, seed: int) -> Any:
    source = draws.source_of(node, seed)

    def run(x: Any, *sizes: Any) -> Any:
        size = x.shape if shape is None else fill_in(shape, sizes)
        return np.asarray(draws.kept(source, size, level), dtype=x.dtype)

    return run


TABLE: dict[str, Any] = {
    **arrays.elementwise(np),
    **arrays.arrange(np),
    **arrays.reductions(np),
    "rsqrt": of_floats(np, lambda x: 1 / np.sqrt(x)),
    "sigmoid": of_floats(np, _sigmoid),
    "softplus": of_floats(np, lambda x: np.logaddexp(x, np.zeros((), x.dtype))),
    "erf": of_floats(np, lambda x: np.vectorize(math.erf, otypes=[x.dtype])(x)),
    "stop_gradient": lambda x: x,
    "getitem": lambda x, *moving, key: x[real_key(key, moving)],
    "put_slice": _put_slice,
    "put_rows": _put_rows,
    "one_hot": lambda i, num_classes, dtype: np.equal(i[..., None], np.arange(num_classes)).astype(
        dtype
    ),
    "logsumexp": _log_sum,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "random_uniform": _distribution(draws.uniform),
    "random_normal": _distribution(draws.normal),
    "truncated_normal": _distribution(draws.truncated),
    "random_binomial": _distribution(draws.binomial),
    "dropout_mask": Stateful(_dropout_mask),
}

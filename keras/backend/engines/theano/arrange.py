"""Rows of shapes, slices, picking and products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ...ops.index import MOVING, Cut
from .symbols import (
    alike,
    cast,
    common,
    filled,
    filled_with,
    is_symbol,
    size_vector,
    sizes_of,
    spread_over,
    stretch_to,
    stretched,
    sum_to,
    symbol,
)


def _reshape(x: Any, *moving: Any, shape: Any) -> Any:
    return pt.reshape(x, filled(shape, moving), ndim=len(shape))


def _split(x: Any, sizes: Sequence[Any], axis: int) -> tuple[Any, ...]:
    if len(sizes) == 1:
        return (x,)
    made: Any = pt.split(x, size_vector(sizes), n_splits=len(sizes), axis=axis)
    return tuple(made)


def _stack(*xs: Any, axis: int) -> Any:
    xs = tuple(alike(*xs))
    if len({x.type.shape for x in xs}) > 1:
        xs = tuple(stretched(*xs))
    return pt.stack(xs, axis)


def _tile(x: Any, *moving: Any, repeats: Any) -> Any:
    """Each axis beside a new one that is as long as there are repeats."""
    times, sizes = filled(repeats, moving), sizes_of(x)
    paired = [size for pair in zip(times, sizes, strict=True) for size in pair]
    between: list[Any] = [name for i in range(len(sizes)) for name in ("x", i)]
    whole = spread_over(x.dimshuffle(between), paired)
    final = [t * s for t, s in zip(times, sizes, strict=True)]
    return pt.reshape(whole, final, ndim=len(sizes))


def _pad(x: Any, padding: Any, value: Any) -> Any:
    sizes = sizes_of(x)
    around = [s + a + b for s, (a, b) in zip(sizes, padding, strict=True)]
    inside = tuple(slice(a, a + s) for s, (a, _) in zip(sizes, padding, strict=True))
    return pt.set_subtensor(filled_with(value, around, x.dtype)[inside], x)


def _full(*moving: Any, value: Any, shape: Any, dtype: str) -> Any:
    return filled_with(value, filled(shape, moving), dtype)


def _arange(*moving: Any, given: Any, dtype: str) -> Any:
    bounds = iter(moving)
    return pt.arange(*[next(bounds) if b is None else b for b in given], dtype=dtype)


def _take(x: Any, indices: Any, axis: int) -> Any:
    return symbol(x)[_rows(symbol(x), indices, axis)]


def _rows(x: Any, indices: Any, axis: int) -> tuple[Any, ...]:
    """The key of some rows; numbers beyond the edge mean the one at the edge."""
    indices = cast(symbol(indices), "int64")
    last = pt.maximum(symbol(sizes_of(x)[axis], "int64") - 1, 0)
    inside = pt.maximum(pt.minimum(indices, last), symbol(0, "int64"))
    return (*(slice(None),) * axis, inside)


def _put_rows(g: Any, indices: Any, like: Any, axis: int) -> Any:
    zeros = filled_with(0, sizes_of(like), g.dtype)
    return pt.inc_subtensor(zeros[_rows(like, indices, axis)], g)


def _key(key: tuple[Any, ...], moving: tuple[Any, ...]) -> tuple[Any, ...]:
    given = iter(moving)

    def number(value: Any) -> Any:
        if value != MOVING:
            return value
        found = next(given)
        return cast(found, "int64") if is_symbol(found) else int(found)

    return tuple(
        slice(number(p.start), number(p.stop), number(p.step)) if isinstance(p, Cut) else number(p)
        for p in key
    )


def _getitem(x: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    return symbol(x)[_key(key, moving)]


def _put_slice(g: Any, like: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    new = [i for i, p in enumerate(p for p in key if p is None or isinstance(p, Cut)) if p is None]
    g = g.dimshuffle([i for i in range(g.type.ndim) if i not in new])
    inner = tuple(p for p in _key(key, moving) if p is not None)
    if all(isinstance(p, slice) and p == slice(None) for p in inner):
        return g
    return pt.set_subtensor(filled_with(0, sizes_of(like), g.dtype)[inner], g)


def _one_hot(indices: Any, num_classes: int, dtype: str) -> Any:
    numbers = pt.arange(num_classes, dtype="int64")
    return cast(pt.eq(pt.shape_padright(cast(indices, "int64")), numbers), dtype)


def _matmul(x: Any, y: Any, transpose_x: bool, transpose_y: bool) -> Any:
    x, y = alike(x, y)
    x = _turned(x) if transpose_x else x
    y = _turned(y) if transpose_y else y
    if x.type.ndim == y.type.ndim == 2:
        return pt.dot(x, y)
    batches = x.type.shape[:-2], y.type.shape[:-2]
    return products(x, y) if any(None in b for b in batches) else pt.matmul(x, y)


class Products(Op):
    """Products of matrices, the numbers of which aren't known: either side may be stretched."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        rank = max(x.type.ndim, y.type.ndim) - 2
        batches = [(1,) * (rank + 2 - z.type.ndim) + z.type.shape[:-2] for z in (x, y)]
        shape = (*common(*batches), x.type.shape[-2], y.type.shape[-1])
        return Apply(self, [x, y], [pt.tensor(dtype=x.dtype, shape=shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = np.matmul(*inputs)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        (x, y), (g,) = inputs, cotangents
        return [
            sum_to(products(g, _turned(y)), x),
            sum_to(products(_turned(x), g), y),
        ]


products = Products()


def _turned(x: Any) -> Any:
    rank = x.type.ndim
    return x.dimshuffle([*range(rank - 2), rank - 1, rank - 2])


def _sliced(x: Any, axis: int, part: Any) -> Any:
    return x[(*(slice(None),) * axis, part)]


TABLE: dict[str, Any] = {
    "reshape": _reshape,
    "reshape_as": lambda x, like: pt.reshape(x, sizes_of(like), ndim=like.type.ndim),
    "sum_to_shape": lambda x, like: sum_to(x, symbol(like)),
    "stretch_to": lambda x, like: stretch_to(symbol(x), symbol(like)),
    "expand_dims": lambda x, axis: pt.expand_dims(x, axis),
    "squeeze": lambda x, axis: pt.squeeze(x, axis),
    "transpose": lambda x, pattern: x.dimshuffle(pattern),
    "concatenate": lambda *xs, axis: pt.concatenate(alike(*xs), axis=axis),
    "split": lambda x, sizes, axis: _split(x, sizes, axis),
    "split_like": lambda x, *like, axis: _split(x, [sizes_of(symbol(t))[axis] for t in like], axis),
    "stack": _stack,
    "unstack": lambda x, count, axis: tuple(_sliced(x, axis, i) for i in range(count)),
    "tile": _tile,
    "repeat_elements": lambda x, rep, axis: pt.repeat(x, rep, axis=axis),
    "reverse": lambda x, axes: x[
        tuple(slice(None, None, -1 if i in axes else None) for i in range(x.type.ndim))
    ],
    "pad": _pad,
    "full": _full,
    "full_like": lambda x, value, dtype: filled_with(value, sizes_of(x), dtype),
    "arange": _arange,
    "take": _take,
    "put_rows": _put_rows,
    "getitem": _getitem,
    "put_slice": _put_slice,
    "one_hot": _one_hot,
    "matmul": _matmul,
}

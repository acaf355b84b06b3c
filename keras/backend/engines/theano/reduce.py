"""Rows of reductions, in PyTensor's words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ...graph.dtypes import is_float
from .symbols import cast, is_symbol, sizes_of, stretch_to, symbol


def _count(x: Any, axis: Sequence[int]) -> Any:
    """The number of values along some axes: a number if it is known."""
    sizes = [sizes_of(x)[a] for a in axis]
    if not any(map(is_symbol, sizes)):
        return math.prod(sizes)
    total = symbol(1, "int64")
    for size in sizes:
        total = total * symbol(size, "int64")
    return total


def _sum(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if x.dtype == "bool":
        x = cast(x, "int32")
    return pt.sum(x, axis=axis, dtype=x.dtype, keepdims=keepdims) if axis else x


def _mean(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    total, count = _sum(x, axis, keepdims), _count(x, axis)
    if is_float(x.dtype):
        return total / symbol(count, x.dtype)
    return cast(cast(total, "float64") / symbol(count, "float64"), x.dtype)


class Product(Op):
    """The product along the last axis. PyTensor's own can be differentiated only once."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [pt.tensor(dtype=x.dtype, shape=x.type.shape[:-1])])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = np.asarray(np.prod(inputs[0], -1, dtype=inputs[0].dtype))

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [pt.shape_padright(cotangents[0]) * others(inputs[0])]


class Others(Op):
    """For each value along the last axis, the product of all others."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = _products_of_others(inputs[0])

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [OthersBack()(inputs[0], cotangents[0])]


class OthersBack(Op):
    """The gradient of the products of others: each product, one factor of which is a gradient."""

    __props__ = ()

    def make_node(self, x: Any, g: Any) -> Apply:
        return Apply(self, [x, g], [x.type()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x, g = inputs
        made = np.zeros_like(x)
        for i in range(x.shape[-1]):
            changed = x.copy()
            changed[..., i] = g[..., i]
            found = _products_of_others(changed)
            found[..., i] = 0
            made += found
        outputs[0][0] = made


def _products_of_others(x: Any) -> Any:
    """Those before, times those after: no division, so zeros may be among them."""
    before, after = np.ones_like(x), np.ones_like(x)
    np.cumprod(x[..., :-1], -1, out=before[..., 1:])
    np.cumprod(x[..., :0:-1], -1, out=after[..., -2::-1])
    return before * after


others = Others()


def _prod(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if not axis:
        return x
    kept = [i for i in range(x.type.ndim) if i not in axis]
    sizes = [sizes_of(x)[i] for i in kept]
    made = Product()(pt.reshape(x.dimshuffle([*kept, *axis]), [*sizes, -1], ndim=len(kept) + 1))
    return pt.expand_dims(made, axis) if keepdims else made


def _of_truth(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
        x = x if x.dtype == "bool" else pt.neq(x, symbol(0, x.dtype))
        return function(x, axis=axis, keepdims=keepdims) if axis else x

    return run


def _extreme(function: Callable[..., Any], of_truth: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
        if not axis:
            return x
        return (of_truth if x.dtype == "bool" else function)(x, axis=axis, keepdims=keepdims)

    return run


def _place(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, axis: int) -> Any:
        return function(cast(x, "int32") if x.dtype == "bool" else x, axis=axis)

    return run


def _argmin(x: Any, axis: int) -> Any:
    """The first of the least values; unsigned integers have no negatives."""
    return pt.argmax(-(cast(x, "int64") if x.dtype.startswith("u") else x), axis=axis)


def _spread(g: Any, x: Any, axis: tuple[int, ...], keepdims: bool, shared: bool) -> Any:
    g = symbol(g, x.dtype)
    if shared:
        count = _count(x, axis)
        least = symbol(1, "int64")
        g = g / symbol(pt.maximum(count, least) if is_symbol(count) else count or 1, x.dtype)
    if not keepdims and g.type.ndim:
        g = pt.expand_dims(g, axis)
    return stretch_to(g, x)


def _highest(x: Any, axis: tuple[int, ...]) -> Any:
    """What is taken out of exponents, so that nothing overflows."""
    highest = pt.max(x, axis=axis, keepdims=True) if axis else x
    infinite = pt.or_(pt.isnan(highest), pt.isinf(highest))
    return pt.switch(infinite, symbol(0, x.dtype), highest)


def _softmax(x: Any, axis: int) -> Any:
    """PyTensor's own is a graph within the graph, which the default mode compiles by itself."""
    parts = pt.exp(x - _highest(x, (axis,)))
    return parts / _sum(parts, (axis,), True)


def _log_softmax(x: Any, axis: int) -> Any:
    lowered = x - _highest(x, (axis,))
    return lowered - pt.log(_sum(pt.exp(lowered), (axis,), True))


def _log_sum(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """log(sum(exp(x)))"""
    highest = _highest(x, axis)
    made = pt.log(_sum(pt.exp(x - highest), axis, True)) + highest
    return made if keepdims or not axis else pt.squeeze(made, axis)


def _softmax_gradient(g: Any, y: Any, axis: int) -> Any:
    g = symbol(g, y.dtype)
    return y * (g - pt.sum(g * y, axis=axis, keepdims=True))


def _running(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis: cast(function(x, axis=axis), x.dtype)


TABLE: dict[str, Any] = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "max": _extreme(pt.max, pt.any),
    "min": _extreme(pt.min, pt.all),
    "any": _of_truth(pt.any),
    "all": _of_truth(pt.all),
    "argmax": _place(pt.argmax),
    "argmin": _place(_argmin),
    "extent": lambda x, axis: symbol(_count(x, axis), x.dtype),
    "spread": _spread,
    "cumsum": _running(pt.cumsum),
    "cumprod": _running(pt.cumprod),
    "logsumexp": _log_sum,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "softmax_gradient": _softmax_gradient,
}

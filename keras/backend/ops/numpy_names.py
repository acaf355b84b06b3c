"""numpy's functions on symbolic tensors: `np.sqrt(x)`, `np.mean(x, axis=0)`, `np.concatenate([x,
y])`.

A table from numpy's function to one with numpy's arguments, made of the ops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.shapes import axes_of, axis_of, shape_of
from ..graph.tensor import FOREIGN
from . import activations, arrange, create, elementwise, index, linalg, reduce, truth

LOG2, LOG10 = float(np.log(2.0)), float(np.log(10.0))

UFUNCS: dict[Any, Callable[..., Any]] = {
    np.add: elementwise.add,
    np.subtract: elementwise.subtract,
    np.multiply: elementwise.multiply,
    np.divide: elementwise.divide,
    np.floor_divide: elementwise.floor_divide,
    np.remainder: elementwise.mod,
    np.power: elementwise.power,
    np.float_power: elementwise.power,
    np.maximum: elementwise.maximum,
    np.minimum: elementwise.minimum,
    np.arctan2: elementwise.arctan2,
    np.matmul: linalg.matmul,
    np.negative: elementwise.negative,
    np.positive: elementwise.identity,
    np.absolute: elementwise.abs,
    np.fabs: elementwise.abs,
    np.sign: elementwise.sign,
    np.rint: elementwise.round,
    np.floor: elementwise.floor,
    np.ceil: elementwise.ceil,
    np.square: elementwise.square,
    np.sqrt: elementwise.sqrt,
    np.reciprocal: lambda x: 1.0 / x,
    np.exp: elementwise.exp,
    np.exp2: lambda x: elementwise.exp(x * LOG2),
    np.expm1: elementwise.expm1,
    np.log: elementwise.log,
    np.log1p: elementwise.log1p,
    np.log2: lambda x: elementwise.log(x) / LOG2,
    np.log10: lambda x: elementwise.log(x) / LOG10,
    np.sin: elementwise.sin,
    np.cos: elementwise.cos,
    np.tan: elementwise.tan,
    np.tanh: activations.tanh,
    np.sinh: lambda x: (elementwise.exp(x) - elementwise.exp(-x)) * 0.5,
    np.cosh: lambda x: (elementwise.exp(x) + elementwise.exp(-x)) * 0.5,
    np.isnan: truth.isnan,
    np.isfinite: truth.isfinite,
    np.isinf: lambda x: truth.logical_not(truth.logical_or(truth.isfinite(x), truth.isnan(x))),
    np.equal: truth.equal,
    np.not_equal: truth.not_equal,
    np.greater: truth.greater,
    np.greater_equal: truth.greater_equal,
    np.less: truth.less,
    np.less_equal: truth.less_equal,
    np.logical_and: truth.logical_and,
    np.logical_or: truth.logical_or,
    np.logical_not: truth.logical_not,
}


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, axis=None, keepdims=False: function(a, axis, keepdims)


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    """numpy flattens first where it is given no axis."""

    def call(a: Any, axis: int | None = None) -> Any:
        return function(arrange.flatten(a), 0) if axis is None else function(a, axis)

    return call


def _squeeze(a: Any, axis: Any = None) -> Any:
    sizes = shape_of(a)
    chosen = (
        [i for i, s in enumerate(sizes) if s == 1] if axis is None else axes_of(axis, len(sizes))
    )
    for i in reversed(chosen):
        a = arrange.squeeze(a, i)
    return a


def _transpose(a: Any, axes: Any = None) -> Any:
    return arrange.transpose(a) if axes is None else arrange.permute_dimensions(a, axes)


def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    order = list(range(len(shape_of(a))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return arrange.permute_dimensions(a, order)


def _moveaxis(a: Any, source: int, destination: int) -> Any:
    rank = len(shape_of(a))
    first, second = axis_of(source, rank, "moveaxis"), axis_of(destination, rank, "moveaxis")
    order = [i for i in range(rank) if i != first]
    order.insert(second, first)
    return arrange.permute_dimensions(a, order)


def _expand_dims(a: Any, axis: Any) -> Any:
    rank = len(shape_of(a)) + (len(axis) if isinstance(axis, (list, tuple)) else 1)
    for i in axes_of(axis, rank):
        a = arrange.expand_dims(a, i)
    return a


def _repeat(a: Any, repeats: int, axis: int | None = None) -> Any:
    if axis is None:
        a, axis = arrange.flatten(a), 0
    return arrange.repeat_elements(a, repeats, axis)


def _flip(m: Any, axis: Any = None) -> Any:
    return arrange.reverse(m, axis)


def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    axis = axis_of(axis, len(shape_of(ary)), "split")
    size = shape_of(ary)[axis]
    if size is None:
        raise ValueError(f"np.split needs a known size along axis {axis}, got {tuple(ary.shape)}.")
    sizes = [len(part) for part in np.split(np.arange(size), indices_or_sections)]
    return list(arrange.split(ary, sizes, axis))


def _pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    if mode != "constant":
        raise ValueError(f"np.pad of a symbolic tensor has mode 'constant', got {mode!r}.")
    rank = len(shape_of(array))
    pairs = np.broadcast_to(np.asarray(pad_width), (rank, 2))
    return arrange.pad(array, tuple((int(a), int(b)) for a, b in pairs), constant_values)


def _round(a: Any, decimals: int = 0) -> Any:
    return (
        elementwise.round(a * 10.0**decimals) / 10.0**decimals if decimals else elementwise.round(a)
    )


def _take(a: Any, indices: Any, axis: int | None = None) -> Any:
    return index.gather_along(
        *((arrange.flatten(a), indices, 0) if axis is None else (a, indices, axis))
    )


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: _reduction(reduce.sum),
    np.mean: _reduction(reduce.mean),
    np.max: _reduction(reduce.max),
    np.amax: _reduction(reduce.max),
    np.min: _reduction(reduce.min),
    np.amin: _reduction(reduce.min),
    np.prod: _reduction(reduce.prod),
    np.any: _reduction(reduce.any),
    np.all: _reduction(reduce.all),
    np.std: _reduction(reduce.std),
    np.var: _reduction(reduce.var),
    np.argmax: _along(reduce.argmax),
    np.argmin: _along(reduce.argmin),
    np.cumsum: _along(reduce.cumsum),
    np.cumprod: _along(reduce.cumprod),
    np.concatenate: lambda arrays, axis=0: arrange.concatenate(list(arrays), axis),
    np.stack: lambda arrays, axis=0: arrange.stack(list(arrays), axis),
    np.split: _split,
    np.reshape: lambda a, shape: arrange.reshape(a, (shape,) if isinstance(shape, int) else shape),
    np.ravel: arrange.flatten,
    np.squeeze: _squeeze,
    np.expand_dims: _expand_dims,
    np.transpose: _transpose,
    np.swapaxes: _swapaxes,
    np.moveaxis: _moveaxis,
    np.tile: lambda A, reps: arrange.tile(A, reps),
    np.repeat: _repeat,
    np.flip: _flip,
    np.pad: _pad,
    np.take: _take,
    np.where: truth.where,
    np.clip: elementwise.clip,
    np.round: _round,
    np.dot: linalg.dot,
    np.zeros_like: create.zeros_like,
    np.ones_like: create.ones_like,
    np.full_like: create.full_like,
    np.shape: lambda a: tuple(shape_of(a)),
    np.ndim: lambda a: len(shape_of(a)),
}

FOREIGN.update({**UFUNCS, **FUNCTIONS})

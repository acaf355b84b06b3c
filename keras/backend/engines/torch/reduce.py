"""Rows of reductions."""

from __future__ import annotations

import math
from typing import Any

import torch

from ...graph.dtypes import is_float
from ..protocol import Prepared
from .elementwise import dtype_named, is_number


def _over(function: Any, every: Any) -> Prepared:
    """A reduction that torch has for all axes at once and for a list of axes."""

    def prepare(inputs: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
        if len(axis) == len(inputs[0].shape) and not keepdims:
            return every
        return lambda x: function(x, axis, keepdims)

    return Prepared(prepare)


def _size(x: Any, axis: tuple[int, ...]) -> int | None:
    """How many values there are along some axes, if it is known before the program runs."""
    sizes = [x.shape[a] for a in axis]
    return None if None in sizes else math.prod(sizes)


def _without(axis: tuple[int, ...], keepdims: bool) -> Any:
    """A reduction along axes of one value each: there is nothing to do."""
    return (lambda x: x) if keepdims else (lambda x: x.squeeze(axis))


def _sum(inputs: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    dtype = inputs[0].dtype
    if not axis:
        return lambda x: x
    if dtype.startswith(("int", "uint", "bool")):
        wanted = dtype_named("int32" if dtype == "bool" else dtype)
        return lambda x: torch.sum(x, axis, keepdims, dtype=wanted)
    if _size(inputs[0], axis) == 1:
        return _without(axis, keepdims)
    if len(axis) == len(inputs[0].shape) and not keepdims:
        return torch.sum
    if len(axis) == 1:  # torch is faster with a number than with a tuple of one
        only = axis[0]
        return lambda x: torch.sum(x, only, keepdims)
    return lambda x: torch.sum(x, axis, keepdims)


def _mean(inputs: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if not axis:
        return lambda x: x
    if not is_float(inputs[0].dtype):
        wanted = dtype_named(inputs[0].dtype)

        def whole(x: Any) -> Any:
            total = torch.sum(x, axis, keepdims)
            count = math.prod(x.shape[a] for a in axis)
            return torch.div(total, count, rounding_mode="trunc").to(wanted)

        return whole
    if _size(inputs[0], axis) == 1:
        return _without(axis, keepdims)
    if len(axis) == len(inputs[0].shape) and not keepdims:
        return torch.mean
    return lambda x: torch.mean(x, axis, keepdims)


def _one_by_one(function: Any) -> Prepared:
    """A reduction that torch has for one axis only."""

    def prepare(inputs: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
        def run(x: Any) -> Any:
            for a in reversed(axis):
                x = function(x, a, keepdims)
            return x

        return run

    return Prepared(prepare)


def _prod(inputs: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    wanted = dtype_named(inputs[0].dtype)

    def run(x: Any) -> Any:
        for a in reversed(axis):
            x = torch.prod(x, a, keepdims, dtype=wanted)
        return x

    return run


def _spread(inputs: Any, axis: tuple[int, ...], keepdims: bool, shared: bool) -> Any:
    everything = len(axis) == len(inputs[1].shape) and not keepdims
    number = is_number(inputs[0])
    single = _size(inputs[1], axis) == 1

    def run(g: Any, x: Any) -> Any:
        shape = x.shape
        if shared and not single:
            count = x.numel() if everything else math.prod([shape[a] for a in axis])
            g = g / (count or 1)  # of nothing, nothing has a gradient
        if number:
            return torch.full(shape, g, dtype=x.dtype, device=x.device)
        if not keepdims and not everything:
            for a in axis:
                g = g.unsqueeze(a)
        return g.expand(shape)

    return run


def _extent(inputs: Any, axis: tuple[int, ...]) -> Any:
    if len(axis) == len(inputs[0].shape):
        return lambda x: x.numel()
    return lambda x: math.prod([x.shape[a] for a in axis])


def _running(function: Any) -> Prepared:
    def prepare(inputs: Any, axis: int) -> Any:
        wanted = dtype_named(inputs[0].dtype)
        return lambda x: function(x, axis, dtype=wanted)

    return Prepared(prepare)


def _logsumexp(inputs: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    return lambda x: torch.logsumexp(x, axis, keepdims)


TABLE: dict[str, Any] = {
    "sum": Prepared(_sum),
    "mean": Prepared(_mean),
    "max": _over(torch.amax, torch.amax),
    "min": _over(torch.amin, torch.amin),
    "prod": Prepared(_prod),
    "any": _one_by_one(lambda x, axis, keepdims: torch.any(x.bool(), axis, keepdims)),
    "all": _one_by_one(lambda x, axis, keepdims: torch.all(x.bool(), axis, keepdims)),
    "argmax": lambda x, axis: torch.argmax(x, axis),
    "argmin": lambda x, axis: torch.argmin(x, axis),
    "spread": Prepared(_spread),
    "extent": Prepared(_extent),
    "cumsum": _running(torch.cumsum),
    "cumprod": _running(torch.cumprod),
    "logsumexp": Prepared(_logsumexp),
    "softmax": lambda x, axis: torch.softmax(x, axis),
    "softmax_gradient": lambda g, y, axis: torch._softmax_backward_data(g, y, axis, y.dtype),
    "log_softmax": lambda x, axis: torch.log_softmax(x, axis),
}

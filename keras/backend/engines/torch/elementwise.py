"""Rows of single elements."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch

from ... import config
from ...graph.dtypes import is_float
from ..protocol import Prepared

aten: Any = torch.ops.aten

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def is_number(value: Any) -> bool:
    return type(value) in (bool, int, float)


def dtype_named(name: str) -> torch.dtype:
    found: torch.dtype = getattr(torch, name)
    return found


def comparison(function: Callable[..., Any], swapped: Callable[..., Any]) -> Prepared:
    """Torch compares a tensor with a number, not a number with a tensor."""

    def prepare(inputs: Any) -> Callable[..., Any]:
        return (lambda x, y: swapped(y, x)) if is_number(inputs[0]) else function

    return Prepared(prepare)


def _extreme(function: Callable[..., Any], bound: str) -> Prepared:
    def prepare(inputs: Any) -> Callable[..., Any]:
        x, y = inputs
        if is_number(y):
            return lambda x, y: torch.clamp(x, **{bound: y})
        if is_number(x):
            return lambda x, y: torch.clamp(y, **{bound: x})
        if x.dtype != y.dtype:
            wanted = torch.promote_types(dtype_named(x.dtype), dtype_named(y.dtype))
            return lambda x, y: function(x.to(wanted), y.to(wanted))
        return function

    return Prepared(prepare)


def _clip(inputs: Any) -> Callable[..., Any]:
    _, low, high = inputs
    if (is_number(low) or low is None) and (is_number(high) or high is None):
        return torch.clamp

    def general(x: Any, low: Any, high: Any) -> Any:
        x = x if high is None else torch.clamp(x, max=high)
        return x if low is None else torch.clamp(x, min=low)

    return general


def _power(inputs: Any) -> Callable[..., Any]:
    if is_number(inputs[1]) and inputs[1] == 0.5:
        return lambda x, y: torch.sqrt(x)
    return operator.pow


def _float_first(function: Callable[..., Any]) -> Prepared:
    """Functions of floats: integers are made floats first, as the op's rule says."""

    def prepare(inputs: Any) -> Callable[..., Any]:
        if is_number(inputs[0]):
            return lambda x: function(torch.tensor(float(x)))
        if not is_float(inputs[0].dtype):
            wanted = dtype_named(config.floatx())
            return lambda x: function(x.to(wanted))
        return function

    return Prepared(prepare)


def _where(inputs: Any) -> Callable[..., Any]:
    condition, x, y = inputs
    if is_number(condition):
        return lambda c, x, y: x if c else y
    if is_number(x) and is_number(y):
        return lambda c, x, y: torch.where(c, torch.tensor(x, device=c.device), y)
    if not is_number(x) and not is_number(y) and x.dtype != y.dtype:
        wanted = torch.promote_types(dtype_named(x.dtype), dtype_named(y.dtype))
        return lambda c, x, y: torch.where(c, x.to(wanted), y.to(wanted))
    if condition.dtype != "bool":
        return lambda c, x, y: torch.where(c.bool(), x, y)
    return torch.where


def _cast(inputs: Any, dtype: str) -> Callable[..., Any]:
    wanted = dtype_named(dtype)
    if is_number(inputs[0]):
        return lambda x: torch.tensor(x, dtype=wanted)
    short = SHORT_CASTS.get(dtype)
    return short if short is not None else lambda x: x.to(wanted)


SHORT_CASTS: dict[str, Any] = {
    "float32": torch.Tensor.float,
    "float64": torch.Tensor.double,
    "int64": torch.Tensor.long,
    "int32": torch.Tensor.int,
    "bool": torch.Tensor.bool,
}


def _sqrt(inputs: Any) -> Callable[..., Any]:
    """The square root of what is below zero is 0, as in classic Keras."""
    if is_number(inputs[0]):
        return lambda x: torch.tensor(max(float(x), 0.0)).sqrt()
    return lambda x: torch.sqrt(torch.clamp(x, min=0.0))


def _truth(x: Any) -> Any:
    return x.bool() if isinstance(x, torch.Tensor) else torch.tensor(bool(x))


def _threshold(inputs: Any) -> Callable[..., Any]:
    backward = aten.threshold_backward.default
    return lambda g, y: backward(g, y, 0)


def _abs(x: Any) -> Any:
    return abs(x)


def _rectify(inputs: Any) -> Callable[..., Any]:
    return (lambda x: torch.tensor(max(x, 0))) if is_number(inputs[0]) else torch.relu


TABLE: dict[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "mod": operator.mod,
    "power": Prepared(_power),
    "maximum": _extreme(torch.maximum, "min"),
    "minimum": _extreme(torch.minimum, "max"),
    "arctan2": torch.atan2,
    "negative": operator.neg,
    "abs": _abs,
    "exp": _float_first(torch.exp),
    "expm1": _float_first(torch.expm1),
    "log": _float_first(torch.log),
    "log1p": _float_first(torch.log1p),
    "sqrt": Prepared(_sqrt),
    "rsqrt": _float_first(torch.rsqrt),
    "square": torch.square,
    "sin": _float_first(torch.sin),
    "cos": _float_first(torch.cos),
    "tan": _float_first(torch.tan),
    "tanh": _float_first(torch.tanh),
    "tanh_gradient": aten.tanh_backward.default,
    "sigmoid": _float_first(torch.sigmoid),
    "sigmoid_gradient": aten.sigmoid_backward.default,
    "softplus": _float_first(torch.nn.functional.softplus),
    "erf": _float_first(torch.erf),
    "elu": lambda x, alpha: torch.nn.functional.elu(x, alpha),
    "rectify": Prepared(_rectify),
    "rectify_gradient": Prepared(_threshold),
    "sign": torch.sign,
    "round": torch.round,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "isnan": torch.isnan,
    "isfinite": torch.isfinite,
    "equal": comparison(torch.eq, torch.eq),
    "not_equal": comparison(torch.ne, torch.ne),
    "greater": comparison(torch.gt, torch.lt),
    "greater_equal": comparison(torch.ge, torch.le),
    "less": comparison(torch.lt, torch.gt),
    "less_equal": comparison(torch.le, torch.ge),
    "logical_and": lambda x, y: torch.logical_and(_truth(x), _truth(y)),
    "logical_or": lambda x, y: torch.logical_or(_truth(x), _truth(y)),
    "logical_not": lambda x: torch.logical_not(_truth(x)),
    "where": Prepared(_where),
    "clip": Prepared(_clip),
    "cast": Prepared(_cast),
    "identity": lambda x, **_: x,
    "stop_gradient": lambda x: x,
}

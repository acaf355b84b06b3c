"""Rows of single elements, in PyTensor's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytensor.tensor as pt

from ... import config
from ...graph.dims import RULES
from ...graph.dtypes import is_float
from .symbols import alike, cast, filled_with, is_symbol, sizes_of, stretched, symbol

Row = Callable[..., Any]


def _arithmetic(function: Row) -> Row:
    """A row whose operands take the dtype of the result, which it keeps."""

    def run(*operands: Any) -> Any:
        ready = alike(*operands)
        return cast(function(*ready), ready[0].dtype)

    return run


def _comparison(function: Row) -> Row:
    return lambda x, y: function(*alike(x, y))


def _of_floats(function: Row) -> Row:
    """Integers are made floats first, as the op's rule says."""

    def run(x: Any) -> Any:
        return function(x if is_float(x.dtype) else cast(x, config.floatx()))

    return run


def _divide(x: Any, y: Any) -> Any:
    x, y = alike(x, y)
    if not is_float(x.dtype):
        x, y = (cast(v, config.floatx()) for v in (x, y))
    return x / y


def _truth(x: Any) -> Any:
    return x if is_symbol(x) and x.dtype == "bool" else pt.neq(symbol(x), 0)


def _isfinite(x: Any) -> Any:
    if not is_float(x.dtype):
        return filled_with(True, sizes_of(x), "bool")
    return pt.invert(pt.or_(pt.isnan(x), pt.isinf(x)))


def _isnan(x: Any) -> Any:
    return pt.isnan(x) if is_float(x.dtype) else filled_with(False, sizes_of(x), "bool")


def _clip(x: Any, low: Any, high: Any) -> Any:
    x = x if high is None else pt.minimum(x, symbol(high, x.dtype))
    return x if low is None else pt.maximum(x, symbol(low, x.dtype))


def _softplus(x: Any) -> Any:
    """log(1 + exp(x)), which doesn't overflow."""
    return pt.maximum(x, symbol(0, x.dtype)) + pt.log1p(pt.exp(-pt.abs(x)))


def _where(condition: Any, x: Any, y: Any) -> Any:
    return pt.switch(_truth(condition), *alike(x, y))


def _one(x: Any) -> Any:
    return symbol(1, x.dtype)


def _same_dtype(function: Row) -> Row:
    return lambda x: cast(function(x), x.dtype)


def unsure(name: str, inputs: Any) -> bool:
    """Whether operands may have to be stretched along axes of which it isn't known yet."""
    if RULES.get(name) is not RULES["add"]:
        return False
    given = [x.dims for x in inputs if getattr(x, "dims", None) is not None]
    shapes = [x.shape for x in inputs if hasattr(x, "shape")]
    if len(given) < len(shapes):  # nothing is said of some: the shapes themselves must do
        return len(set(map(tuple, shapes))) > 1 or any(None in s for s in shapes)
    for axis in range(-max(map(len, given), default=0), 0):
        sizes = {d[axis] for d in given if -axis <= len(d)} - {1}
        if len(sizes) > 1 and min(sizes) < 0:
            return True
    return False


def stretching(row: Row) -> Row:
    """A row whose operands are stretched to each other first."""

    def run(*operands: Any) -> Any:
        places = [i for i, x in enumerate(operands) if getattr(x, "ndim", None) is not None]
        ready = list(operands)
        made = stretched(*[symbol(operands[i]) for i in places])
        for i, x in zip(places, made, strict=True):
            ready[i] = x
        return row(*ready)

    return run


TABLE: dict[str, Row] = {
    "add": _arithmetic(pt.add),
    "subtract": _arithmetic(pt.sub),
    "multiply": _arithmetic(pt.mul),
    "divide": _divide,
    "floor_divide": _arithmetic(pt.int_div),
    "mod": _arithmetic(pt.mod),
    "power": _arithmetic(pt.power),
    "maximum": _arithmetic(pt.maximum),
    "minimum": _arithmetic(pt.minimum),
    "arctan2": _arithmetic(pt.arctan2),
    "negative": lambda x: -x,
    "abs": pt.abs,
    "square": lambda x: x * x,
    "sign": _same_dtype(pt.sign),
    "round": _same_dtype(lambda x: pt.round(x, mode="half_to_even")),
    "floor": _same_dtype(pt.floor),
    "ceil": _same_dtype(pt.ceil),
    "isnan": _isnan,
    "isfinite": _isfinite,
    "equal": _comparison(pt.eq),
    "not_equal": _comparison(pt.neq),
    "greater": _comparison(pt.gt),
    "greater_equal": _comparison(pt.ge),
    "less": _comparison(pt.lt),
    "less_equal": _comparison(pt.le),
    "exp": _of_floats(pt.exp),
    "expm1": _of_floats(pt.expm1),
    "log": _of_floats(pt.log),
    "log1p": _of_floats(pt.log1p),
    "sin": _of_floats(pt.sin),
    "cos": _of_floats(pt.cos),
    "tan": _of_floats(pt.tan),
    "tanh": _of_floats(pt.tanh),
    "sqrt": _of_floats(lambda x: pt.sqrt(pt.maximum(x, symbol(0, x.dtype)))),
    "rsqrt": _of_floats(lambda x: _one(x) / pt.sqrt(x)),
    "sigmoid": _of_floats(pt.sigmoid),
    "softplus": _of_floats(_softplus),
    "erf": _of_floats(pt.erf),
    "tanh_gradient": lambda g, y: symbol(g, y.dtype) * (_one(y) - y * y),
    "sigmoid_gradient": lambda g, y: symbol(g, y.dtype) * y * (_one(y) - y),
    "rectify": lambda x: pt.maximum(x, symbol(0, x.dtype)),
    "rectify_gradient": lambda g, y: pt.switch(
        pt.gt(y, symbol(0, y.dtype)), symbol(g, y.dtype), symbol(0, y.dtype)
    ),
    "logical_and": lambda x, y: pt.and_(_truth(x), _truth(y)),
    "logical_or": lambda x, y: pt.or_(_truth(x), _truth(y)),
    "logical_not": lambda x: pt.invert(_truth(x)),
    "where": _where,
    "clip": _clip,
    "cast": lambda x, dtype: cast(x, dtype),
    "identity": lambda x, **_: x,
    "stop_gradient": lambda x: x,
}

"""Rows of single elements."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ... import config
from ...graph.dtypes import is_float
from ..protocol import Prepared

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def is_number(value: Any) -> bool:
    return type(value) in (bool, int, float)


def of_floats(function: Callable[..., Any]) -> Prepared:
    """Functions of floats: integers are made floats first, as the op's rule says."""

    def prepare(inputs: Any) -> Callable[..., Any]:
        if is_number(inputs[0]) or not is_float(inputs[0].dtype):
            wanted = config.floatx()
            return lambda x: function(jnp.asarray(x, dtype=wanted))
        return function

    return Prepared(prepare)


def _divide(inputs: Any) -> Callable[..., Any]:
    if all(is_number(x) or not is_float(x.dtype) for x in inputs):
        wanted = config.floatx()
        return lambda x, y: jnp.asarray(x, dtype=wanted) / jnp.asarray(y, dtype=wanted)
    return operator.truediv


def _clip(x: Any, low: Any, high: Any) -> Any:
    x = x if high is None else jnp.minimum(x, jnp.asarray(high, dtype=x.dtype))
    return x if low is None else jnp.maximum(x, jnp.asarray(low, dtype=x.dtype))


def _truth(x: Any) -> Any:
    return jnp.asarray(x).astype(bool)


TABLE: dict[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": Prepared(_divide),
    "floor_divide": jnp.floor_divide,
    "mod": jnp.mod,
    "power": jnp.power,
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "arctan2": jnp.arctan2,
    "negative": operator.neg,
    "abs": jnp.abs,
    "exp": of_floats(jnp.exp),
    "expm1": of_floats(jnp.expm1),
    "log": of_floats(jnp.log),
    "log1p": of_floats(jnp.log1p),
    # the square root of what is below zero is 0, as in classic Keras
    "sqrt": of_floats(lambda x: jnp.sqrt(jnp.maximum(x, 0))),
    "rsqrt": of_floats(jax.lax.rsqrt),
    "square": jnp.square,
    "sin": of_floats(jnp.sin),
    "cos": of_floats(jnp.cos),
    "tan": of_floats(jnp.tan),
    "tanh": of_floats(jnp.tanh),
    "tanh_gradient": lambda g, y: g * (1 - y * y),
    "sigmoid": of_floats(jax.nn.sigmoid),
    "sigmoid_gradient": lambda g, y: g * y * (1 - y),
    "softplus": of_floats(jax.nn.softplus),
    "erf": of_floats(jax.lax.erf),
    "rectify": lambda x: jnp.maximum(x, 0),
    "rectify_gradient": lambda g, y: jnp.where(y > 0, g, 0),
    "sign": jnp.sign,
    "round": jnp.round,
    "floor": jnp.floor,
    "ceil": jnp.ceil,
    "isnan": jnp.isnan,
    "isfinite": jnp.isfinite,
    "equal": jnp.equal,
    "not_equal": jnp.not_equal,
    "greater": jnp.greater,
    "greater_equal": jnp.greater_equal,
    "less": jnp.less,
    "less_equal": jnp.less_equal,
    "logical_and": lambda x, y: jnp.logical_and(_truth(x), _truth(y)),
    "logical_or": lambda x, y: jnp.logical_or(_truth(x), _truth(y)),
    "logical_not": lambda x: jnp.logical_not(_truth(x)),
    "where": lambda c, x, y: jnp.where(_truth(c), x, y),
    "clip": _clip,
    "cast": lambda x, dtype: jnp.asarray(x).astype(dtype),
    "identity": lambda x, **_: x,
    "stop_gradient": jax.lax.stop_gradient,
}

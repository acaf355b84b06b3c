"""Rows of single elements. Operands of different dtypes are brought to the one that the op's rule
promises: TensorFlow itself takes none but equal ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from ... import config
from ...graph.dtypes import is_float, promoted
from ...graph.tensor import Spec

Function = Callable[..., Any]
NUMBERS = (bool, int, float)


def of_dtype(x: Any, dtype: str) -> Any:
    """An array or a Python number as an array of this dtype."""
    if not tf.is_tensor(x):
        return tf.constant(x, dtype)
    return x if x.dtype == dtype else tf.cast(x, dtype)


def common(*operands: Any) -> str:
    """The dtype of an expression of these operands."""
    names = {x.dtype.name for x in operands if tf.is_tensor(x)}
    if len(names) == 1 and is_float(*names):
        return str(*names)
    return promoted(*[Spec((), x.dtype.name) if tf.is_tensor(x) else x for x in operands])


def together(function: Function) -> Function:
    """A function of operands of one dtype, for operands of any."""

    def run(*operands: Any) -> Any:
        dtype = common(*operands)
        return function(*[of_dtype(x, dtype) for x in operands])

    return run


def of_floats(function: Function) -> Function:
    """A function of floats: integers are made floats first, as the op's rule says."""

    def run(*operands: Any) -> Any:
        dtype = common(*operands)
        if not is_float(dtype):
            dtype = config.floatx()
        return function(*[of_dtype(x, dtype) for x in operands])

    return run


def _of_numbers(function: Function) -> Function:
    """As `together`, for functions that don't know truth values."""

    def run(*operands: Any) -> Any:
        dtype = common(*operands)
        dtype = "int32" if dtype == "bool" else dtype
        return function(*[of_dtype(x, dtype) for x in operands])

    return run


def _or_truths(function: Function, of_truths: Function) -> Function:
    """A function of numbers, and what it means for truth values."""

    def run(*operands: Any) -> Any:
        dtype = common(*operands)
        wanted = of_truths if dtype == "bool" else function
        return wanted(*[of_dtype(x, dtype) for x in operands])

    return run


def truth(x: Any) -> Any:
    """Whether numbers aren't 0."""
    return of_dtype(x, "bool")


def _where(condition: Any, x: Any, y: Any) -> Any:
    dtype = common(x, y)
    return tf.where(truth(condition), of_dtype(x, dtype), of_dtype(y, dtype))


def _clip(x: Any, low: Any, high: Any) -> Any:
    x = x if high is None else tf.minimum(x, of_dtype(high, x.dtype.name))
    return x if low is None else tf.maximum(x, of_dtype(low, x.dtype.name))


def _add(x: Any, y: Any) -> Any:
    # TensorFlow gathers sums of sums into one sum of all terms: 2 ** 40 of them, if each of 40 sums
    # is of the one before and itself.
    if x is y:
        return 2 * x
    # A bias under its own name becomes part of the convolution or the product before it.
    return tf.nn.bias_add(x, y) if _is_bias(x, y) else tf.add(x, y)


def _is_bias(x: Any, y: Any) -> bool:
    """Whether `y` is a number for each channel of `x`."""
    return (
        x.dtype.is_floating
        and len(x.shape) > len(y.shape) == 1
        and x.shape[-1] is not None
        and x.shape[-1] == y.shape[0]
    )


def _sign(x: Any) -> Any:
    return x if x.dtype.is_unsigned or x.dtype.is_bool else tf.sign(x)


def _abs(x: Any) -> Any:
    return x if x.dtype.is_unsigned or x.dtype.is_bool else tf.abs(x)


def _whole(function: Function) -> Function:
    """Roundings leave integers as they are."""
    return lambda x: function(x) if x.dtype.is_floating else x


def _only_floats(function: Function, otherwise: Function) -> Function:
    return lambda x: function(x) if x.dtype.is_floating else otherwise(x)


TABLE: dict[str, Any] = {
    "add": _or_truths(_add, tf.logical_or),
    "subtract": _of_numbers(tf.subtract),
    "multiply": _or_truths(tf.multiply, tf.logical_and),
    "divide": of_floats(tf.divide),
    "floor_divide": _of_numbers(tf.math.floordiv),
    "mod": _of_numbers(tf.math.floormod),
    "power": _of_numbers(tf.pow),
    "maximum": _or_truths(tf.maximum, tf.logical_or),
    "minimum": _or_truths(tf.minimum, tf.logical_and),
    "arctan2": of_floats(tf.atan2),
    "abs": _abs,
    "square": tf.square,
    "negative": tf.negative,
    "sign": _sign,
    "round": _whole(tf.round),
    "floor": _whole(tf.floor),
    "ceil": _whole(tf.math.ceil),
    "isnan": _only_floats(tf.math.is_nan, lambda x: tf.zeros_like(x, "bool")),
    "isfinite": _only_floats(tf.math.is_finite, lambda x: tf.ones_like(x, "bool")),
    "equal": together(tf.equal),
    "not_equal": together(tf.not_equal),
    "greater": _of_numbers(tf.greater),
    "greater_equal": _of_numbers(tf.greater_equal),
    "less": _of_numbers(tf.less),
    "less_equal": _of_numbers(tf.less_equal),
    "exp": of_floats(tf.exp),
    "expm1": of_floats(tf.math.expm1),
    "log": of_floats(tf.math.log),
    "log1p": of_floats(tf.math.log1p),
    "sin": of_floats(tf.sin),
    "cos": of_floats(tf.cos),
    "tan": of_floats(tf.tan),
    "tanh": of_floats(tf.tanh),
    "sigmoid": of_floats(tf.sigmoid),
    "softplus": of_floats(tf.math.softplus),
    "erf": of_floats(tf.math.erf),
    "rsqrt": of_floats(tf.math.rsqrt),
    # the square root of what is below zero is 0, as in classic Keras
    "sqrt": of_floats(lambda x: tf.sqrt(tf.maximum(x, tf.zeros((), x.dtype)))),
    "tanh_gradient": lambda g, y: g * (1 - y * y),
    "sigmoid_gradient": lambda g, y: g * y * (1 - y),
    "rectify": tf.nn.relu,
    "rectify_gradient": lambda g, y: tf.raw_ops.ReluGrad(gradients=g, features=y),
    "logical_and": lambda x, y: tf.logical_and(truth(x), truth(y)),
    "logical_or": lambda x, y: tf.logical_or(truth(x), truth(y)),
    "logical_not": lambda x: tf.logical_not(truth(x)),
    "where": _where,
    "clip": _clip,
    "cast": of_dtype,
    "identity": lambda x, **_: x,
    "stop_gradient": tf.stop_gradient,
}

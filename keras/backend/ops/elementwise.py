"""Arithmetic and functions of single elements, with numpy's broadcasting."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..graph.dims import broadcast_dims
from ..graph.dtypes import dtype_of, is_float, name_of, promoted
from ..graph.op import blocked, exposed, gradient, named, op, operand, shortcut
from ..graph.shapes import broadcast, shape_of
from ..graph.tensor import OPS, Spec, Tensor
from .arrange import sum_to
from .truth import greater, greater_equal, less_equal, logical_and, where


def unary_spec(x: Any) -> Spec:
    return Spec(shape_of(x), dtype_of(x))


def float_spec(x: Any) -> Spec:
    dtype = dtype_of(x)
    return Spec(shape_of(x), dtype if is_float(dtype) else promoted(x, 1.0))


def binary_spec(x: Any, y: Any, who: str) -> Spec:
    return Spec(broadcast(shape_of(x), shape_of(y), who=who), promoted(x, y))


def is_number(value: Any, wanted: float) -> bool:
    """True for the Python number itself, not for a tensor of it."""
    return type(value) in (int, float) and value == wanted


def keeps(x: Any, other: Any) -> bool:
    """True if an operation of `x` with the number `other` has the shape and dtype of `x`."""
    return isinstance(x, Tensor) and (is_float(x.dtype) or type(other) is int) and x.dtype != "bool"


# ---- arithmetic


@op
def add(x: Tensor, y: Tensor):
    """`x + y`, elementwise."""
    return binary_spec(x, y, "add")


@gradient(add)
def _(g, out, x, y):
    return sum_to(g, x, out), sum_to(g, y, out)


@shortcut(add)
def _(x, y):
    if is_number(y, 0) and keeps(x, y):
        return x
    return y if is_number(x, 0) and keeps(y, x) else NotImplemented


@op
def subtract(x: Tensor, y: Tensor):
    """`x - y`, elementwise."""
    return binary_spec(x, y, "subtract")


@gradient(subtract)
def _(g, out, x, y):
    return sum_to(g, x, out), sum_to(-g, y, out)


@op
def multiply(x: Tensor, y: Tensor):
    """`x * y`, elementwise."""
    return binary_spec(x, y, "multiply")


@gradient(multiply)
def _(g, out, x, y):
    return sum_to(g * y, x, out), sum_to(g * x, y, out)


@shortcut(multiply)
def _(x, y):
    if is_number(y, 1) and keeps(x, y):
        return x
    if is_number(x, 1) and keeps(y, x):
        return y
    for one, other in ((x, y), (y, x)):
        # The gradient of a mean is the same number everywhere: a factor, not an array.
        if isinstance(one, Tensor) and isinstance(other, Tensor) and other.ndim:
            value = uniform_value(one)
            if value is not None and broadcast_dims((one, other)) == other.dims:
                return other * value
    return NotImplemented


def uniform_value(x: Any) -> Any:
    """The one number that all of `x` is surely filled with, or `None`."""
    while isinstance(x, Tensor) and x.node is not None and x.ndim:
        node = x.node
        if node.op.name == "expand_dims":
            x = node.inputs[0]
        elif node.op.name == "spread":
            g, whole = node.inputs[0], node.inputs[1]
            axis, shared = node.attributes["axis"], node.attributes["shared"]
            if len(axis) != whole.ndim or (isinstance(g, Tensor) and g.ndim):
                return None
            return g / OPS["extent"](whole, axis) if shared else g
        else:
            return None
    return None


@op
def divide(x: Tensor, y: Tensor):
    """`x / y`, elementwise."""
    spec = binary_spec(x, y, "divide")
    return spec if is_float(spec.dtype) else Spec(spec.shape, promoted(1.0))


@gradient(divide)
def _(g, out, x, y):
    return sum_to(g / y, x, out), sum_to(-(g / y) * out, y, out)


@shortcut(divide)
def _(x, y):
    return x if is_number(y, 1) and keeps(x, y) and is_float(x.dtype) else NotImplemented


@op
def floor_divide(x: Tensor, y: Tensor):
    """`x // y`, rounded down, elementwise."""
    return binary_spec(x, y, "floor_divide")


@op
def mod(x: Tensor, y: Tensor):
    """The remainder of `x // y`, with the sign of `y`."""
    return binary_spec(x, y, "mod")


@gradient(mod)
def _(g, out, x, y):
    return sum_to(g, x, out), sum_to(-g * floor_divide(x, y), y, out)


@op
def power(x: Tensor, y: Tensor):
    """`x ** y`, elementwise."""
    return binary_spec(x, y, "power")


@gradient(power)
def _(g, out, x, y):
    to_x = None if type(x) in (int, float) else sum_to(g * y * power(x, y - 1), x, out)
    if type(y) in (int, float):
        return to_x, None
    base = where(greater(x, 0), x, 1.0) if isinstance(x, Tensor) else x
    return to_x, sum_to(g * out * log(base), y, out)


@op
def maximum(x: Tensor, y: Tensor):
    """The greater of the two, elementwise."""
    return binary_spec(x, y, "maximum")


@gradient(maximum)
def _(g, out, x, y):
    first = greater_equal(x, y)
    return sum_to(where(first, g, 0.0), x, out), sum_to(where(first, 0.0, g), y, out)


@op
def minimum(x: Tensor, y: Tensor):
    """The lesser of the two, elementwise."""
    return binary_spec(x, y, "minimum")


@gradient(minimum)
def _(g, out, x, y):
    first = less_equal(x, y)
    return sum_to(where(first, g, 0.0), x, out), sum_to(where(first, 0.0, g), y, out)


@op
def arctan2(x: Tensor, y: Tensor):
    """The angle of the point (y, x), elementwise."""
    return binary_spec(x, y, "arctan2")


@gradient(arctan2)
def _(g, out, x, y):
    scaled = g / (square(x) + square(y))
    return sum_to(scaled * y, x, out), sum_to(-scaled * x, y, out)


@op
def negative(x: Tensor):
    """`-x`."""
    return unary_spec(x)


@gradient(negative)
def _(g, y, x):
    return -g


@op
def abs(x: Tensor):
    """The absolute value."""
    return unary_spec(x)


@gradient(abs)
def _(g, y, x):
    return g * sign(x)


# ---- functions


@op
def exp(x: Tensor):
    """e to the power of `x`."""
    return float_spec(x)


@gradient(exp)
def _(g, y, x):
    return g * y


@op
def expm1(x: Tensor):
    """`exp(x) - 1`, exact near zero."""
    return float_spec(x)


@gradient(expm1)
def _(g, y, x):
    return g * (y + 1.0)


@op
def log(x: Tensor):
    """The natural logarithm."""
    return float_spec(x)


@gradient(log)
def _(g, y, x):
    return g / x


@op
def log1p(x: Tensor):
    """`log(1 + x)`, exact near zero."""
    return float_spec(x)


@gradient(log1p)
def _(g, y, x):
    return g / (x + 1.0)


@op
def sqrt(x: Tensor):
    """The square root; 0 for what is below zero."""
    return float_spec(x)


@gradient(sqrt)
def _(g, y, x):
    return g * 0.5 / y


@op
def square(x: Tensor):
    """`x * x`."""
    return unary_spec(x)


@gradient(square)
def _(g, y, x):
    return g * 2.0 * x


@op
def rsqrt(x: Tensor):
    """`1 / sqrt(x)`."""
    return float_spec(x)


@gradient(rsqrt)
def _(g, y, x):
    return g * -0.5 * y * square(y)


@op
def sin(x: Tensor):
    """The sine."""
    return float_spec(x)


@gradient(sin)
def _(g, y, x):
    return g * cos(x)


@op
def cos(x: Tensor):
    """The cosine."""
    return float_spec(x)


@gradient(cos)
def _(g, y, x):
    return -g * sin(x)


@op
def tan(x: Tensor):
    """The tangent."""
    return float_spec(x)


@gradient(tan)
def _(g, y, x):
    return g * (square(y) + 1.0)


@op
def erf(x: Tensor):
    """The error function."""
    return float_spec(x)


@gradient(erf)
def _(g, y, x):
    return g * 1.1283791670955126 * exp(-square(x))  # 2 / sqrt(pi)


@op
def sign(x: Tensor):
    """-1, 0 or 1."""
    return unary_spec(x)


@op
def round(x: Tensor):
    """To the nearest integer, halves to the even one."""
    return unary_spec(x)


@op
def floor(x: Tensor):
    """To the next integer below."""
    return unary_spec(x)


@op
def ceil(x: Tensor):
    """To the next integer above."""
    return unary_spec(x)


@op(name="clip")
def _clip(x: Tensor, min_value: Tensor | float | None, max_value: Tensor | float | None):
    return unary_spec(x)


@gradient(_clip)
def _(g, y, x, min_value, max_value):
    inside = [] if min_value is None else [greater_equal(x, min_value)]
    if max_value is not None:
        inside.append(less_equal(x, max_value))
    if not inside:
        return g, None, None
    return where(inside[0] if len(inside) == 1 else logical_and(*inside), g, 0.0), None, None


def _whole(bound: Any, rounded: Callable[[float], int]) -> Any:
    """A bound of integers as an integer; where there is none, there is no bound."""
    if type(bound) is not float:
        return bound
    return rounded(bound) if math.isfinite(bound) else None


@exposed
def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """`x` kept between two bounds, either of which may be `None`; the lower one is the stronger."""
    if not is_float(dtype_of(x)):
        min_value, max_value = _whole(min_value, math.ceil), _whole(max_value, math.floor)
    numbers = type(min_value) in (int, float) and type(max_value) in (int, float)
    return _clip(x, min_value, max(min_value, max_value) if numbers else max_value)


@op
def cast(x: Tensor, dtype):
    """The same numbers in another dtype."""
    name = name_of(dtype)
    return Spec(shape_of(x), name, dtype=name)


@gradient(cast)
def _(g, y, x, dtype):
    return cast(g, x.dtype) if is_float(dtype) else None


@shortcut(cast)
def _(x, dtype):
    return x if name_of(dtype) == x.dtype else NotImplemented


@op(name="identity")
def _identity(x: Tensor):
    return unary_spec(x)


@gradient(_identity)
def _(g, y, x):
    return g


@exposed
def identity(x: Any, name: str | None = None) -> Any:
    """The same values as a tensor of its own."""
    return named(_identity(x), name)


@op(name="stop_gradient")
def _stop(x: Tensor):
    return unary_spec(x)


blocked(sign, round, floor, ceil, floor_divide, _stop)


def stop_gradient(variables: Any) -> Any:
    """The same values, taken as constants by `K.gradients`."""
    if isinstance(variables, (list, tuple)):
        return [_stop(v) for v in variables]
    return _stop(variables)


def pow(x: Any, a: Any) -> Any:
    """`x ** a`, elementwise."""
    return power(x, a)


# ---- integers that become floats, truth values that become numbers


def of_floats(*declared: Any) -> None:
    """Cast beforehand where an op makes floats of integers, or numbers of truth values: engines
    differ in which they make."""

    def attach(op: Any) -> None:
        inner = op.shortcut or (lambda *values: NotImplemented)

        def rule(*values: Any) -> Any:
            values = tuple(map(operand, values))
            known = [v.dtype for v in values if isinstance(v, Tensor)]
            if "bool" in known or not any(map(is_float, known)):
                dtype = op.rule(*values).dtype
                ready = tuple(ready_for(v, dtype, known) for v in values)
                if any(a is not b for a, b in zip(values, ready, strict=True)):
                    return OPS[op.name](*ready)
            return inner(*values)

        op.shortcut = rule

    for each in declared:
        attach(each.op)


def ready_for(value: Any, dtype: str, known: Sequence[str]) -> Any:
    """An operand among others of known dtypes, for a result of this dtype."""
    if not isinstance(value, Tensor) or value.dtype == dtype:
        return value
    floats_are_new = is_float(dtype) and not any(map(is_float, known))
    return cast(value, dtype) if value.dtype == "bool" or floats_are_new else value


of_floats(add, subtract, multiply, divide, floor_divide, mod, power, maximum, minimum, arctan2)
of_floats(exp, expm1, log, log1p, sqrt, rsqrt, sin, cos, tan, erf)

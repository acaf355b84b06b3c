"""Comparisons, truth, and choices by it."""

from __future__ import annotations

from typing import Any

from ..graph.dtypes import promoted
from ..graph.op import blocked, gradient, op
from ..graph.shapes import broadcast, shape_of
from ..graph.tensor import Spec, Tensor
from .arrange import sum_to


def _comparison(x: Any, y: Any, who: str) -> Spec:
    return Spec(broadcast(shape_of(x), shape_of(y), who=who), "bool")


@op
def equal(x: Tensor, y: Tensor):
    """True where the two are equal."""
    return _comparison(x, y, "equal")


@op
def not_equal(x: Tensor, y: Tensor):
    """True where the two differ."""
    return _comparison(x, y, "not_equal")


@op
def greater(x: Tensor, y: Tensor):
    """True where `x > y`."""
    return _comparison(x, y, "greater")


@op
def greater_equal(x: Tensor, y: Tensor):
    """True where `x >= y`."""
    return _comparison(x, y, "greater_equal")


@op
def less(x: Tensor, y: Tensor):
    """True where `x < y`."""
    return _comparison(x, y, "less")


@op
def less_equal(x: Tensor, y: Tensor):
    """True where `x <= y`."""
    return _comparison(x, y, "less_equal")


@op
def logical_and(x: Tensor, y: Tensor):
    """True where both are."""
    return _comparison(x, y, "logical_and")


@op
def logical_or(x: Tensor, y: Tensor):
    """True where one is."""
    return _comparison(x, y, "logical_or")


@op
def logical_not(x: Tensor):
    """True where `x` is not."""
    return Spec(shape_of(x), "bool")


@op
def isnan(x: Tensor):
    """True where a number is none."""
    return Spec(shape_of(x), "bool")


@op
def isfinite(x: Tensor):
    """True where a number is neither infinite nor none at all."""
    return Spec(shape_of(x), "bool")


blocked(equal, not_equal, greater, greater_equal, less, less_equal)
blocked(logical_and, logical_or, logical_not, isnan, isfinite)


@op
def where(condition: Tensor, x: Tensor, y: Tensor):
    """`x` where the condition holds, else `y`."""
    shape = broadcast(shape_of(condition), shape_of(x), shape_of(y), who="where")
    return Spec(shape, promoted(x, y))


@gradient(where)
def _(g, out, condition, x, y):
    return None, sum_to(where(condition, g, 0.0), x, out), sum_to(where(condition, 0.0, g), y, out)

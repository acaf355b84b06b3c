"""Sums, means, extremes and other reductions over axes."""

from __future__ import annotations

from typing import Any

from .. import config
from ..graph.dtypes import dtype_of, is_float
from ..graph.op import OPS, blocked, composed, exposed, gradient, op, shortcut
from ..graph.shapes import axes_of, axis_of, shape_of, without
from ..graph.tensor import Spec, Tensor
from .elementwise import cast, exp, sqrt, square


def reduced(x: Any, axis: Any, keepdims: bool, who: str, dtype: str | None = None) -> Spec:
    """What every reduction has in common."""
    shape = shape_of(x)
    axes = axes_of(axis, len(shape), who)
    return Spec(
        without(shape, axes, keepdims), dtype or dtype_of(x), axis=axes, keepdims=bool(keepdims)
    )


@op
def spread(g: Tensor, x: Tensor, axis, keepdims, shared):
    """The gradient of a sum over `axis` for each value of `x` (of a mean: `shared` by them)."""
    return Spec(shape_of(x), dtype_of(x), axis=axis, keepdims=keepdims, shared=shared)


@gradient(spread)
def _(d, y, g, x, axis, keepdims, shared):
    return (_mean if shared else sum)(d, axis, keepdims), None


@op
def sum(x: Tensor, axis=None, keepdims=False):
    """Sum over `axis`; over everything by default."""
    dtype = dtype_of(x)
    return reduced(x, axis, keepdims, "sum", "int32" if dtype == "bool" else dtype)


@gradient(sum)
def _(g, y, x, axis, keepdims):
    return spread(g, x, axis, keepdims, False)


@shortcut(sum)
def _(x, axis=None, keepdims=False):
    if not isinstance(x, Tensor) or x.dtype == "bool":
        return NotImplemented
    if not x.ndim:
        return x
    if x.node is not None and x.node.op.name == "full_like" and axis is None and not keepdims:
        count = extent(x.node.inputs[0], tuple(range(x.ndim)))
        return count * x.node.attributes["value"]
    return NotImplemented


@op
def extent(x: Tensor, axis):
    """The number of values along some axes: known while running, without waiting for the device."""
    return Spec((), dtype_of(x), axis=axis)


blocked(extent)


@shortcut(extent)
def _(x, axis):
    total = 1.0
    for a in axis:
        if x.shape[a] is None:
            return NotImplemented
        total *= x.shape[a]
    return total


@op(name="mean")
def _mean(x: Tensor, axis=None, keepdims=False):
    return reduced(x, axis, keepdims, "mean")


@gradient(_mean)
def _(g, y, x, axis, keepdims):
    return spread(g, x, axis, keepdims, True)


@exposed
@composed
def mean(x: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over `axis`; over everything by default.

    Truth values become floats; the mean of integers is an integer, rounded towards zero.
    """
    if dtype_of(x) == "bool":
        x = cast(x, config.floatx())
    if isinstance(x, Tensor) and not x.ndim:
        return x
    return _mean(x, axis, keepdims)


@op
def max(x: Tensor, axis=None, keepdims=False):
    """The greatest value over `axis`."""
    return reduced(x, axis, keepdims, "max")


@op
def min(x: Tensor, axis=None, keepdims=False):
    """The least value over `axis`."""
    return reduced(x, axis, keepdims, "min")


def _extreme(g: Any, y: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Equal extremes share the gradient."""
    best = y
    if not keepdims:
        for a in axis:
            best = OPS["expand_dims"](best, a)
    hit = cast(OPS["equal"](x, best), x.dtype)
    count = sum(hit, axis, True)
    if isinstance(g, Tensor) and not keepdims:
        for a in axis:
            g = OPS["expand_dims"](g, a)
    return hit * (g / count)


gradient(max)(_extreme)
gradient(min)(_extreme)


@op
def prod(x: Tensor, axis=None, keepdims=False):
    """The product over `axis`."""
    return reduced(x, axis, keepdims, "prod")


@op
def any(x: Tensor, axis=None, keepdims=False):
    """True where one value over `axis` is."""
    return reduced(x, axis, keepdims, "any", "bool")


@op
def all(x: Tensor, axis=None, keepdims=False):
    """True where all values over `axis` are."""
    return reduced(x, axis, keepdims, "all", "bool")


@op
def argmax(x: Tensor, axis=-1):
    """The number of the greatest value along an axis."""
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "argmax")
    return Spec(without(shape, (axis,), False), "int64", axis=axis)


@op
def argmin(x: Tensor, axis=-1):
    """The number of the least value along an axis."""
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "argmin")
    return Spec(without(shape, (axis,), False), "int64", axis=axis)


blocked(any, all, argmax, argmin)


@op
def cumsum(x: Tensor, axis=0):
    """Running sums along an axis."""
    return Spec(shape_of(x), dtype_of(x), axis=axis_of(axis, len(shape_of(x)), "cumsum"))


@gradient(cumsum)
def _(g, y, x, axis):
    return OPS["reverse"](cumsum(OPS["reverse"](g, (axis,)), axis), (axis,))


@op
def cumprod(x: Tensor, axis=0):
    """Running products along an axis."""
    return Spec(shape_of(x), dtype_of(x), axis=axis_of(axis, len(shape_of(x)), "cumprod"))


@op(name="logsumexp")
def _logsumexp(x: Tensor, axis=None, keepdims=False):
    return reduced(x, axis, keepdims, "logsumexp")


@exposed
@composed
def logsumexp(x: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """`log(sum(exp(x)))`, without overflow; integers become floats."""
    return _logsumexp(x if is_float(dtype_of(x)) else cast(x, config.floatx()), axis, keepdims)


@gradient(_logsumexp)
def _(g, y, x, axis, keepdims):
    if not keepdims:
        for a in axis:
            y = OPS["expand_dims"](y, a)
    return spread(g, x, axis, keepdims, False) * exp(x - y)


@composed
def var(x: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance over `axis`."""
    if not is_float(dtype_of(x)):
        x = cast(x, config.floatx())
    return mean(square(x - mean(x, axis, True)), axis, keepdims)


@composed
def std(x: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation over `axis`."""
    return sqrt(var(x, axis, keepdims))


@op
def softmax(x: Tensor, axis=-1):
    """`exp(x) / sum(exp(x))` along an axis."""
    return Spec(shape_of(x), dtype_of(x), axis=axis_of(axis, len(shape_of(x)), "softmax"))


@op(name="softmax_gradient")
def softmax_gradient(g: Tensor, y: Tensor, axis):
    """`y * (g - sum(g * y))`: the gradient of y = softmax(x)."""
    return Spec(shape_of(y), dtype_of(y), axis=axis)


@gradient(softmax)
def _(g, y, x, axis):
    return softmax_gradient(g, y, axis)


@gradient(softmax_gradient)
def _(g, out, dy, y, axis):
    inner = sum(g * y, axis, True)
    return y * (g - inner), g * (dy - sum(dy * y, axis, True)) - dy * inner


@op
def log_softmax(x: Tensor, axis=-1):
    """`log(softmax(x))`, without underflow."""
    return Spec(shape_of(x), dtype_of(x), axis=axis_of(axis, len(shape_of(x)), "log_softmax"))


@gradient(log_softmax)
def _(g, y, x, axis):
    return g - exp(y) * sum(g, axis, True)


@composed
def l2_normalize(x: Tensor, axis: Any = None) -> Any:
    """`x` over its Euclidean length along an axis (never divided by less than 1e-6)."""
    length = sum(square(x), axis, True)
    return x * OPS["rsqrt"](OPS["maximum"](length, 1e-12))

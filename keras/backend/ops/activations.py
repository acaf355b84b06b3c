"""Activations: sigmoids, rectifiers and their like."""

from __future__ import annotations

from typing import Any

from ..graph.gradients import shaped
from ..graph.op import composed, composite, gradient, op
from ..graph.tensor import Tensor
from .elementwise import (
    abs,
    binary_spec,
    clip,
    expm1,
    float_spec,
    is_number,
    minimum,
    of_floats,
    square,
    unary_spec,
)
from .truth import greater, where


@op
def tanh(x: Tensor):
    """The hyperbolic tangent."""
    return float_spec(x)


@op(name="tanh_gradient")
def tanh_gradient(g: Tensor, y: Tensor):
    """`g * (1 - y**2)`: the gradient of y = tanh(x)."""
    return binary_spec(g, y, "tanh_gradient")


@gradient(tanh)
def _(g, y, x):
    return tanh_gradient(shaped(g, y), y)


@gradient(tanh_gradient)
def _(g, out, dy, y):
    return g * (1.0 - square(y)), g * dy * -2.0 * y


@op
def sigmoid(x: Tensor):
    """`1 / (1 + exp(-x))`."""
    return float_spec(x)


@op(name="sigmoid_gradient")
def sigmoid_gradient(g: Tensor, y: Tensor):
    """`g * y * (1 - y)`: the gradient of y = sigmoid(x)."""
    return binary_spec(g, y, "sigmoid_gradient")


@gradient(sigmoid)
def _(g, y, x):
    return sigmoid_gradient(shaped(g, y), y)


@gradient(sigmoid_gradient)
def _(g, out, dy, y):
    return g * y * (1.0 - y), g * dy * (1.0 - 2.0 * y)


@op
def softplus(x: Tensor):
    """`log(1 + exp(x))`."""
    return float_spec(x)


@gradient(softplus)
def _(g, y, x):
    return g * sigmoid(x)


@op(name="rectify")
def rectify(x: Tensor):
    """`max(x, 0)`."""
    return unary_spec(x)


@op(name="rectify_gradient")
def rectify_gradient(g: Tensor, y: Tensor):
    """`g` where y = max(x, 0) is positive, else 0."""
    return binary_spec(g, y, "rectify_gradient")


@gradient(rectify)
def _(g, y, x):
    return rectify_gradient(shaped(g, y), y)


@gradient(rectify_gradient)
def _(g, out, dy, y):
    return rectify_gradient(shaped(g, out), y), None


@composed
def relu(
    x: Tensor, alpha: Tensor | float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """`x` above the threshold (at most `max_value`), `alpha * (x - threshold)` below it."""
    simple = is_number(threshold, 0)
    if is_number(alpha, 0) and simple:
        return rectify(x) if max_value is None else clip(x, 0.0, max_value)
    above = rectify(x) if simple else where(greater(x, threshold), x, 0.0)
    if max_value is not None:
        above = clip(above, 0.0, max_value)
    if is_number(alpha, 0):
        return above
    return above - alpha * rectify(threshold - x if not simple else -x)


@composite
def elu(x: Tensor, alpha=1.0):
    """`x` above zero, `alpha * (exp(x) - 1)` below (Clevert et al., 2015, arXiv:1511.07289)."""
    return rectify(x) + alpha * expm1(minimum(x, 0.0))


@composed
def softsign(x: Tensor) -> Any:
    """`x / (1 + |x|)`."""
    return x / (abs(x) + 1.0)


@composed
def hard_sigmoid(x: Tensor) -> Any:
    """A sigmoid of straight lines: 0.2 x + 0.5, kept between 0 and 1."""
    return clip(0.2 * x + 0.5, 0.0, 1.0)


of_floats(tanh, sigmoid, softplus)

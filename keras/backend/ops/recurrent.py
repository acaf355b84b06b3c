"""The standard recurrent layers as single ops, defined by `rnn`; engines have fused kernels for them.

Inputs stand as (batch, time, n); weights as classic Keras has them, gates in its order.
"""

from __future__ import annotations

from typing import Any

from ..graph.op import composite
from ..graph.shapes import shape_of
from ..graph.tensor import Tensor
from .control import rnn
from .elementwise import sigmoid, tanh
from .index import getitem
from .linalg import dense, dot


def _gate(x: Any, number: int, units: int) -> Any:
    return getitem(x, (slice(None), slice(number * units, (number + 1) * units)))


@composite
def lstm(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards=False,
):
    """A long short-term memory (Hochreiter and Schmidhuber, 1997), gates i, f, c, o.

    (batch, time, n), states (batch, units) -> last output, outputs (batch, time, units), h, c.
    """
    units = shape_of(recurrent_kernel)[0]

    def step(z: Any, states: Any) -> Any:
        h, c, u = states
        z = z + dot(h, u)
        i, f, g, o = (_gate(z, n, units) for n in range(4))
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(c)
        return h, [h, c]

    last, outputs, states = rnn(
        step, dense(x, kernel, bias), [h, c], go_backwards, constants=[recurrent_kernel]
    )
    return last, outputs, states[0], states[1]


@composite
def gru(
    x: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    recurrent_bias: Tensor,
    go_backwards=False,
):
    """A gated recurrent unit with the reset after the product (Cho et al., 2014), gates z, r, h.

    (batch, time, n), state (batch, units) -> last output, outputs (batch, time, units), h.
    """
    units = shape_of(recurrent_kernel)[0]

    def step(a: Any, states: Any) -> Any:
        h, u, *rest = states
        b = dense(h, u, *rest) if rest else dot(h, u)
        z = sigmoid(_gate(a, 0, units) + _gate(b, 0, units))
        r = sigmoid(_gate(a, 1, units) + _gate(b, 1, units))
        new = tanh(_gate(a, 2, units) + r * _gate(b, 2, units))
        h = z * h + (1.0 - z) * new
        return h, [h]

    constants = [recurrent_kernel] if recurrent_bias is None else [recurrent_kernel, recurrent_bias]
    last, outputs, states = rnn(step, dense(x, kernel, bias), [h], go_backwards, constants=constants)
    return last, outputs, states[0]


@composite
def simple_rnn(
    x: Tensor, h: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor, go_backwards=False
):
    """`h = tanh(x @ kernel + bias + h @ recurrent_kernel)`, step by step.

    (batch, time, n), state (batch, units) -> last output, outputs (batch, time, units), h.
    """

    def step(a: Any, states: Any) -> Any:
        h, u = states
        h = tanh(a + dot(h, u))
        return h, [h]

    last, outputs, states = rnn(
        step, dense(x, kernel, bias), [h], go_backwards, constants=[recurrent_kernel]
    )
    return last, outputs, states[0]

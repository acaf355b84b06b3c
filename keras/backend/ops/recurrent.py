"""The standard recurrent layers as single ops, defined by `rnn`; engines have kernels for them.

Inputs stand as (batch, time, n), masks as (batch, time), weights as classic Keras has them, with
gates in its order. Where the mask is 0, states stay and outputs are repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.op import composite
from ..graph.shapes import shape_of
from ..graph.tensor import Tensor
from .activations import hard_sigmoid, relu, sigmoid, tanh
from .control import rnn
from .elementwise import identity
from .index import getitem
from .linalg import dense, dot

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "hard_sigmoid": hard_sigmoid,
    "linear": identity,
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
}


def gate(x: Any, number: int, units: int) -> Any:
    """The part of (..., gates * units) that belongs to one gate."""
    before = (slice(None),) * (len(shape_of(x)) - 1)
    return getitem(x, (*before, slice(number * units, (number + 1) * units)))


@composite
def lstm(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None,
    mask: Tensor | None = None,
    go_backwards: bool = False,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
) -> Any:
    """A long short-term memory (Hochreiter and Schmidhuber, 1997), gates i, f, c, o.

    (batch, time, n), states (batch, units) -> last output, outputs (batch, time, units), h, c.
    """
    units: Any = shape_of(recurrent_kernel)[0]
    act, switch = ACTIVATIONS[activation], ACTIVATIONS[recurrent_activation]

    def step(z: Any, states: Any) -> Any:
        h, c = states
        z = z + dot(h, recurrent_kernel)
        i, f, g, o = (gate(z, n, units) for n in range(4))
        c = switch(f) * c + switch(i) * act(g)
        h = switch(o) * act(c)
        return h, [h, c]

    last, outputs, states = rnn(step, dense(x, kernel, bias), [h, c], go_backwards, mask)
    return last, outputs, states[0], states[1]


@composite
def gru(
    x: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None,
    recurrent_bias: Tensor | None = None,
    mask: Tensor | None = None,
    go_backwards: bool = False,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    reset_after: bool = True,
) -> Any:
    """A gated recurrent unit (Cho et al., 2014, arXiv:1406.1078), gates z, r, h.

    The reset gate scales the product of the state with its weights (`reset_after`), or the state
    before that product, as in the paper.

    (batch, time, n), state (batch, units) -> last output, outputs (batch, time, units), h.
    """
    units: Any = shape_of(recurrent_kernel)[0]
    act, switch = ACTIVATIONS[activation], ACTIVATIONS[recurrent_activation]
    both, own = (slice(None), slice(2 * units)), (slice(None), slice(2 * units, None))
    weights: Any = recurrent_kernel if reset_after else getitem(recurrent_kernel, both)
    weights_of_new: Any = None if reset_after else getitem(recurrent_kernel, own)

    def step(a: Any, states: Any) -> Any:
        h = states[0]
        b = dense(h, weights, recurrent_bias)
        z = switch(gate(a, 0, units) + gate(b, 0, units))
        r = switch(gate(a, 1, units) + gate(b, 1, units))
        mixed = r * gate(b, 2, units) if reset_after else dot(r * h, weights_of_new)
        h = z * h + (1.0 - z) * act(gate(a, 2, units) + mixed)
        return h, [h]

    last, outputs, states = rnn(step, dense(x, kernel, bias), [h], go_backwards, mask)
    return last, outputs, states[0]


@composite
def simple_rnn(
    x: Tensor,
    h: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None,
    mask: Tensor | None = None,
    go_backwards: bool = False,
    activation: str = "tanh",
) -> Any:
    """`h = activation(x @ kernel + bias + h @ recurrent_kernel)`, step by step.

    (batch, time, n), state (batch, units) -> last output, outputs (batch, time, units), h.
    """
    act = ACTIVATIONS[activation]

    def step(a: Any, states: Any) -> Any:
        h = act(a + dot(states[0], recurrent_kernel))
        return h, [h]

    last, outputs, states = rnn(step, dense(x, kernel, bias), [h], go_backwards, mask)
    return last, outputs, states[0]

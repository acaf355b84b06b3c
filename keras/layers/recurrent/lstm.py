"""Long short-term memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ... import backend as K
from ...backend.ops.recurrent import gate
from ...registry import Activation, Constraint, Initializer, Regularizer
from ..base import Layer
from ..base.fields import Fraction, Positive
from .cells import Cell, Implementation, Run
from .rnn import CellRNN


class LSTMArguments(Layer):
    """The arguments that the cell and the layer share."""

    units: Positive
    activation: Activation = "tanh"
    recurrent_activation: Activation = "sigmoid"
    use_bias: bool = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    unit_forget_bias: bool = True
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Fraction = 0.0
    recurrent_dropout: Fraction = 0.0
    implementation: Implementation = 2


class LSTMCell(LSTMArguments, Cell):
    """One step of a long short-term memory; gates i, f, c, o stand side by side in the weights.

    With z = x @ kernel + h @ recurrent_kernel + bias, s = recurrent_activation, a = activation:
    `c = s(z_f) * c + s(z_i) * a(z_c)`, `h = s(z_o) * a(c)`; the output is `h`.

    (batch, n), states h and c (batch, units) -> (batch, units)
    """

    activity_regularizer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    gates = "ifco"

    @property
    def state_size(self) -> Any:
        return (self.units, self.units)

    def make_bias(self) -> Any:
        return self.add_weight(
            "bias",
            (4 * self.units,),
            initializer=forgetting_later(self) if self.unit_forget_bias else self.bias_initializer,
        )

    def advance(self, z: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        z = z + self.recurrent_products(states[0])
        i, f, g, o = (gate(z, n, self.units) for n in range(4))
        act, switch = self.activation, self.recurrent_activation
        c = switch(f) * states[1] + switch(i) * act(g)
        h = switch(o) * act(c)
        return h, [h, c]

    def fused(self, inputs: Any, states: Sequence[Any], go_backwards: bool, mask: Any) -> Run:
        last, outputs, h, c = K.lstm(
            inputs,
            *states,
            self.kernel,
            self.recurrent_kernel,
            self.bias,
            mask,
            go_backwards=go_backwards,
            **self.named_activations,
        )
        return last, outputs, [h, c]


def forgetting_later(cell: Any) -> Any:
    """The bias's initializer, but ones for the forget gate: at first the memory keeps what it has.

    Jozefowicz et al., 2015, http://www.jmlr.org/proceedings/papers/v37/jozefowicz15.pdf.
    """

    def fill(shape: Any, dtype: Any = None) -> Any:
        units, own = shape[0] // 4, cell.bias_initializer
        parts = [own((units,)), K.ones((units,)), own((2 * units,))]
        return K.cast(K.concatenate(parts), dtype or cell.dtype)

    return fill


class LSTM(LSTMArguments, CellRNN):
    """A long short-term memory (Hochreiter and Schmidhuber, 1997, doi:10.1162/neco.1997.9.8.1735).

    Formula and weights are those of `LSTMCell`; the states are h and c.

    (batch, time, n) -> (batch, units), or (batch, time, units) with `return_sequences`. The other
    arguments are those of `RNN`.
    """

    cell_class = LSTMCell

    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    stateful: bool = False
    unroll: bool = False

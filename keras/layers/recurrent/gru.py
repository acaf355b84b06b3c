"""Gated recurrent units."""

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


class GRUArguments(Layer):
    """The arguments that the cell and the layer share."""

    units: Positive
    activation: Activation = "tanh"
    recurrent_activation: Activation = "sigmoid"
    use_bias: bool = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
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


class GRUCell(GRUArguments, Cell):
    """One step of a gated recurrent unit; gates z, r, h stand side by side in the weights.

    With a = x @ kernel + bias, s = recurrent_activation:
    `z = s(a_z + h @ R_z)`, `r = s(a_r + h @ R_r)`, `h = z * h + (1 - z) * activation(a_h + new)`,
    where new is `(r * h) @ R_h` (Cho et al., 2014, arXiv:1406.1078v1), or with `reset_after`
    `r * (h @ R_h + recurrent_bias_h)`, as cuDNN has it; the bias then has two rows, one for each
    product.

    (batch, n), state (batch, units) -> (batch, units)
    """

    activity_regularizer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    gates = "zrh"

    reset_after: bool = False

    def make_bias(self) -> Any:
        columns = 3 * self.units
        return self.add_weight("bias", (2, columns) if self.reset_after else (columns,))

    @property
    def input_bias(self) -> Any:
        return self.bias if self.bias is None or not self.reset_after else self.bias[0]

    @property
    def recurrent_bias(self) -> Any:
        """What is added to the state's product."""
        return None if self.bias is None or not self.reset_after else self.bias[1]

    def advance(self, z: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        h, masks, units = states[0], self._recurrent_dropout_mask, self.units
        act, switch = self.activation, self.recurrent_activation
        b = self.recurrent_products(h, None if self.reset_after else 2)
        if self.recurrent_bias is not None:
            b = K.bias_add(b, self.recurrent_bias)
        update = switch(gate(z, 0, units) + gate(b, 0, units))
        reset = switch(gate(z, 1, units) + gate(b, 1, units))
        if self.reset_after:
            mixed = reset * gate(b, 2, units)
        else:
            weights = gate(self.recurrent_kernel, 2, units)
            mixed = K.dot(reset * self.masked(h, masks, 2), weights)
        # The original's mask reaches the state that is kept, if the gates share one.
        kept = h if len(masks) > 1 else self.masked(h, masks)
        h = update * kept + (1.0 - update) * act(gate(z, 2, units) + mixed)
        return h, [h]

    def fused(self, inputs: Any, states: Sequence[Any], go_backwards: bool, mask: Any) -> Run:
        last, outputs, h = K.gru(
            inputs,
            *states,
            self.kernel,
            self.recurrent_kernel,
            self.input_bias,
            self.recurrent_bias,
            mask,
            go_backwards=go_backwards,
            reset_after=self.reset_after,
            **self.named_activations,
        )
        return last, outputs, [h]


class GRU(GRUArguments, CellRNN):
    """A gated recurrent unit (Cho et al., 2014, arXiv:1406.1078).

    Formula and weights are those of `GRUCell`; the state is h.

    (batch, time, n) -> (batch, units), or (batch, time, units) with `return_sequences`. The other
    arguments are those of `RNN`.
    """

    cell_class = GRUCell

    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    stateful: bool = False
    unroll: bool = False
    reset_after: bool = False

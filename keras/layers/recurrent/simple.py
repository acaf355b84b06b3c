"""The plain recurrent layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ... import backend as K
from ...caller import warn
from ...registry import Activation, Constraint, Initializer, Regularizer
from ..base import Layer
from ..base.fields import Fraction, Positive
from .cells import Cell, Run
from .rnn import CellRNN


class SimpleRNNArguments(Layer):
    """The arguments that the cell and the layer share."""

    units: Positive
    activation: Activation = "tanh"
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


class SimpleRNNCell(SimpleRNNArguments, Cell):
    """One step: `h = activation(x @ kernel + h @ recurrent_kernel + bias)`; the output is `h`.

    (batch, n), state (batch, units) -> (batch, units)
    """

    activity_regularizer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    activations = ("activation",)
    implementation = 2  # with one gate there is nothing to choose

    def advance(self, z: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        h = self.activation(z + self.recurrent_products(states[0]))
        return h, [h]

    def fused(self, inputs: Any, states: Sequence[Any], go_backwards: bool, mask: Any) -> Run:
        last, outputs, h = K.simple_rnn(
            inputs,
            *states,
            self.kernel,
            self.recurrent_kernel,
            self.bias,
            mask,
            go_backwards=go_backwards,
            **self.named_activations,
        )
        return last, outputs, [h]


class SimpleRNN(SimpleRNNArguments, CellRNN):
    """A fully connected layer whose output is fed back to it (Elman, 1990).

    `h[t] = activation(x[t] @ kernel + h[t - 1] @ recurrent_kernel + bias)`

    (batch, time, n) -> (batch, units), or (batch, time, units) with `return_sequences`. The other
    arguments are those of `RNN`.
    """

    cell_class = SimpleRNNCell

    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    stateful: bool = False
    unroll: bool = False
    implementation: Any = None

    def __post_init__(self) -> None:
        if self.implementation is not None:
            warn(f"SimpleRNN `{self.name}`: `implementation` makes no difference; leave it out.")
        super().__post_init__()

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["implementation"]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> SimpleRNN:
        known = {key: value for key, value in config.items() if key != "implementation"}
        made: SimpleRNN = super().from_config(known, custom_objects)
        return made

"""Layers that hold their weights in the order of cuDNN's memory: LSTM and GRU of the classic GPU.

They run on every device, with the numbers that they had there.
"""

from __future__ import annotations

from typing import Any, ClassVar

from .. import backend as K
from ..registry import Constraint, Initializer, Regularizer
from .base.fields import Positive
from .recurrent.cells import Run
from .recurrent.rnn import RNN

Shape = Any


class CuDNNCell:
    """What stands for a cell: the sizes of the states."""

    def __init__(self, units: int, states: int) -> None:
        self.state_size = (units,) * states
        self.output_size = units


class CuDNNRNN(RNN):
    """What both layers share.

    cuDNN reads a gate's kernel (n, units) as if it were (units, n), row by row, and its recurrent
    kernel transposed; there are two biases, one for each product.
    """

    cell: ClassVar[Any] = None  # type: ignore[misc]  # no argument of these classes
    gates: ClassVar[int]
    state_count: ClassVar[int]

    units: Positive
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
    return_sequences: bool = False
    return_state: bool = False
    stateful: bool = False
    go_backwards: bool = False
    unroll: ClassVar[bool] = False  # type: ignore[misc]  # no argument of these classes

    def __post_init__(self) -> None:
        self.cell = CuDNNCell(self.units, self.state_count)  # type: ignore[misc]  # an attribute
        super().__post_init__()

    def build(self, input_shape: Shape) -> None:
        own = input_shape[0] if isinstance(input_shape, list) else input_shape
        columns = self.gates * self.units
        self.kernel = self.add_weight("kernel", (own[-1], columns))
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel",
            (self.units, columns),
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = self.add_weight("bias", (2 * columns,), initializer=self.first_bias())
        super().build(input_shape)

    def first_bias(self) -> Any:
        """What the bias begins with."""
        return self.bias_initializer

    def plain_kernel(self) -> Any:
        """The kernel as a plain layer has it: (n, gates * units)."""
        rows, units = K.int_shape(self.kernel)[0], self.units
        by_gate = K.permute_dimensions(K.reshape(self.kernel, (rows, self.gates, units)), (1, 0, 2))
        read = K.reshape(by_gate, (self.gates, units, rows))
        return K.reshape(K.permute_dimensions(read, (2, 0, 1)), (rows, self.gates * units))

    def plain_recurrent_kernel(self) -> Any:
        """The recurrent kernel as a plain layer has it: (units, gates * units)."""
        units = self.units
        by_gate = K.reshape(self.recurrent_kernel, (units, self.gates, units))
        return K.reshape(K.permute_dimensions(by_gate, (2, 1, 0)), (units, self.gates * units))

    def plain_biases(self) -> tuple[Any, Any]:
        """The biases of the input's product and of the state's."""
        columns = self.gates * self.units
        return self.bias[:columns], self.bias[columns:]

    def run(self, x: Any, states: list[Any], mask: Any, training: Any, constants: list[Any]) -> Run:
        if constants:
            raise ValueError(f"{type(self).__name__} `{self.name}` takes no constants.")
        return self.fused(x, states, mask)

    def fused(self, x: Any, states: list[Any], mask: Any) -> Run:
        """All steps by one function of K."""
        raise NotImplementedError


class CuDNNLSTM(CuDNNRNN):
    """`LSTM` with cuDNN's weights: kernel (n, 4 units), recurrent kernel (units, 4 units), bias
    (8 units), gates i, f, c, o.

    (batch, time, n) -> (batch, units), or (batch, time, units) with `return_sequences`. The other
    arguments are those of `LSTM` and `RNN`.
    """

    units: Positive
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
    return_sequences: bool = False
    return_state: bool = False
    stateful: bool = False
    go_backwards: bool = False

    gates = 4
    state_count = 2

    def first_bias(self) -> Any:
        """Ones for the forget gate, in the second of the two biases."""
        if not self.unit_forget_bias:
            return self.bias_initializer

        def fill(shape: Any, dtype: Any = None) -> Any:
            units, own = self.units, self.bias_initializer
            parts = [own((5 * units,)), K.ones((units,)), own((2 * units,))]
            return K.cast(K.concatenate(parts), dtype or self.dtype)

        return fill

    def fused(self, x: Any, states: list[Any], mask: Any) -> Run:
        bias, recurrent_bias = self.plain_biases()
        last, outputs, h, c = K.lstm(
            x,
            *states,
            self.plain_kernel(),
            self.plain_recurrent_kernel(),
            bias + recurrent_bias,
            mask,
            go_backwards=self.go_backwards,
        )
        return last, outputs, [h, c]


class CuDNNGRU(CuDNNRNN):
    """`GRU` (with `reset_after`) with cuDNN's weights: kernel (n, 3 units), recurrent kernel
    (units, 3 units), bias (6 units), gates z, r, h.

    (batch, time, n) -> (batch, units), or (batch, time, units) with `return_sequences`. The other
    arguments are those of `GRU` and `RNN`.
    """

    gates = 3
    state_count = 1

    def fused(self, x: Any, states: list[Any], mask: Any) -> Run:
        last, outputs, h = K.gru(
            x,
            *states,
            self.plain_kernel(),
            self.plain_recurrent_kernel(),
            *self.plain_biases(),
            mask,
            go_backwards=self.go_backwards,
        )
        return last, outputs, [h]

"""Long short-term memory whose products are convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ... import backend as K
from ...backend.ops.arrange import size_of
from ...backend.ops.conv import channels_of, conv
from ...backend.ops.recurrent import gate
from ...registry import Activation, Constraint, Initializer, Regularizer
from ..base import Layer
from ..base.fields import DataFormat, Fraction, Positive
from ..base.sizes import Window, one_of, sizes
from ..recurrent.cells import Cell
from ..recurrent.lstm import forgetting_later
from ..recurrent.rnn import CellRNN
from .layer import ConvRNN2D

Shape = Any


class ConvLSTM2DArguments(Layer):
    """The arguments that the cell and the layer share."""

    filters: Positive
    kernel_size: Window
    strides: Window = (1, 1)
    padding: str = "valid"
    data_format: DataFormat = None
    dilation_rate: Window = (1, 1)
    activation: Activation = "tanh"
    recurrent_activation: Activation = "hard_sigmoid"
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
    return_sequences: bool = False
    go_backwards: bool = False
    stateful: bool = False
    dropout: Fraction = 0.0
    recurrent_dropout: Fraction = 0.0

    def __post_init__(self) -> None:
        self.kernel_size = sizes(self, "kernel_size", 2)
        self.strides = sizes(self, "strides", 2)
        self.dilation_rate = sizes(self, "dilation_rate", 2)
        self.padding = one_of(self, "padding", ("valid", "same"))
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__} `{self.name}`: `strides` or `dilation_rate` may be above "
                f"1, not both; got {self.strides} and {self.dilation_rate}."
            )
        super().__post_init__()


class ConvLSTM2DCell(ConvLSTM2DArguments, Cell):
    """One step of an LSTM with convolutions in the place of products (Shi et al., 2015,
    arXiv:1506.04214, without the peepholes); gates i, f, c, o stand side by side in the weights.

    The state's convolution is always of padding 'same' and strides 1.

    (batch, rows, columns, channels), states h and c (batch, new rows, new columns, filters)
    -> (batch, new rows, new columns, filters)
    """

    activity_regularizer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    return_sequences: ClassVar[Any] = False  # type: ignore[misc]  # no argument of this class
    go_backwards: ClassVar[Any] = False  # type: ignore[misc]  # no argument of this class
    stateful: ClassVar[bool] = False  # type: ignore[misc]  # no argument of this class
    gates = "ifco"
    implementation = 1  # each gate has its own dropout masks
    is_standard = False

    @property
    def units(self) -> Any:
        """The channels of each gate."""
        return self.filters

    @property
    def state_size(self) -> Any:
        return (self.filters, self.filters)

    @property
    def channels_last(self) -> bool:
        """Whether the channels are the last axis, rather than the second."""
        return bool(self.data_format == "channels_last")

    def build(self, input_shape: Shape) -> None:
        columns = 4 * self.filters
        channels: Any = channels_of(input_shape, self.channels_last)
        self.kernel = self.add_weight("kernel", (*self.kernel_size, channels, columns))
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel",
            (*self.kernel_size, self.filters, columns),
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = self.make_bias() if self.use_bias else None
        self.built = True

    def make_bias(self) -> Any:
        first = forgetting_later(self) if self.unit_forget_bias else self.bias_initializer
        return self.add_weight("bias", (4 * self.filters,), initializer=first)

    def mask_shapes(self, inputs: Any, state: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        axes = (0, *range(inputs.ndim - 3, inputs.ndim))
        return [size_of(inputs, i) for i in axes], [size_of(state, i) for i in range(4)]

    # ---- one step

    def input_conv(self, x: Any, w: Any, b: Any = None, padding: str = "valid") -> Any:
        """The convolution of the input."""
        y = conv(x, w, self.strides, padding, self.data_format, self.dilation_rate)
        return y if b is None else K.bias_add(y, b, self.data_format)

    def recurrent_conv(self, x: Any, w: Any) -> Any:
        """The convolution of the state."""
        return conv(x, w, 1, "same", self.data_format)

    def project(self, inputs: Any) -> Any:
        """The convolution of the input at a step, or of all steps at once."""
        masks, bias = self._dropout_mask, self.bias
        if not masks:
            return self._over_time(inputs, self.kernel, bias)
        parts = [
            self._over_time(
                self.masked(inputs, masks, i),
                gate(self.kernel, i, self.filters),
                None if bias is None else gate(bias, i, self.filters),
            )
            for i in range(4)
        ]
        return self._joined(parts)

    def _over_time(self, x: Any, kernel: Any, bias: Any) -> Any:
        if x.ndim == 4:
            return self.input_conv(x, kernel, bias, self.padding)
        folded = K.reshape(x, (-1, *(size_of(x, i) for i in range(2, 5))))
        made = self.input_conv(folded, kernel, bias, self.padding)
        space = [size_of(made, i) for i in range(1, 4)]
        return K.reshape(made, (size_of(x, 0), size_of(x, 1), *space))

    def _joined(self, parts: Sequence[Any]) -> Any:
        return K.concatenate(parts, axis=-1 if self.channels_last else -3)

    def recurrent_products(self, h: Any, count: int | None = None) -> Any:
        masks, weights = self._recurrent_dropout_mask, self.recurrent_kernel
        if not masks:
            return self.recurrent_conv(h, weights)
        return self._joined(
            [
                self.recurrent_conv(self.masked(h, masks, i), gate(weights, i, self.filters))
                for i in range(4)
            ]
        )

    def advance(self, z: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        z = z + self.recurrent_products(states[0])
        parts = [slice(n * self.filters, (n + 1) * self.filters) for n in range(4)]
        before = (slice(None),) * (3 if self.channels_last else 1)
        i, f, g, o = (z[(*before, part)] for part in parts)
        act, switch = self.activation, self.recurrent_activation
        c = switch(f) * states[1] + switch(i) * act(g)
        h = switch(o) * act(c)
        return h, [h, c]


class ConvLSTM2D(ConvLSTM2DArguments, CellRNN, ConvRNN2D):
    """An LSTM over images, its products convolutions (Shi et al., 2015, arXiv:1506.04214).

    (batch, time, rows, columns, channels) -> (batch, new rows, new columns, filters), or with
    `return_sequences` the outputs of all steps. Formula and weights are those of `ConvLSTM2DCell`;
    the other arguments are those of `RNN`.
    """

    cell_class = ConvLSTM2DCell

    return_state: bool = False
    unroll: bool = False

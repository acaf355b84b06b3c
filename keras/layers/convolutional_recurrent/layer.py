"""A recurrent layer whose states are images."""

from __future__ import annotations

from typing import Any

from ... import backend as K
from ...backend.graph.shapes import conv_size
from ...backend.ops.conv import laid_out, spatial
from ..recurrent import RNN
from ..recurrent.cells import state_sizes

Shape = Any


class ConvRNN2D(RNN):
    """A convolutional cell applied to each image of a sequence.

    (batch, time, rows, columns, channels) -> (batch, new rows, new columns, filters), or with
    `return_sequences` the outputs of all steps; channels may come first.

    `cell`: as for `RNN`, with the arguments of a convolution (`filters`, `kernel_size`, `strides`,
    `padding`, `data_format`, `dilation_rate`) as attributes, and the convolution of its input,
    `input_conv(x, kernel, padding=...)`. Its states have the size of what that returns.
    """

    step_rank = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if not hasattr(self.cell, "kernel_size"):
            raise ValueError(
                f"{type(self).__name__} `{self.name}` takes one convolutional cell, such as "
                f"`ConvLSTM2DCell`; got {self.cell!r}."
            )

    def _space(self, input_shape: Shape) -> tuple[Any, ...]:
        """Rows and columns of the states."""
        cell = self.cell
        sizes = spatial((input_shape[0], *input_shape[2:]), cell.data_format == "channels_last")
        return tuple(
            conv_size(size, k, t, cell.padding, d)
            for size, k, t, d in zip(
                sizes, cell.kernel_size, cell.strides, cell.dilation_rate, strict=True
            )
        )

    def state_shapes(self, input_shape: Shape) -> list[tuple[Any, ...]]:
        space, last = self._space(input_shape), self.cell.data_format == "channels_last"
        return [
            laid_out(input_shape[0], space, filters, last) for filters in state_sizes(self.cell)
        ]

    def get_initial_state(self, inputs: Any) -> list[Any]:
        shape = K.int_shape(inputs)
        if None not in self._space(shape):
            return super().get_initial_state(inputs)
        kernel = (*self.cell.kernel_size, self._channels(shape), self.cell.filters)
        zeros = K.zeros(kernel, dtype=inputs.dtype)
        made = self.cell.input_conv(inputs[:, 0], zeros, padding=self.cell.padding)
        return [K.zeros_like(made) for _ in self.states]

    def _channels(self, input_shape: Shape) -> Any:
        return input_shape[-1] if self.cell.data_format == "channels_last" else input_shape[2]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        own = input_shape[0] if isinstance(input_shape, list) else input_shape
        states = self.state_shapes(own)
        output = states[0]
        if self.return_sequences:
            output = (own[0], own[1], *output[1:])
        return [output, *states] if self.return_state else output

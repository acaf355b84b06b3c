"""Convolutions: one of any number of spatial axes, under three names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ... import backend as K
from ...backend.graph.shapes import conv_size
from ...backend.ops.conv import channels_of, conv, laid_out, spatial
from ...registry import Activation, Constraint, Initializer, Regularizer
from ..base import InputSpec, Layer
from ..base.fields import DataFormat, Positive
from ..base.sizes import Window, check_room, one_of, sizes

Shape = Any


class Conv(Layer):
    """A window of weights moved over the input: `activation(convolution(x, kernel) + bias)`.

    As everywhere in deep learning, the kernel is not flipped. This is common to the classes below;
    `rank` is the number of axes that the window moves along.
    """

    if TYPE_CHECKING:  # the first argument of this class alone, not of those that users call
        rank: ClassVar[int]
    else:
        rank: int
    filters: Positive
    kernel_size: Window
    strides: Window = 1
    padding: str = "valid"
    data_format: DataFormat = None
    dilation_rate: Window = 1
    activation: Activation = None
    use_bias: bool = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    causal: ClassVar[bool] = False  # whether padding may be 'causal'

    def __post_init__(self) -> None:
        self.kernel_size = sizes(self, "kernel_size", self.rank)
        self.strides = sizes(self, "strides", self.rank)
        self.dilation_rate = sizes(self, "dilation_rate", self.rank)
        known = ("valid", "same", "causal") if self.causal else ("valid", "same")
        self.padding = one_of(self, "padding", known)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__} `{self.name}`: `strides` or `dilation_rate` may be above "
                f"1, not both; got {self.strides} and {self.dilation_rate}."
            )
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def channels_last(self) -> bool:
        """Whether the channels are the last axis, rather than the second."""
        return bool(self.data_format == "channels_last")

    def build(self, input_shape: Shape) -> None:
        channels = self.know_channels(input_shape)
        self.kernel = self.add_weight("kernel", (*self.kernel_size, channels, self.filters))
        self.bias = self.add_weight("bias", (self.filters,)) if self.use_bias else None
        self.built = True

    def know_channels(self, input_shape: Shape) -> Any:
        """The number of channels of the input, which all later inputs must have."""
        channels = channels_of(input_shape, self.channels_last)
        axis = -1 if self.channels_last else 1
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        return channels

    def call(self, inputs: Any) -> Any:
        self.check_room(K.int_shape(inputs))
        return self.finish(
            conv(
                inputs,
                self.kernel,
                self.strides,
                self.padding,
                self.data_format,
                self.dilation_rate,
            )
        )

    def check_room(self, input_shape: Shape) -> None:
        """Raise if the window is larger than the input."""
        reach = tuple(
            (k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)
        )
        shape = self.compute_output_shape(input_shape)
        check_room(self, f"a window of {reach}", input_shape, shape)

    def finish(self, y: Any) -> Any:
        """Bias and activation."""
        if self.bias is not None:
            y = K.bias_add(y, self.bias, self.data_format)
        return self.activation(y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        space = tuple(
            conv_size(size, k, t, self.padding, d)
            for size, k, t, d in zip(
                spatial(input_shape, self.channels_last),
                self.kernel_size,
                self.strides,
                self.dilation_rate,
                strict=True,
            )
        )
        channels = self.output_channels(input_shape)
        return laid_out(input_shape[0], space, channels, self.channels_last)

    def output_channels(self, input_shape: Shape) -> Any:
        """The number of channels of the output."""
        return self.filters


class Conv1D(Conv):
    """Convolution along time: (batch, steps, channels) -> (batch, new steps, filters).

    With padding 'causal', `output[t]` doesn't depend on `input[t + 1:]` (van den Oord et al., 2016,
    arXiv:1609.03499).
    """

    rank: ClassVar[int] = 1
    data_format = "channels_last"
    causal = True


class Conv2D(Conv):
    """Convolution over images: (batch, rows, columns, channels) -> (batch, ..., ..., filters).

    With data_format 'channels_first', channels are axis 1 of input and output.
    """

    rank: ClassVar[int] = 2
    strides = (1, 1)
    dilation_rate = (1, 1)


class Conv3D(Conv):
    """Convolution over volumes: (batch, *space, channels) -> (batch, *new space, filters)."""

    rank: ClassVar[int] = 3
    strides = (1, 1, 1)
    dilation_rate = (1, 1, 1)

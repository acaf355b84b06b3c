"""Convolutions that treat each channel on its own first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ... import backend as K
from ...backend.ops.conv import channels_of, depthwise, separable
from ...registry import Activation, Constraint, Initializer, Regularizer
from ..base.fields import DataFormat, Positive
from ..base.sizes import Window
from .conv import Conv, Conv2D, Shape


class SeparableConv(Conv):
    """A convolution of each channel on its own, then a mixture of all channels at each place.

    The first has `depth_multiplier` filters for each channel, the second has `filters`. This is
    common to the classes below; Chollet, 2016, arXiv:1610.02357.
    """

    filters: Positive
    kernel_size: Window
    strides: Window = 1
    padding: str = "valid"
    data_format: DataFormat = None
    dilation_rate: Window = 1
    depth_multiplier: Positive = 1
    activation: Activation = None
    use_bias: bool = True
    depthwise_initializer: Initializer = "glorot_uniform"
    pointwise_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    depthwise_regularizer: Regularizer = None
    pointwise_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    depthwise_constraint: Constraint = None
    pointwise_constraint: Constraint = None
    bias_constraint: Constraint = None

    kernel_initializer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    kernel_regularizer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    kernel_constraint: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class

    def build(self, input_shape: Shape) -> None:
        channels = self.know_channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            (*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        mixed = (*(1,) * self.rank, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel",
            mixed,
            initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        self.bias = self.add_weight("bias", (self.filters,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        self.check_room(K.int_shape(inputs))
        made = separable(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )
        return self.finish(made)


class SeparableConv1D(SeparableConv):
    """A separable convolution along time: (batch, steps, n) -> (batch, new steps, filters)."""

    rank: ClassVar[int] = 1
    data_format = "channels_last"
    causal = True


class SeparableConv2D(SeparableConv):
    """A separable convolution over images: (batch, *space, n) -> (batch, *new space, filters)."""

    rank: ClassVar[int] = 2
    strides = (1, 1)
    dilation_rate = (1, 1)


class DepthwiseConv2D(Conv2D):
    """Each channel convolved with `depth_multiplier` filters of its own, and nothing mixed.

    (batch, rows, columns, channels) -> (batch, ..., ..., channels * depth_multiplier)
    """

    kernel_size: Window
    strides: Window = (1, 1)
    padding: str = "valid"
    depth_multiplier: Positive = 1
    data_format: DataFormat = None
    dilation_rate: Window = (1, 1)
    activation: Activation = None
    use_bias: bool = True
    depthwise_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    depthwise_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    depthwise_constraint: Constraint = None
    bias_constraint: Constraint = None

    filters: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    kernel_initializer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    kernel_regularizer: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class
    kernel_constraint: ClassVar[Any] = None  # type: ignore[misc]  # no argument of this class

    if TYPE_CHECKING:  # checkers count the base's `filters` among the arguments

        def __init__(self, kernel_size: Window, **options: Any) -> None: ...

    def build(self, input_shape: Shape) -> None:
        channels = self.know_channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            (*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        filters = channels * self.depth_multiplier
        self.bias = self.add_weight("bias", (filters,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        self.check_room(K.int_shape(inputs))
        made = depthwise(
            inputs,
            self.depthwise_kernel,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )
        return self.finish(made)

    def output_channels(self, input_shape: Shape) -> Any:
        channels = channels_of(input_shape, self.channels_last)
        return None if channels is None else channels * self.depth_multiplier

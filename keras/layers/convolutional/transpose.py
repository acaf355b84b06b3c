"""Transposed convolutions: the way back from what a convolution gives to the size it began with."""

from __future__ import annotations

from typing import Any, ClassVar

from ... import backend as K
from ...backend.graph.shapes import transposed_size
from ...backend.ops.arrange import size_of
from ...backend.ops.conv import conv_transpose, laid_out, spatial
from ...registry import Activation, Constraint, Initializer, Regularizer
from ..base.fields import DataFormat, Positive
from ..base.sizes import Window, sizes
from .conv import Conv, Conv2D, Conv3D, Shape


class Transposed(Conv):
    """Each input value stamps the kernel, times itself, into the output, `strides` apart.

    Its linear part is the gradient of a convolution with respect to its input (Zeiler et al., 2010,
    "Deconvolutional networks"; Dumoulin and Visin, 2016, arXiv:1603.07285). Where several sizes
    fit, `output_padding` decides; kernels stand as (*window, filters, channels).
    """

    filters: Positive
    kernel_size: Window
    strides: Window = 1
    padding: str = "valid"
    output_padding: Window = None
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.output_padding is None:
            return
        self.output_padding = sizes(self, "output_padding", self.rank, least=0)
        if any(p >= t for p, t in zip(self.output_padding, self.strides, strict=True)):
            raise ValueError(
                f"{type(self).__name__} `{self.name}`: `output_padding` must be smaller than "
                f"`strides` along each axis, got {self.output_padding} and {self.strides}."
            )

    def build(self, input_shape: Shape) -> None:
        channels = self.know_channels(input_shape)
        self.kernel = self.add_weight("kernel", (*self.kernel_size, self.filters, channels))
        self.bias = self.add_weight("bias", (self.filters,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        self.check_sizes(K.int_shape(inputs))
        made = conv_transpose(
            inputs,
            self.kernel,
            self.compute_output_shape([size_of(inputs, i) for i in range(self.rank + 2)]),
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )
        return self.finish(made)

    def check_sizes(self, input_shape: Shape) -> None:
        """Raise if no convolution with these arguments leads back from output to input."""
        output_shape = self.compute_output_shape(input_shape)
        back = super().compute_output_shape(output_shape)
        before, after = (spatial(s, self.channels_last) for s in (input_shape, back))
        if before != after:
            raise ValueError(
                f"{type(self).__name__} `{self.name}`: no convolution with these arguments leads "
                f"from {tuple(output_shape)} back to the input's shape {tuple(input_shape)}. With "
                f"padding='same' and an even kernel, leave out `output_padding` or make it at "
                f"least 1; it is {self.output_padding}."
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        extra = self.output_padding or (None,) * self.rank
        space = tuple(
            transposed_size(size, k, t, self.padding, more, d)
            for size, k, t, more, d in zip(
                spatial(input_shape, self.channels_last),
                self.kernel_size,
                self.strides,
                extra,
                self.dilation_rate,
                strict=True,
            )
        )
        return laid_out(input_shape[0], space, self.filters, self.channels_last)


class Conv2DTranspose(Transposed, Conv2D):
    """A transposed convolution over images.

    (batch, rows, columns, channels) -> (batch, rows * strides, columns * strides, filters) with
    padding 'same'; with 'valid', larger by the reach of the kernel.
    """

    strides = (1, 1)
    dilation_rate = (1, 1)


class Conv3DTranspose(Transposed, Conv3D):
    """A transposed convolution over volumes: (batch, *space, n) -> (batch, *larger, filters)."""

    strides = (1, 1, 1)
    dilation_rate: ClassVar[Window] = (1, 1, 1)  # type: ignore[misc]  # no argument of this class

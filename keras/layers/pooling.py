"""Pooling: the greatest value, or the mean, in each window or over everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .. import backend as K
from ..backend.graph.shapes import conv_size
from ..backend.ops.conv import channels_of, laid_out, spatial
from ..backend.ops.pool import pool_nd
from .base import InputSpec, Layer
from .base.fields import DataFormat
from .base.sizes import Window, check_room, one_of, sizes

Shape = Any


class Pooling(Layer):
    """One value for each place of a window that moves over the input, each channel on its own."""

    rank: ClassVar[int]
    mode: ClassVar[str]
    pool_size: Window = 2
    strides: Window = None
    padding: str = "valid"
    data_format: DataFormat = None

    def __post_init__(self) -> None:
        if self.strides is None:
            self.strides = self.pool_size
        self.pool_size = sizes(self, "pool_size", self.rank)
        self.strides = sizes(self, "strides", self.rank)
        self.padding = one_of(self, "padding", ("valid", "same"))
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        shape = K.int_shape(inputs)
        check_room(self, f"a window of {self.pool_size}", shape, self.compute_output_shape(shape))
        return pool_nd(
            self.rank,
            inputs,
            self.pool_size,
            self.strides,
            self.padding,
            self.data_format,
            self.mode,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        last = self.data_format == "channels_last"
        space = [
            conv_size(size, k, t, self.padding)
            for size, k, t in zip(
                spatial(input_shape, last), self.pool_size, self.strides, strict=True
            )
        ]
        return laid_out(input_shape[0], space, channels_of(input_shape, last), last)


class Pooling1D(Pooling):
    """Windows along time: (batch, steps, n) -> (batch, fewer steps, n)."""

    rank = 1
    data_format = "channels_last"


class Pooling2D(Pooling):
    """Windows over images: (batch, rows, columns, channels) -> (batch, fewer, fewer, channels)."""

    rank = 2
    pool_size = (2, 2)


class Pooling3D(Pooling):
    """Windows over volumes: (batch, *space, channels) -> (batch, *less, channels)."""

    rank = 3
    pool_size = (2, 2, 2)


class MaxPooling1D(Pooling1D):
    """The greatest value in each window: (batch, steps, n) -> (batch, fewer steps, n)."""

    mode = "max"


class MaxPooling2D(Pooling2D):
    """The greatest value in each window of an image.

    (batch, rows, columns, channels) -> (batch, fewer, fewer, channels)
    """

    mode = "max"


class MaxPooling3D(Pooling3D):
    """The greatest value in each window of a volume."""

    mode = "max"


class AveragePooling1D(Pooling1D):
    """The mean of each window; zeros around the edge don't count."""

    mode = "avg"


class AveragePooling2D(Pooling2D):
    """The mean of each window of an image; zeros around the edge don't count."""

    mode = "avg"


class AveragePooling3D(Pooling3D):
    """The mean of each window of a volume; zeros around the edge don't count."""

    mode = "avg"


class GlobalPooling(Layer):
    """One value for each channel."""

    rank: ClassVar[int]
    data_format: DataFormat = None
    reduce: ClassVar[Callable[..., Any]]

    def __post_init__(self) -> None:
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def space(self) -> list[int]:
        """The numbers of the spatial axes."""
        first = 1 if self.data_format == "channels_last" else 2
        return list(range(first, first + self.rank))

    def call(self, inputs: Any) -> Any:
        return type(self).reduce(inputs, axis=self.space)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], channels_of(input_shape, self.data_format == "channels_last")


class GlobalPooling1D(GlobalPooling):
    """Over all steps: (batch, steps, n) -> (batch, n)."""

    rank = 1
    data_format = "channels_last"


class GlobalPooling2D(GlobalPooling):
    """Over whole images: (batch, rows, columns, channels) -> (batch, channels)."""

    rank = 2


class GlobalPooling3D(GlobalPooling):
    """Over whole volumes: (batch, *space, channels) -> (batch, channels)."""

    rank = 3


class GlobalMaxPooling1D(GlobalPooling1D):
    """The greatest value of all steps: (batch, steps, n) -> (batch, n)."""

    reduce = K.max


class GlobalMaxPooling2D(GlobalPooling2D):
    """The greatest value of each channel: (batch, rows, columns, channels) -> (batch, channels)."""

    reduce = K.max


class GlobalMaxPooling3D(GlobalPooling3D):
    """The greatest value of each channel: (batch, *space, channels) -> (batch, channels)."""

    reduce = K.max


class GlobalAveragePooling1D(GlobalPooling1D):
    """The mean of all steps that aren't masked: (batch, steps, n) -> (batch, n)."""

    reduce = K.mean
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        time = self.space[0]
        weights = K.expand_dims(K.cast(mask, inputs.dtype), 2 if time == 1 else 1)
        return K.sum(inputs * weights, axis=time) / K.sum(weights, axis=time)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


class GlobalAveragePooling2D(GlobalPooling2D):
    """The mean of each channel: (batch, rows, columns, channels) -> (batch, channels)."""

    reduce = K.mean


class GlobalAveragePooling3D(GlobalPooling3D):
    """The mean of each channel: (batch, *space, channels) -> (batch, channels)."""

    reduce = K.mean


MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D

# The names under which others have subclassed them.
_Pooling1D, _Pooling2D, _Pooling3D = Pooling1D, Pooling2D, Pooling3D
_GlobalPooling1D, _GlobalPooling2D, _GlobalPooling3D = (
    GlobalPooling1D,
    GlobalPooling2D,
    GlobalPooling3D,
)

"""Sequences, images and volumes made larger."""

from __future__ import annotations

from typing import Any, ClassVar

from ... import backend as K
from ...backend.ops.conv import channels_of, laid_out, spatial
from ...backend.ops.image import upsample
from ..base import InputSpec, Layer
from ..base.fields import DataFormat
from ..base.sizes import Window, one_of, sizes

Shape = Any


class UpSampling(Layer):
    """Each spatial axis made a whole number of times as long."""

    rank: ClassVar[int]
    size: Window = 2
    data_format: DataFormat = "channels_last"
    interpolation: Any = "nearest"

    def __post_init__(self) -> None:
        self.factors = sizes(self, "size", self.rank)
        self.size = self.factors[0] if self.rank == 1 else self.factors
        self.interpolation = one_of(self, "interpolation", ("nearest", "bilinear"))
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "bilinear":
            return K.resize_images(inputs, *self.factors, self.data_format, self.interpolation)
        return upsample(inputs, self.factors, self.data_format == "channels_last")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        last = self.data_format == "channels_last"
        space = [
            None if size is None else size * factor
            for size, factor in zip(spatial(input_shape, last), self.factors, strict=True)
        ]
        return laid_out(input_shape[0], space, channels_of(input_shape, last), last)


class UpSampling1D(UpSampling):
    """Each step repeated `size` times: (batch, steps, n) -> (batch, steps * size, n)."""

    size: int = 2
    data_format: ClassVar[Any] = "channels_last"  # type: ignore[misc]  # no argument of this class
    interpolation: ClassVar[Any] = "nearest"  # type: ignore[misc]  # no argument of this class
    rank = 1


class UpSampling2D(UpSampling):
    """Rows and columns repeated, or lines drawn between them.

    (batch, rows, columns, channels) -> (batch, rows * size[0], columns * size[1], channels)
    """

    size: Window = (2, 2)
    data_format: DataFormat = None
    interpolation: str = "nearest"
    rank = 2


class UpSampling3D(UpSampling):
    """Each axis of a volume repeated: (batch, *space, channels) -> (batch, *larger, channels)."""

    size: Window = (2, 2, 2)
    data_format: DataFormat = None
    interpolation: ClassVar[Any] = "nearest"  # type: ignore[misc]  # no argument of this class
    rank = 3

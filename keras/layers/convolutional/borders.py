"""Zeros put around the input, and edges cut off it."""

from __future__ import annotations

from typing import Any, ClassVar

from ... import backend as K
from ...backend.ops.arrange import pad
from ...backend.ops.conv import channels_of, laid_out, spatial
from ...backend.ops.index import getitem
from ..base import InputSpec, Layer
from ..base.fields import DataFormat
from ..base.sizes import Pair, pairs

Shape = Any


class Bordered(Layer):
    """What padding and cropping share: pairs (before, after), one for each spatial axis."""

    rank: ClassVar[int]
    argument: ClassVar[str]
    data_format: DataFormat = "channels_last"

    def __post_init__(self) -> None:
        self.edges = pairs(self, self.argument, self.rank)
        setattr(self, self.argument, self.edges[0] if self.rank == 1 else self.edges)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def resized(self, input_shape: Shape, sign: int) -> Shape:
        """The input's shape with the edges added to it or taken off it."""
        last = self.data_format == "channels_last"
        space = [
            None if size is None else size + sign * (before + after)
            for size, (before, after) in zip(spatial(input_shape, last), self.edges, strict=True)
        ]
        return laid_out(input_shape[0], space, channels_of(input_shape, last), last)


class ZeroPadding(Bordered):
    """Zeros before and after the input, along each spatial axis."""

    argument = "padding"

    def call(self, inputs: Any) -> Any:
        nothing: Pair = (0, 0)
        around = laid_out(nothing, self.edges, nothing, self.data_format == "channels_last")
        return pad(inputs, around)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.resized(input_shape, 1)


class ZeroPadding1D(ZeroPadding):
    """Zeros before and after a sequence: (batch, steps, n) -> (batch, more steps, n).

    `padding`: a number, or two of them (before, after).
    """

    padding: Any = 1
    data_format: ClassVar[Any] = "channels_last"  # type: ignore[misc]  # no argument of this class
    rank = 1


class ZeroPadding2D(ZeroPadding):
    """Zeros around images: (batch, rows, columns, channels) -> (batch, more, more, channels).

    `padding`: a number, two of them (rows, columns), or ((top, bottom), (left, right)).
    """

    padding: Any = (1, 1)
    data_format: DataFormat = None
    rank = 2


class ZeroPadding3D(ZeroPadding):
    """Zeros around volumes; `padding`: a number, three of them, or three pairs (before, after)."""

    padding: Any = (1, 1, 1)
    data_format: DataFormat = None
    rank = 3


class Cropping(Bordered):
    """Edges cut off the input, along each spatial axis."""

    argument = "cropping"

    def call(self, inputs: Any) -> Any:
        left = self.compute_output_shape(K.int_shape(inputs))
        if any(size is not None and size < 1 for size in left[1:]):
            raise ValueError(
                f"{type(self).__name__} `{self.name}`: cropping {self.edges} leaves nothing of "
                f"an input of shape {K.int_shape(inputs)}."
            )
        everything = slice(None)
        kept = [slice(before, -after if after else None) for before, after in self.edges]
        return getitem(
            inputs, laid_out(everything, kept, everything, self.data_format == "channels_last")
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.resized(input_shape, -1)


class Cropping1D(Cropping):
    """Edges cut off a sequence: (batch, steps, n) -> (batch, fewer steps, n).

    `cropping`: a number, or two of them (before, after).
    """

    cropping: Any = (1, 1)
    data_format: ClassVar[Any] = "channels_last"  # type: ignore[misc]  # no argument of this class
    rank = 1


class Cropping2D(Cropping):
    """Edges cut off images: (batch, rows, columns, channels) -> (batch, fewer, fewer, channels).

    `cropping`: a number, two of them (rows, columns), or ((top, bottom), (left, right)).
    """

    cropping: Any = ((0, 0), (0, 0))
    data_format: DataFormat = None
    rank = 2


class Cropping3D(Cropping):
    """Edges cut off volumes; `cropping`: a number, three of them, or three pairs."""

    cropping: Any = ((1, 1), (1, 1), (1, 1))
    data_format: DataFormat = None
    rank = 3

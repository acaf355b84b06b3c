"""Layers that arrange the values of each sample anew."""

from __future__ import annotations

import math
from typing import Any

from ... import backend as K
from ...backend.graph.shapes import product
from ..base import InputSpec, Layer
from ..base.fields import DataFormat, Positive, Sizes


class Flatten(Layer):
    """All values of a sample in one dimension: (batch, ...) -> (batch, n).

    With `data_format='channels_first'` the channels are moved to the end before, so that the order
    of the values is the same for both formats.
    """

    data_format: DataFormat = None

    input_spec = InputSpec(min_ndim=3)

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first":
            inputs = K.permute_dimensions(inputs, (0, *range(2, K.ndim(inputs)), 1))
        return K.batch_flatten(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], product(input_shape[1:]))


class Reshape(Layer):
    """The values of each sample, in order, in another shape: (batch, ...) -> (batch, *target).

    One size may be -1 and follows from the others.

    >>> Reshape((-1, 2)).compute_output_shape((None, 3, 4))
    (None, 6, 2)
    """

    target_shape: Sizes

    input_spec = InputSpec(min_ndim=1)

    def __post_init__(self) -> None:
        target = self.target_shape
        sizes = () if target is None else target
        bad = [s for s in sizes if s is None or s == 0 or s < -1]
        if target is None or bad or sizes.count(-1) > 1:
            raise ValueError(
                f"`Reshape` needs a `target_shape` of positive numbers, one of which may be -1 (it "
                f"follows from the others); got {target}. The batch isn't part of it."
            )

    def call(self, inputs: Any) -> Any:
        batch, *target = self.compute_output_shape(K.int_shape(inputs))
        if None not in target:
            return K.reshape(inputs, (-1 if batch is None else batch, *target))
        return K.reshape(inputs, (K.shape(inputs)[0], *self.target_shape))

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, *sizes = input_shape
        total, known = product(sizes), math.prod(s for s in self.target_shape if s != -1)
        if total is None:
            rest = None
        elif total % known or (total != known and -1 not in self.target_shape):
            raise ValueError(
                f"Reshape `{self.name}`: a sample of shape {tuple(sizes)} has {total} values, "
                f"which can't be arranged as {self.target_shape}."
            )
        else:
            rest = total // known
        return (batch, *(rest if s == -1 else s for s in self.target_shape))


class Permute(Layer):
    """The axes of each sample in another order; `dims` counts them from 1.

    >>> Permute((2, 1)).compute_output_shape((None, 10, 64))
    (None, 64, 10)
    """

    dims: Sizes

    def __post_init__(self) -> None:
        dims = self.dims or ()
        if not dims or sorted(dims, key=str) != sorted(range(1, len(dims) + 1), key=str):
            raise ValueError(
                f"`Permute` needs `dims`, the axes 1 to n in their new order, such as (2, 1); got "
                f"{self.dims}. The batch (axis 0) stays where it is."
            )
        self.input_spec = InputSpec(ndim=len(dims) + 1)

    def call(self, inputs: Any) -> Any:
        return K.permute_dimensions(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], *(input_shape[i] for i in self.dims))


class RepeatVector(Layer):
    """Each sample `n` times: (batch, features) -> (batch, n, features)."""

    n: Positive

    input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return K.repeat(inputs, self.n)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.n, input_shape[1])

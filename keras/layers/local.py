"""Locally connected layers: convolutions with another kernel at each place."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from .. import backend as K
from ..backend.graph.shapes import conv_size, product
from ..backend.ops.arrange import size_of
from ..backend.ops.conv import channels_of, laid_out, spatial
from ..registry import Activation, Constraint, Initializer, Regularizer
from .base import InputSpec, Layer
from .base.fields import Positive
from .base.sizes import Window, check_room, one_of, sizes

Shape = Any


class LocallyConnected(Layer):
    """A window moved over the input, with weights of its own at each place.

    `implementation` says how the weights are kept, and thereby what `get_weights` returns:
    1: a matrix for each place, (places, window * channels, filters);
    2: as a dense layer would have them, (*input, *output), where only those count that connect an
    output with its window;
    3: those that count, in one row. 2 and 3 also take padding 'same'.
    """

    rank: ClassVar[int]
    filters: Positive
    kernel_size: Window
    strides: Window = 1
    padding: str = "valid"
    data_format: Any = None
    activation: Activation = None
    use_bias: bool = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    implementation: int = 1

    def __post_init__(self) -> None:
        self.kernel_size = sizes(self, "kernel_size", self.rank)
        self.strides = sizes(self, "strides", self.rank)
        self.padding = one_of(self, "padding", ("valid", "same"))
        if self.data_format is None and self.rank == 1:  # sequences have their features last
            self.data_format = "channels_last"
        self.data_format = K.normalize_data_format(self.data_format)
        who = f"{type(self).__name__} `{self.name}`"
        if self.implementation not in (1, 2, 3):
            raise ValueError(f"{who}: `implementation` is 1, 2 or 3, got {self.implementation!r}.")
        if self.padding == "same" and self.implementation == 1:
            raise ValueError(f"{who}: padding 'same' needs `implementation` 2 or 3, got 1.")
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.implementation == 1:  # classic configs don't know the others
            del config["implementation"]
        return config

    @property
    def channels_last(self) -> bool:
        """Whether the channels are the last axis, rather than the second."""
        return bool(self.data_format == "channels_last")

    def build(self, input_shape: Shape) -> None:
        if None in input_shape[1:]:
            raise ValueError(
                f"{type(self).__name__} `{self.name}` has a kernel for each place, so the shape of "
                f"its input must be known, got {tuple(input_shape)}."
            )
        output_shape = self.compute_output_shape(input_shape)
        check_room(self, f"a window of {self.kernel_size}", input_shape, output_shape)
        self.kernel = self.add_weight("kernel", self.kernel_shape(input_shape, output_shape))
        self.bias = None
        if self.use_bias:
            places = spatial(output_shape, self.channels_last)
            self.bias = self.add_weight("bias", (*places, self.filters))  # type: ignore[arg-type]  # known
        self.input_spec = InputSpec(shape=(None, *input_shape[1:]))
        self.built = True

    def kernel_shape(self, input_shape: Shape, output_shape: Shape) -> tuple[int, ...]:
        """The shape in which the weights are kept."""
        if self.implementation == 2:
            return (*input_shape[1:], *output_shape[1:])
        if self.implementation == 3:
            self.pairs = np.array(sorted(self._connected(input_shape, output_shape)))
            return (len(self.pairs),)
        places: Any = product(spatial(output_shape, self.channels_last))
        window = product((*self.kernel_size, channels_of(input_shape, self.channels_last)))
        return (places, window, self.filters)  # type: ignore[return-value]  # all sizes are known

    def _windows(self, input_shape: Shape, output_shape: Shape) -> Iterator[tuple[Any, Any]]:
        """Each place of the output, and the places of the input that it sees."""
        space = spatial(input_shape, self.channels_last)
        for place in itertools.product(
            *(range(n or 0) for n in spatial(output_shape, self.channels_last))
        ):
            seen = []
            for at, size, window, stride in zip(
                place, space, self.kernel_size, self.strides, strict=True
            ):
                first = at * stride - (window // 2 if self.padding == "same" else 0)
                seen.append(range(max(first, 0), min(first + window, size or 0)))
            yield place, itertools.product(*seen)

    def _connected(self, input_shape: Shape, output_shape: Shape) -> Iterator[tuple[int, int]]:
        """Pairs of numbers of an output value and of an input value that it depends on."""
        channels = range(channels_of(input_shape, self.channels_last) or 0)
        inputs = np.arange(product(input_shape[1:]) or 0).reshape(input_shape[1:])
        outputs = np.arange(product(output_shape[1:]) or 0).reshape(output_shape[1:])
        for place, seen in self._windows(input_shape, output_shape):
            for at in seen:
                for channel, made in itertools.product(channels, range(self.filters)):
                    yield self._number(outputs, place, made), self._number(inputs, at, channel)

    def _number(self, numbers: Any, place: Sequence[int], channel: int) -> int:
        last = self.channels_last
        return int(numbers[(*place, channel) if last else (channel, *place)])

    def call(self, inputs: Any) -> Any:
        shape = K.int_shape(inputs)
        output_shape = self.compute_output_shape(shape)
        if self.implementation == 1:
            y = self.at_each_place(inputs, spatial(output_shape, self.channels_last))
        else:
            y = self.as_dense(inputs, shape, output_shape)
        if self.bias is not None:
            y = K.bias_add(y, self.bias, self.data_format)
        return self.activation(y)

    def at_each_place(self, inputs: Any, places: Any) -> Any:
        """The product of each window with its own weights."""
        raise NotImplementedError

    def as_dense(self, inputs: Any, input_shape: Shape, output_shape: Shape) -> Any:
        """One product with all weights, zeros where nothing is connected."""
        rows, columns = product(input_shape[1:]), product(output_shape[1:])
        if self.implementation == 2:
            weights = self.kernel * K.constant(self.mask(input_shape, output_shape), self.dtype)
            matrix = K.reshape(weights, (rows, columns))
        else:
            place = self.pairs[:, 1] * columns + self.pairs[:, 0]
            where = np.zeros((rows or 0) * (columns or 0), "int32")
            where[place] = np.arange(1, len(place) + 1)
            with_zero = K.concatenate([K.zeros((1,), dtype=self.dtype), self.kernel], axis=0)
            matrix = K.reshape(K.gather(with_zero, K.constant(where, "int32")), (rows, columns))
        made = K.dot(K.reshape(inputs, (-1, rows)), matrix)
        return K.reshape(made, (size_of(inputs, 0), *output_shape[1:]))

    def mask(self, input_shape: Shape, output_shape: Shape) -> Any:
        """1 where an input value and an output value are connected."""
        made = np.zeros((*input_shape[1:], *output_shape[1:]), "float32")
        everything = slice(None)
        for place, seen in self._windows(input_shape, output_shape):
            for at in seen:
                if self.channels_last:
                    made[(*at, everything, *place, everything)] = 1.0
                else:
                    made[(everything, *at, everything, *place)] = 1.0
        return made

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        space = [
            conv_size(size, k, t, self.padding)
            for size, k, t in zip(
                spatial(input_shape, self.channels_last),
                self.kernel_size,
                self.strides,
                strict=True,
            )
        ]
        return laid_out(input_shape[0], space, self.filters, self.channels_last)


class LocallyConnected1D(LocallyConnected):
    """A convolution along time with another kernel at each step.

    (batch, steps, channels) -> (batch, new steps, filters)
    """

    rank = 1

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.channels_last:  # the classic config has no word for it
            del config["data_format"]
        return config

    def at_each_place(self, inputs: Any, places: Any) -> Any:
        return K.local_conv1d(inputs, self.kernel, self.kernel_size, self.strides, self.data_format)


class LocallyConnected2D(LocallyConnected):
    """A convolution over images with another kernel at each place.

    (batch, rows, columns, channels) -> (batch, new rows, new columns, filters)
    """

    rank = 2
    strides = (1, 1)

    def at_each_place(self, inputs: Any, places: Any) -> Any:
        return K.local_conv2d(
            inputs, self.kernel, self.kernel_size, self.strides, places, self.data_format
        )

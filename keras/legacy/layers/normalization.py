"""Normalizations that later versions left out."""

from __future__ import annotations

from typing import Any

from ... import backend as K, layers
from ...layers.base import Layer
from ...layers.base.fields import DataFormat, Number, Whole


class BatchNormalization(layers.BatchNormalization):
    """Batch normalization in `mode` 1 or 2 of Keras 1; `keras.layers.BatchNormalization` makes it.

    1: each sample by the mean and deviation over its own last axis,
    `gamma * (x - mean) / (sqrt(variance + epsilon) + epsilon) + beta`. 2: by the statistics of the
    batch, while testing as well. No moving statistics follow in either.
    """

    mode: Whole = 1

    def __post_init__(self) -> None:
        if self.mode not in (1, 2):
            raise ValueError(
                f"BatchNormalization `{self.name}`: `mode` is 0 (by feature), 1 (by sample) or 2 "
                f"(by feature, with the batch's statistics always), got {self.mode}."
            )

    def call(self, inputs: Any, training: Any = None) -> Any:
        if self.mode == 1:
            return self._by_sample(inputs)
        rank = K.ndim(inputs)
        axes = [i for i in range(rank) if i != self.axis % rank]
        return K.normalize_batch_in_training(inputs, self.gamma, self.beta, axes, self.epsilon)[0]

    def _by_sample(self, inputs: Any) -> Any:
        mean = K.mean(inputs, axis=-1, keepdims=True)
        deviation = K.sqrt(K.var(inputs, axis=-1, keepdims=True) + self.epsilon)
        normal = (inputs - mean) / (deviation + self.epsilon)
        normal = normal if self.gamma is None else normal * self.gamma
        return normal if self.beta is None else normal + self.beta


class LRN2D(Layer):
    """`x / (k + alpha * s)**beta` with `s` the sum of squares over the `n` nearest channels.

    (batch, rows, columns, channels), or channels first.

    Krizhevsky et al., 2012, "ImageNet classification with deep convolutional neural networks".
    """

    alpha: Number = 1e-4
    k: Number = 2
    beta: Number = 0.75
    n: Whole = 5
    data_format: DataFormat = None

    def __post_init__(self) -> None:
        if self.n % 2 == 0:
            raise ValueError(f"LRN2D `{self.name}`: `n` is an odd number, got {self.n}.")

    def call(self, inputs: Any) -> Any:
        first = self.data_format == "channels_first"
        squares = K.square(K.permute_dimensions(inputs, (0, 2, 3, 1)) if first else inputs)
        channels: Any = K.int_shape(squares)[-1]
        half = self.n // 2
        nothing = K.zeros_like(squares[..., :1])
        wide = K.concatenate([*[nothing] * half, squares, *[nothing] * half], axis=-1)
        near = [wide[..., i : i + channels] for i in range(self.n)]
        scale = self.k + self.alpha * sum(near[1:], near[0])
        scale = K.permute_dimensions(scale, (0, 3, 1, 2)) if first else scale
        return inputs / scale**self.beta

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

"""The layers that networks for images are made of, in the data format that is set."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from ..layers import (
    Activation,
    BatchNormalization,
    Concatenate,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    ReLU,
)

Tensor = Any

POOLINGS = {"avg": GlobalAveragePooling2D, "max": GlobalMaxPooling2D}


def channels_axis() -> int:
    """The number of the axis of the channels."""
    return 1 if K.image_data_format() == "channels_first" else -1


def image_axes() -> tuple[int, int]:
    """The numbers of the axes of the rows and of the columns."""
    return (2, 3) if K.image_data_format() == "channels_first" else (1, 2)


def channels(x: Tensor) -> int:
    """How many channels a tensor has."""
    count = K.int_shape(x)[channels_axis()]
    if count is None:
        raise ValueError(f"The number of channels must be known, got shape {K.int_shape(x)}.")
    return count


def normal(x: Tensor, name: str | None = None, **options: Any) -> Tensor:
    """Batch normalization of each channel."""
    return BatchNormalization(axis=channels_axis(), name=name, **options)(x)


def relu(x: Tensor, name: str | None = None) -> Tensor:
    """max(x, 0)"""
    return Activation("relu", name=name)(x)


def relu6(x: Tensor, name: str | None = None) -> Tensor:
    """min(max(x, 0), 6)"""
    return ReLU(6.0, name=name)(x)


def joined(tensors: list[Tensor], name: str | None = None) -> Tensor:
    """The channels of all, one after the other."""
    return Concatenate(axis=channels_axis(), name=name)(tensors)


def pooled(x: Tensor, pooling: str, name: str | None = None) -> Tensor:
    """One value for each channel: its mean ("avg") or its greatest ("max")."""
    return POOLINGS[pooling](name=name)(x)


def around(x: Tensor, size: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The zeros around an image with which a window of this size and stride 2 halves it.

    An odd number of rows gets as many above as below, an even one gets one less above; an unknown
    one counts as even.
    """
    half = size // 2
    sizes = [K.int_shape(x)[axis] or 0 for axis in image_axes()]
    rows, columns = ((half - 1 + size % 2, half) for size in sizes)
    return rows, columns


# ---- tops


class PooledTop:
    """The means of all channels, and a layer that gives each class its probability."""

    def __init__(self, scores: str, pool: str | None = "avg_pool") -> None:
        self.scores = scores
        self.pool = pool

    def __call__(self, x: Tensor, classes: int) -> Tensor:
        x = pooled(x, "avg", self.pool)
        return Dense(classes, activation="softmax", name=self.scores)(x)


def dense_top(x: Tensor, classes: int) -> Tensor:
    """Two layers of 4096 units before the one with the classes' probabilities."""
    x = Flatten(name="flatten")(x)
    x = Dense(4096, activation="relu", name="fc1")(x)
    x = Dense(4096, activation="relu", name="fc2")(x)
    return Dense(classes, activation="softmax", name="predictions")(x)

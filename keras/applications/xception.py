"""Xception: convolutions of each channel on its own, then mixtures of channels.

Chollet, 2016, arXiv:1610.02357
"""

from __future__ import annotations

from collections.abc import Sequence

from ..layers import Add, Conv2D, MaxPooling2D, SeparableConv2D
from .files import DEEP_LEARNING_MODELS, released
from .frame import Application, function
from .imagenet_utils import decode_predictions, preprocessor
from .steps import PooledTop, Tensor, normal, relu

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

ENTRY = {2: (128, 128), 3: (256, 256), 4: (728, 728)}
MIDDLE = range(5, 13)
EXIT = (728, 1024)
LAST = (1536, 2048)


def _separable(x: Tensor, filters: int, name: str) -> Tensor:
    x = SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return normal(x, f"{name}_bn")


def _row(x: Tensor, filters: Sequence[int], block: int, first_positive: bool = True) -> Tensor:
    """Separable convolutions, each of what is positive of the one before."""
    for number, count in enumerate(filters, 1):
        name = f"block{block}_sepconv{number}"
        if number > 1 or first_positive:
            x = relu(x, f"{name}_act")
        x = _separable(x, count, name)
    return x


def _halving(x: Tensor, filters: Sequence[int], block: int) -> Tensor:
    """A row beside a convolution, both of which make the image smaller."""
    beside = Conv2D(filters[-1], 1, strides=2, padding="same", use_bias=False)(x)
    beside = normal(beside)
    x = _row(x, filters, block, first_positive=block > 2)
    x = MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return Add()([x, beside])


def body(x: Tensor) -> Tensor:
    """From images to features."""
    for number, (filters, strides) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{number}"
        x = Conv2D(filters, 3, strides=strides, use_bias=False, name=name)(x)
        x = relu(normal(x, f"{name}_bn"), f"{name}_act")
    for block, row in ENTRY.items():
        x = _halving(x, row, block)
    for block in MIDDLE:
        x = Add()([_row(x, (728, 728, 728), block), x])
    x = _halving(x, EXIT, 13)
    for number, filters in enumerate(LAST, 1):
        name = f"block14_sepconv{number}"
        x = relu(_separable(x, filters, name), f"{name}_act")
    return x


Xception = function(
    Application(
        "xception",
        body,
        PooledTop("predictions"),
        released(
            f"{DEEP_LEARNING_MODELS}v0.4",
            "xception",
            "0a58e3b7378bc2990ea3b43d5981f1f6",
            "b0042744bf5b25fce3cb969f33bebb97",
        ),
        size=299,
        smallest=71,
    ),
    "Xception",
    __name__,
    "Xception (Chollet, 2016, arXiv:1610.02357).",
)
preprocess_input = preprocessor("tf")

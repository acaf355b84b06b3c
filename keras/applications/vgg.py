"""The VGG networks: small windows only, in five groups.

Simonyan & Zisserman, 2014, arXiv:1409.1556
"""

from __future__ import annotations

from collections.abc import Sequence

from ..layers import Conv2D, MaxPooling2D
from .files import DEEP_LEARNING_MODELS, released
from .frame import Application, Build, function
from .steps import Tensor, dense_top

FOLDER = f"{DEEP_LEARNING_MODELS}v0.1"
FILTERS = (64, 128, 256, 512, 512)


def vgg(called: str, where: str, depths: Sequence[int], whole: str, no_top: str) -> Build:
    """The function that builds the network with so many convolutions in each group."""

    def body(x: Tensor) -> Tensor:
        for group, (depth, filters) in enumerate(zip(depths, FILTERS, strict=True), 1):
            for number in range(1, depth + 1):
                name = f"block{group}_conv{number}"
                x = Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
            x = MaxPooling2D(name=f"block{group}_pool")(x)
        return x

    name = called.lower()
    weights = released(FOLDER, name, whole, no_top)
    layers = sum(depths) + 3
    return function(
        Application(name, body, dense_top, weights),
        called,
        where,
        f"{called}, {layers} layers with weights (Simonyan & Zisserman, 2014, arXiv:1409.1556).",
    )

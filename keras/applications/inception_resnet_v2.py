"""Inception-ResNet v2: the branches of Inception beside short ways.

Szegedy et al., 2016, arXiv:1602.07261
"""

from __future__ import annotations

from typing import NamedTuple

from .. import backend as K
from ..layers import Conv2D, Lambda
from ..layers.core.published import scaled_residual
from .files import DEEP_LEARNING_MODELS, released
from .frame import Application, function
from .imagenet_utils import decode_predictions, preprocessor
from .inception import STEM, Block, branches, steps
from .steps import PooledTop, Tensor, channels, normal, relu

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]


class Residual(NamedTuple):
    """Blocks of one kind: what is computed of it is scaled and added to the way past them."""

    name: str
    blocks: int
    scale: float
    branches: Block


ROOTS: Block = [
    [(96, 1)],
    [(48, 1), (64, 5)],
    [(64, 1), (96, 3), (96, 3)],
    ["avg", (64, 1)],
]
FINE = Residual(
    "block35",
    10,
    0.17,
    [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]],
)
TO_MEDIUM: Block = [[(384, 3, 2)], [(256, 1), (256, 3), (384, 3, 2)], ["max"]]
MEDIUM = Residual("block17", 20, 0.1, [[(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))]])
TO_COARSE: Block = [
    [(256, 1), (384, 3, 2)],
    [(256, 1), (288, 3, 2)],
    [(256, 1), (288, 3), (320, 3, 2)],
    ["max"],
]
COARSE = Residual("block8", 9, 0.2, [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]])


def residual(x: Tensor, kind: Residual, name: str, scale: float, positive: bool = True) -> Tensor:
    """One block: branches, brought to the channels of `x`, scaled and added to it."""
    mixed = branches(x, kind.branches, f"{name}_mixed")
    shape = K.int_shape(x)
    up = Conv2D(channels(x), 1, padding="same", name=f"{name}_conv")(mixed)
    add = Lambda(scaled_residual, output_shape=shape[1:], arguments={"scale": scale}, name=name)
    x = add([x, up])
    return relu(x, f"{name}_ac") if positive else x


def row(x: Tensor, kind: Residual) -> Tensor:
    """All blocks of a kind."""
    for number in range(1, kind.blocks + 1):
        x = residual(x, kind, f"{kind.name}_{number}", kind.scale)
    return x


def body(x: Tensor) -> Tensor:
    """From images to features."""
    x = steps(x, STEM)
    x = branches(x, ROOTS, "mixed_5b")
    x = row(x, FINE)
    x = branches(x, TO_MEDIUM, "mixed_6a")
    x = row(x, MEDIUM)
    x = branches(x, TO_COARSE, "mixed_7a")
    x = row(x, COARSE)
    x = residual(x, COARSE, "block8_10", scale=1.0, positive=False)
    x = Conv2D(1536, 1, padding="same", use_bias=False, name="conv_7b")(x)
    return relu(normal(x, "conv_7b_bn", scale=False), "conv_7b_ac")


InceptionResNetV2 = function(
    Application(
        "inception_resnet_v2",
        body,
        PooledTop("predictions"),
        released(
            f"{DEEP_LEARNING_MODELS}v0.7",
            "inception_resnet_v2",
            "e693bd0210a403b3192acc6073ad2e96",
            "d19885ff4a710c122648d3b5c3b684e4",
        ),
        size=299,
        smallest=75,
    ),
    "InceptionResNetV2",
    __name__,
    "Inception-ResNet v2 (Szegedy et al., 2016, arXiv:1602.07261).",
)
preprocess_input = preprocessor("tf")

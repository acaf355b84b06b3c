"""Inception v3: branches with windows of many forms.

Szegedy et al., 2015, arXiv:1512.00567
"""

from __future__ import annotations

from .files import DEEP_LEARNING_MODELS, released
from .frame import Application, function
from .imagenet_utils import decode_predictions, preprocessor
from .inception import STEM, Block, Fork, branches, steps, unit
from .steps import PooledTop, Tensor

__all__ = ["InceptionV3", "conv2d_bn", "decode_predictions", "preprocess_input"]

ROW, COLUMN = (1, 7), (7, 1)
SPLIT = Fork([[(384, (1, 3))], [(384, (3, 1))]])


def fine(pool: int) -> Block:
    """Windows up to 5; `pool`: the filters behind the pooling."""
    return [
        [(64, 1)],
        [(48, 1), (64, 5)],
        [(64, 1), (96, 3), (96, 3)],
        ["avg", (pool, 1)],
    ]


def medium(n: int) -> Block:
    """Windows of 7 along the rows and along the columns; `n`: their filters on the way."""
    return [
        [(192, 1)],
        [(n, 1), (n, ROW), (192, COLUMN)],
        [(n, 1), (n, COLUMN), (n, ROW), (n, COLUMN), (192, ROW)],
        ["avg", (192, 1)],
    ]


COARSE: Block = [
    [(320, 1)],
    [(384, 1), SPLIT],
    [(448, 1), (384, 3), SPLIT],
    ["avg", (192, 1)],
]

BLOCKS: list[Block] = [
    fine(32),
    fine(64),
    fine(64),
    [[(384, 3, 2)], [(64, 1), (96, 3), (96, 3, 2)], ["max"]],
    medium(128),
    medium(160),
    medium(160),
    medium(192),
    [[(192, 1), (320, 3, 2)], [(192, 1), (192, ROW), (192, COLUMN), (192, 3, 2)], ["max"]],
    COARSE,
    COARSE,
]


def conv2d_bn(
    x: Tensor,
    filters: int,
    num_row: int,
    num_col: int,
    padding: str = "same",
    strides: int | tuple[int, int] = (1, 1),
    name: str | None = None,
) -> Tensor:
    """A convolution without bias, normalized without a scale, and what is positive of it.

    The three layers are called `<name>_conv`, `<name>_bn` and `<name>`.
    """
    return unit(x, filters, (num_row, num_col), strides, padding, name)


def body(x: Tensor) -> Tensor:
    """From images to features."""
    x = steps(x, STEM)
    for number, block in enumerate(BLOCKS):
        x = branches(x, block, f"mixed{number}", forks=(f"mixed9_{number - 9}", None))
    return x


InceptionV3 = function(
    Application(
        "inception_v3",
        body,
        PooledTop("predictions"),
        released(
            f"{DEEP_LEARNING_MODELS}v0.5",
            "inception_v3",
            "9a0d58056eeedaa3f26cb7ebd46da564",
            "bcbd6486424b2319ff4ef7d526e38f63",
        ),
        size=299,
        smallest=75,
    ),
    "InceptionV3",
    __name__,
    "Inception v3 (Szegedy et al., 2015, arXiv:1512.00567).",
)
preprocess_input = preprocessor("tf")

"""The DenseNets: each layer sees what all layers before it in its stage have made.

Huang et al., 2016, arXiv:1608.06993
"""

from __future__ import annotations

from collections.abc import Sequence

from ..layers import AveragePooling2D, Conv2D, MaxPooling2D, ZeroPadding2D
from .files import KERAS_APPLICATIONS, released
from .frame import Application, Build, function
from .imagenet_utils import decode_predictions, preprocessor
from .steps import PooledTop, Tensor, channels, joined, normal, relu

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

FOLDER = f"{KERAS_APPLICATIONS}densenet"
GROWTH = 32
"""The channels that a layer adds."""
EPSILON = 1.001e-5


def _normal_relu(x: Tensor, normal_name: str, relu_name: str) -> Tensor:
    return relu(normal(x, normal_name, epsilon=EPSILON), relu_name)


def _layer(x: Tensor, name: str) -> Tensor:
    y = _normal_relu(x, f"{name}_0_bn", f"{name}_0_relu")
    y = Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(y)
    y = _normal_relu(y, f"{name}_1_bn", f"{name}_1_relu")
    y = Conv2D(GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(y)
    return joined([x, y], f"{name}_concat")


def _transition(x: Tensor, name: str) -> Tensor:
    """Half the channels, half the rows, half the columns."""
    x = _normal_relu(x, f"{name}_bn", f"{name}_relu")
    x = Conv2D(channels(x) // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def dense_body(x: Tensor, depths: Sequence[int]) -> Tensor:
    """From images to features, with so many layers in each stage."""
    x = ZeroPadding2D(3)(x)
    x = Conv2D(64, 7, strides=2, use_bias=False, name="conv1/conv")(x)
    x = _normal_relu(x, "conv1/bn", "conv1/relu")
    x = ZeroPadding2D(1)(x)
    x = MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for number in range(1, depth + 1):
            x = _layer(x, f"conv{stage}_block{number}")
        if stage <= len(depths):
            x = _transition(x, f"pool{stage}")
    return _normal_relu(x, "bn", "relu")


def _densenet(called: str, depths: Sequence[int], whole: str, no_top: str) -> Build:
    name = called.lower()
    return function(
        Application(
            name,
            lambda x: dense_body(x, depths),
            PooledTop("fc1000"),
            released(FOLDER, name, whole, no_top),
            names_pooling=True,
        ),
        called,
        __name__,
        f"{called} (Huang et al., 2016, arXiv:1608.06993).",
    )


DenseNet121 = _densenet(
    "DenseNet121",
    (6, 12, 24, 16),
    "9d60b8095a5708f2dcce2bca79d332c7",
    "30ee3e1110167f948a6b9946edeeb738",
)
DenseNet169 = _densenet(
    "DenseNet169",
    (6, 12, 32, 32),
    "d699b8f76981ab1b30698df4c175e90b",
    "b8c4d4c20dd625c148057b9ff1c1176b",
)
DenseNet201 = _densenet(
    "DenseNet201",
    (6, 12, 48, 32),
    "1ceb130c1ea1b78c3bf6114dbdfd8807",
    "c13680b51ded0fb44dff2d8f86ac8bb1",
)
preprocess_input = preprocessor("torch")

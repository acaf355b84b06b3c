"""MobileNetV2: narrow ways between wide depthwise convolutions.

Sandler et al., 2018, arXiv:1801.04381
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..layers import Add, Conv2D, DepthwiseConv2D, ZeroPadding2D
from ..models import Model
from .files import Released, pair
from .frame import Application
from .imagenet_utils import decode_predictions, preprocessor
from .mobile import USUAL, Family, rows_of, shape_of
from .modules import check_modules
from .steps import PooledTop, Tensor, around, channels, normal, relu6

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

FOLDER = "https://github.com/JonathanCMitchell/mobilenet_v2_keras/releases/download/v1.1/"
FAMILY = Family("MobileNetV2", (0.35, 0.5, 0.75, 1.0, 1.3, 1.4), (96, 128, 160, 192, 224))

ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Table 2 of the paper: expansion, filters, number of blocks, strides of the first."""


def divisible(number: float, by: int = 8) -> int:
    """The nearest multiple of `by` that is at least nine tenths of a number.

    >>> divisible(32 * 0.35), divisible(1280 * 1.4)
    (16, 1792)
    """
    nearest = max(by, int(number + by / 2) // by * by)
    return nearest + by if nearest < 0.9 * number else nearest


def _normal(x: Tensor, name: str) -> Tensor:
    return normal(x, name, momentum=0.999)


def _block(x: Tensor, expansion: int, filters: int, strides: int, number: int) -> Tensor:
    """Wide by `expansion`, each channel on its own, narrow again; beside a short way if it fits."""
    name = f"block_{number}" if number else "expanded_conv"
    before = x
    before_count = channels(x)
    if number:
        wide = expansion * before_count
        x = Conv2D(wide, 1, padding="same", use_bias=False, name=f"{name}_expand")(x)
        x = relu6(_normal(x, f"{name}_expand_BN"), f"{name}_expand_relu")
    if strides == 2:
        x = ZeroPadding2D(around(x, 3), name=f"{name}_pad")(x)
    x = DepthwiseConv2D(
        3,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        use_bias=False,
        name=f"{name}_depthwise",
    )(x)
    x = relu6(_normal(x, f"{name}_depthwise_BN"), f"{name}_depthwise_relu")
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"{name}_project")(x)
    x = _normal(x, f"{name}_project_BN")
    if before_count == filters and strides == 1:
        x = Add(name=f"{name}_add")([before, x])
    return x


def body(x: Tensor, alpha: float = 1.0) -> Tensor:
    """From images to features."""
    x = ZeroPadding2D(around(x, 3), name="Conv1_pad")(x)
    x = Conv2D(divisible(32 * alpha), 3, strides=2, use_bias=False, name="Conv1")(x)
    x = relu6(_normal(x, "bn_Conv1"), "Conv1_relu")
    number = 0
    for expansion, filters, blocks, strides in ROWS:
        for i in range(blocks):
            count = divisible(int(filters * alpha))
            x = _block(x, expansion, count, strides if i == 0 else 1, number)
            number += 1
    last = divisible(1280 * alpha) if alpha > 1 else 1280  # a narrow network keeps a wide end
    x = Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    return relu6(_normal(x, "Conv_1_bn"), "out_relu")


def released(alpha: float, size: int) -> Released:
    """The files for this width and size."""
    stem = f"{FOLDER}mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{size}"
    return pair(stem)


def MobileNetV2(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    **modules: Any,
) -> Model:
    """MobileNetV2 (Sandler et al., 2018, arXiv:1801.04381).

    `alpha`: the part of the published number of filters that each layer has, in multiples of 8. The
    other arguments are those of all networks, see `VGG16`; there are trained weights for images of
    96, 128, 160, 192 and 224 rows and columns.
    """
    check_modules("MobileNetV2", modules)
    if weights == "imagenet":
        FAMILY.check_alpha(alpha)
    input_shape = shape_of(input_tensor) if input_shape is None else input_shape
    network = Application(
        f"mobilenetv2_{alpha:.2f}",
        lambda x: body(x, alpha),
        PooledTop("Logits", pool=None),
        released(1.0, USUAL),
        size=FAMILY.default_size(input_shape),
    )
    network.check(include_top, weights, pooling, classes)
    shape = network.shape(include_top, weights, input_shape)
    network = replace(network, name=f"{network.name}_{rows_of(shape)}")
    if weights == "imagenet":
        network = replace(network, released=released(alpha, FAMILY.trained_size(shape)))
    return network.build(shape, include_top, weights, input_tensor, pooling, classes)


preprocess_input = preprocessor("tf")

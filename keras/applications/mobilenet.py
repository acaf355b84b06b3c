"""MobileNet: small and fast, and narrower still by `alpha`.

Howard et al., 2017, arXiv:1704.04861
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..layers import Activation, Conv2D, DepthwiseConv2D, Dropout, Reshape, ZeroPadding2D
from ..models import Model
from .files import DEEP_LEARNING_MODELS, Released, pair
from .frame import Application
from .imagenet_utils import decode_predictions, preprocessor
from .mobile import USUAL, Family, rows_of
from .modules import check_modules
from .steps import Tensor, channels, channels_axis, normal, pooled, relu6

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

WIDTHS = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}
"""How `alpha` is spelled in the files' names."""
FAMILY = Family("MobileNet", tuple(WIDTHS), (128, 160, 192, 224))

BLOCKS = [
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *[(512, 1)] * 5,
    *((1024, 2), (1024, 1)),
]
"""The filters of each block, and its strides."""


def _halving_pad(x: Tensor, name: str) -> Tensor:
    """Zeros below and to the right, for a window of 3 with stride 2."""
    return ZeroPadding2D(((0, 1), (0, 1)), name=name)(x)


def body(x: Tensor, alpha: float = 1.0, depth_multiplier: int = 1) -> Tensor:
    """From images to features."""
    x = _halving_pad(x, "conv1_pad")
    x = Conv2D(int(32 * alpha), 3, strides=2, use_bias=False, name="conv1")(x)
    x = relu6(normal(x, "conv1_bn"), "conv1_relu")
    for number, (filters, strides) in enumerate(BLOCKS, 1):
        if strides == 2:
            x = _halving_pad(x, f"conv_pad_{number}")
        name = f"conv_dw_{number}"
        x = DepthwiseConv2D(
            3,
            strides=strides,
            padding="same" if strides == 1 else "valid",
            depth_multiplier=depth_multiplier,
            use_bias=False,
            name=name,
        )(x)
        x = relu6(normal(x, f"{name}_bn"), f"{name}_relu")
        name = f"conv_pw_{number}"
        x = Conv2D(int(filters * alpha), 1, padding="same", use_bias=False, name=name)(x)
        x = relu6(normal(x, f"{name}_bn"), f"{name}_relu")
    return x


def top(x: Tensor, classes: int, dropout: float = 1e-3) -> Tensor:
    """From features to probabilities, by a convolution on an image of one point."""
    point = (channels(x), 1, 1) if channels_axis() == 1 else (1, 1, channels(x))
    x = Reshape(point, name="reshape_1")(pooled(x, "avg"))
    x = Dropout(dropout, name="dropout")(x)
    x = Conv2D(classes, 1, padding="same", name="conv_preds")(x)
    x = Reshape((classes,), name="reshape_2")(x)
    return Activation("softmax", name="act_softmax")(x)


def released(alpha: float, size: int) -> Released:
    """The files for this width and size."""
    return pair(f"{DEEP_LEARNING_MODELS}v0.6/mobilenet_{WIDTHS[alpha]}_{size}_tf")


def MobileNet(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 1e-3,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    **modules: Any,
) -> Model:
    """MobileNet (Howard et al., 2017, arXiv:1704.04861).

    `alpha`: the part of the published number of filters that each layer has. `depth_multiplier`:
    how many channels a depthwise convolution makes of each. `dropout`: the part of the features
    that training sets to zero. The other arguments are those of all networks, see `VGG16`; there
    are trained weights for images of 128, 160, 192 and 224 rows and columns.
    """
    check_modules("MobileNet", modules)
    if weights == "imagenet":
        FAMILY.check_alpha(alpha)
        if depth_multiplier != 1:
            raise ValueError(
                "`MobileNet`: the weights of 'imagenet' are for `depth_multiplier=1`, got "
                f"{depth_multiplier!r}."
            )
    network = Application(
        f"mobilenet_{alpha:.2f}",
        lambda x: body(x, alpha, depth_multiplier),
        lambda x, classes: top(x, classes, dropout),
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

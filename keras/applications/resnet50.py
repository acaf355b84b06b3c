"""ResNet50 as it was first released for Keras, with the layers' names of the authors' own files.

He et al., 2015, arXiv:1512.03385
"""

from __future__ import annotations

from ..layers import Add, Conv2D, MaxPooling2D, ZeroPadding2D
from .files import DEEP_LEARNING_MODELS, released
from .frame import Application, function
from .imagenet_utils import decode_predictions, preprocess_input
from .steps import PooledTop, Tensor, normal, relu

__all__ = ["ResNet50", "conv_block", "decode_predictions", "identity_block", "preprocess_input"]

Strides = int | tuple[int, int]

STAGES = {2: (64, 3), 3: (128, 4), 4: (256, 6), 5: (512, 3)}
"""The filters of a stage, and how many blocks it has."""


def _conv(x: Tensor, filters: int, size: int, name: str, strides: Strides = 1) -> Tensor:
    padding = "same" if size == 3 else "valid"
    return Conv2D(
        filters, size, strides=strides, padding=padding, kernel_initializer="he_normal", name=name
    )(x)


def identity_block(
    input_tensor: Tensor, kernel_size: int, filters: tuple[int, int, int], stage: int, block: str
) -> Tensor:
    """Three convolutions beside a way on which nothing is changed."""
    x, normals = _three(input_tensor, kernel_size, filters, f"{stage}{block}_branch", 1)
    return relu(Add()([normal(x, normals), input_tensor]))


def conv_block(
    input_tensor: Tensor,
    kernel_size: int,
    filters: tuple[int, int, int],
    stage: int,
    block: str,
    strides: Strides = (2, 2),
) -> Tensor:
    """Three convolutions beside a way with one, which makes the image smaller."""
    where = f"{stage}{block}_branch"
    x, normals = _three(input_tensor, kernel_size, filters, where, strides)
    x = normal(x, normals)
    beside = _conv(input_tensor, filters[2], 1, f"res{where}1", strides)
    return relu(Add()([x, normal(beside, f"bn{where}1")]))


def _three(
    x: Tensor,
    size: int,
    filters: tuple[int, int, int],
    where: str,
    strides: Strides,
) -> tuple[Tensor, str]:
    """Convolutions of size 1, `size` and 1; and how the normalization after them is called."""
    x = _conv(x, filters[0], 1, f"res{where}2a", strides)
    x = relu(normal(x, f"bn{where}2a"))
    x = Conv2D(
        filters[1], size, padding="same", kernel_initializer="he_normal", name=f"res{where}2b"
    )(x)
    x = relu(normal(x, f"bn{where}2b"))
    return _conv(x, filters[2], 1, f"res{where}2c"), f"bn{where}2c"


def body(x: Tensor) -> Tensor:
    """From images to features."""
    x = ZeroPadding2D(3, name="conv1_pad")(x)
    x = _conv(x, 64, 7, "conv1", strides=2)
    x = relu(normal(x, "bn_conv1"))
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    x = MaxPooling2D(3, strides=2)(x)
    for stage, (filters, blocks) in STAGES.items():
        sizes = (filters, filters, 4 * filters)
        x = conv_block(x, 3, sizes, stage, "a", strides=1 if stage == 2 else 2)
        for letter in "bcdef"[: blocks - 1]:
            x = identity_block(x, 3, sizes, stage, letter)
    return x


ResNet50 = function(
    Application(
        "resnet50",
        body,
        PooledTop("fc1000"),
        released(
            f"{DEEP_LEARNING_MODELS}v0.2",
            "resnet50",
            "a7b3fe01876f51b976af0dea6bc144eb",
            "a268eb855778b3df3c7506639542a6af",
        ),
    ),
    "ResNet50",
    __name__,
    "ResNet50 as it was first released for Keras (He et al., 2015, arXiv:1512.03385).",
)

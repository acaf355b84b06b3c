"""What both generations of ResNets share: the beginning, the stages, and the files.

He et al., 2015, arXiv:1512.03385; He et al., 2016, arXiv:1603.05027
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..layers import Add, Conv2D, MaxPooling2D, ZeroPadding2D
from .files import KERAS_APPLICATIONS, released
from .frame import Application, Build, function
from .steps import PooledTop, Tensor, normal, relu

FOLDER = f"{KERAS_APPLICATIONS}resnet"
FILTERS = (64, 128, 256, 512)
DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""The blocks of each stage, by how many layers have weights."""
EPSILON = 1.001e-5

Block = Callable[[Tensor, int, int, bool, str], Tensor]
"""(x, filters, strides, whether the way beside has a convolution, name) -> tensor"""


def normal_relu(x: Tensor, name: str, last: str = "relu") -> Tensor:
    """Normalization and what is positive of it."""
    return relu(normal(x, f"{name}_bn", epsilon=EPSILON), f"{name}_{last}")


def block1(x: Tensor, filters: int, strides: int, beside: bool, name: str) -> Tensor:
    """Three convolutions beside a short way, each normalized; positive after the sum."""
    short = x
    if beside:
        short = Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(x)
        short = normal(short, f"{name}_0_bn", epsilon=EPSILON)
    x = Conv2D(filters, 1, strides=strides, name=f"{name}_1_conv")(x)
    x = normal_relu(x, f"{name}_1")
    x = Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = normal_relu(x, f"{name}_2")
    x = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = normal(x, f"{name}_3_bn", epsilon=EPSILON)
    return relu(Add(name=f"{name}_add")([short, x]), f"{name}_out")


def block2(x: Tensor, filters: int, strides: int, beside: bool, name: str) -> Tensor:
    """As `block1`, but normalized before the convolutions, and nothing after the sum."""
    before = normal_relu(x, f"{name}_preact")
    if beside:
        short = Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(before)
    else:
        short = MaxPooling2D(1, strides=strides)(x) if strides > 1 else x
    x = Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(before)
    x = normal_relu(x, f"{name}_1")
    x = ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = Conv2D(filters, 3, strides=strides, use_bias=False, name=f"{name}_2_conv")(x)
    x = normal_relu(x, f"{name}_2")
    x = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return Add(name=f"{name}_out")([short, x])


@dataclass(frozen=True)
class Generation:
    """How a generation of ResNets is built.

    `before`: normalized before the convolutions, hence again at the end. `shrinks_last`: a stage's
    last block makes the image smaller, rather than its first. `ending`: of the networks' names.
    """

    ending: str
    block: Block
    before: bool
    shrinks_last: bool
    summary: str

    def body(self, x: Tensor, depths: Sequence[int]) -> Tensor:
        """From images to features, with so many blocks in each stage."""
        x = ZeroPadding2D(3, name="conv1_pad")(x)
        x = Conv2D(64, 7, strides=2, name="conv1_conv")(x)
        if not self.before:
            x = normal_relu(x, "conv1")
        x = ZeroPadding2D(1, name="pool1_pad")(x)
        x = MaxPooling2D(3, strides=2, name="pool1_pool")(x)
        for stage, (depth, filters) in enumerate(zip(depths, FILTERS, strict=True), 2):
            keeps_size = stage == (5 if self.shrinks_last else 2)
            shrinks = 0 if keeps_size else depth if self.shrinks_last else 1
            for number in range(1, depth + 1):
                name = f"conv{stage}_block{number}"
                strides = 2 if number == shrinks else 1
                x = self.block(x, filters, strides, number == 1, name)
        return normal_relu(x, "post") if self.before else x

    def network(self, where: str, layers: int, whole: str, no_top: str) -> Build:
        """The function of the module `where` that builds the network with so many layers; `whole`
        and `no_top` are the MD5 sums of its files."""
        called = f"ResNet{layers}{self.ending}"
        name = called.lower()
        return function(
            Application(
                name,
                lambda x: self.body(x, DEPTHS[layers]),
                PooledTop("probs"),
                released(FOLDER, name, whole, no_top),
                names_pooling=True,
            ),
            called,
            where,
            f"{called}: {self.summary}",
        )

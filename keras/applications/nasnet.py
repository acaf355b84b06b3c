"""NASNet: two kinds of cells that a search found, repeated.

Zoph et al., 2017, arXiv:1707.07012
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import backend as K
from ..layers import (
    Add,
    AveragePooling2D,
    Conv2D,
    Cropping2D,
    MaxPooling2D,
    SeparableConv2D,
    ZeroPadding2D,
)
from ..models import Model
from .files import File, Released
from .frame import Application
from .imagenet_utils import decode_predictions, preprocessor
from .modules import check_modules
from .steps import PooledTop, Tensor, around, channels, image_axes, joined, normal, relu

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]

FOLDER = "https://github.com/titu1994/Keras-NASNet/releases/download/v1.2/"


def _normal(x: Tensor, name: str) -> Tensor:
    return normal(x, name, momentum=0.9997)


def _conv(x: Tensor, filters: int, size: int, name: str, **options: Any) -> Tensor:
    return Conv2D(
        filters, size, use_bias=False, kernel_initializer="he_normal", name=name, **options
    )(x)


def _mixture(x: Tensor, filters: int, name: str) -> Tensor:
    """A convolution of single points."""
    return _conv(x, filters, 1, name, padding="same")


def _separable(x: Tensor, filters: int, size: int, where: str, strides: int = 1) -> Tensor:
    """Two separable convolutions, each of what is positive and normalized; the first may halve."""
    first = "same" if strides == 1 else "valid"
    for number, (step, padding) in enumerate(((strides, first), (1, "same")), 1):
        x = relu(x)
        if padding == "valid":
            x = ZeroPadding2D(around(x, size), name=f"separable_conv_1_pad_{where}")(x)
        name = f"separable_conv_{number}_{where}"
        x = SeparableConv2D(
            filters, size, strides=step, padding=padding, use_bias=False, name=name
        )(x)
        x = _normal(x, f"separable_conv_{number}_bn_{where}")
    return x


def _average(x: Tensor, name: str) -> Tensor:
    return AveragePooling2D(3, strides=1, padding="same", name=name)(x)


def _adjusted(past: Tensor | None, x: Tensor, filters: int, cell: str) -> Tensor:
    """The output of the cell before the last, with the size and the channels of the last one's."""
    if past is None:
        return x
    if any(K.int_shape(past)[axis] != K.int_shape(x)[axis] for axis in image_axes()):
        past = relu(past, f"adjust_relu_1_{cell}")
        shifted = Cropping2D(((1, 0), (1, 0)))(ZeroPadding2D(((0, 1), (0, 1)))(past))
        halves = []
        for number, each in enumerate((past, shifted), 1):
            pool = f"adjust_avg_pool_{number}_{cell}"
            each = AveragePooling2D(1, strides=2, name=pool)(each)
            halves.append(_mixture(each, filters // 2, f"adjust_conv_{number}_{cell}"))
        return _normal(joined(halves), f"adjust_bn_{cell}")
    if channels(past) != filters:
        past = _mixture(relu(past), filters, f"adjust_conv_projection_{cell}")
        return _normal(past, f"adjust_bn_{cell}")
    return past


def _squeezed(x: Tensor, filters: int, kind: str, cell: str) -> Tensor:
    """What is positive of the cell's input, as a mixture of so many channels."""
    x = _mixture(relu(x), filters, f"{kind}_conv_1_{cell}")
    return _normal(x, f"{kind}_bn_1_{cell}")


def normal_cell(x: Tensor, past: Tensor | None, filters: int, cell: str) -> Tensor:
    """The cell that keeps the size of the image."""
    past = _adjusted(past, x, filters, cell)
    h = _squeezed(x, filters, "normal", cell)

    def separable(y: Tensor, size: int, side: str) -> Tensor:
        return _separable(y, filters, size, f"normal_{side}_{cell}")

    pairs = [
        (separable(h, 5, "left1"), separable(past, 3, "right1")),
        (separable(past, 5, "left2"), separable(past, 3, "right2")),
        (_average(h, f"normal_left3_{cell}"), past),
        (_average(past, f"normal_left4_{cell}"), _average(past, f"normal_right4_{cell}")),
        (separable(h, 3, "left5"), h),
    ]
    sums = [
        Add(name=f"normal_add_{number}_{cell}")(list(each)) for number, each in enumerate(pairs, 1)
    ]
    return joined([past, *sums], f"normal_concat_{cell}")


def reduction_cell(x: Tensor, past: Tensor | None, filters: int, cell: str) -> Tensor:
    """The cell that halves the size of the image."""
    past = _adjusted(past, x, filters, cell)
    h = _squeezed(x, filters, "reduction", cell)
    padded = ZeroPadding2D(around(h, 3), name=f"reduction_pad_1_{cell}")(h)

    def separable(y: Tensor, size: int, side: str, strides: int = 2) -> Tensor:
        return _separable(y, filters, size, f"reduction_{side}_{cell}", strides)

    def pool(kind: Any, side: str) -> Tensor:
        return kind(3, strides=2, name=f"reduction_{side}_{cell}")(padded)

    def add(name: str | None, *both: Tensor) -> Tensor:
        return Add(name=name and f"reduction_{name}_{cell}")(list(both))

    first = add("add_1", separable(h, 5, "left1"), separable(past, 7, "right1"))
    second = add("add_2", pool(MaxPooling2D, "left2"), separable(past, 7, "right2"))
    third = add("add3", pool(AveragePooling2D, "left3"), separable(past, 5, "right3"))
    fourth = add(None, second, _average(first, f"reduction_left4_{cell}"))
    last = separable(first, 3, "left4", strides=1)
    fifth = add("add4", last, pool(MaxPooling2D, "right5"))
    return joined([second, third, fourth, fifth], f"reduction_concat_{cell}")


@dataclass(frozen=True)
class Size:
    """How many cells and channels a network has.

    `features`: the channels at its end. `skips`: after a reduction, the first cell gets what went
    into the reduction, rather than what went into the cell before.
    """

    stem: int
    blocks: int
    features: int
    skips: bool

    def body(self, x: Tensor) -> Tensor:
        """From images to features."""
        x = _conv(x, self.stem, 3, "stem_conv1", strides=2)
        x = _normal(x, "stem_bn1")
        filters = self.features // 24
        past = None
        for number, part in ((1, 4), (2, 2)):
            x, past = reduction_cell(x, past, filters // part, f"stem_{number}"), x
        for stage in range(3):
            count = filters * 2**stage
            if stage:
                reduced = reduction_cell(x, past, count, f"reduce_{self.blocks * stage}")
                x, past = reduced, past if self.skips else x
            for number in range(self.blocks):
                cell = str(self.blocks * stage + number + (stage > 0))
                x, past = normal_cell(x, past, count, cell), x
        return relu(x)


def _files(size: str, whole: str, no_top: str) -> Released:
    return Released(
        File(f"{FOLDER}NASNet-{size}.h5", whole, called=f"nasnet_{size}.h5"),
        File(f"{FOLDER}NASNet-{size}-no-top.h5", no_top, called=f"nasnet_{size}_no_top.h5"),
    )


MOBILE = Application(
    "NASNet",
    Size(stem=32, blocks=4, features=1056, skips=False).body,
    PooledTop("predictions", pool=None),
    _files("mobile", "020fb642bf7360b370c678b08e0adf61", "1ed92395b5b598bdda52abe5c0dbfd63"),
    one_size=True,
)
LARGE = Application(
    "NASNet",
    Size(stem=96, blocks=6, features=4032, skips=True).body,
    PooledTop("predictions", pool=None),
    _files("large", "11577c9a518f0070763c2b964a382f17", "d81d89dc07e6e56530c4e77faddd61b5"),
    size=331,
    one_size=True,
)


def NASNetMobile(
    input_shape: Sequence[int | None] | None = None,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    **modules: Any,
) -> Model:
    """The small NASNet (Zoph et al., 2017, arXiv:1707.07012), for images of 224 rows and columns.

    The arguments are those of all networks, see `VGG16`; the numbers of rows and columns have to be
    known without the top, too.
    """
    check_modules("NASNetMobile", modules)
    return MOBILE.model(include_top, weights, input_tensor, input_shape, pooling, classes)


def NASNetLarge(
    input_shape: Sequence[int | None] | None = None,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    **modules: Any,
) -> Model:
    """The large NASNet (Zoph et al., 2017, arXiv:1707.07012), for images of 331 rows and columns.

    The arguments are those of all networks, see `VGG16`; the numbers of rows and columns have to be
    known without the top, too.
    """
    check_modules("NASNetLarge", modules)
    return LARGE.model(include_top, weights, input_tensor, input_shape, pooling, classes)


preprocess_input = preprocessor("tf")

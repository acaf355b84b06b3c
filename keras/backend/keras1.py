"""How Keras 1 spelt the functions of K: its names, its argument names, and what they meant
there."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from . import config, values
from .ops import arrange, conv, image, index, pool, random, truth
from .values import int_shape

tf_major_version, tf_minor_version = (
    1,
    15,
)  # for scripts that branch on it: as in Keras 2.3.1's days

FORMATS = {"tf": "channels_last", "th": "channels_first", "default": None}


class Old(NamedTuple):
    """An argument of Keras 1: its name today (`None`: a hint that nobody needs any more)."""

    name: str | None
    meaning: Callable[[Any], Any] | None = None


def _format(ordering: str) -> str | None:
    if ordering not in FORMATS:
        raise ValueError(f"Unknown dim_ordering {ordering!r}; it is 'tf', 'th' or 'default'.")
    return FORMATS[ordering]


ORDERING = {"dim_ordering": Old("data_format", _format)}
BORDER = {"border_mode": Old("padding"), **ORDERING}
CONVOLUTION = {
    **BORDER,
    "image_shape": Old(None),
    "volume_shape": Old(None),
    "filter_shape": Old(None),
    "filter_dilation": Old("dilation_rate"),
}


def spoken(
    function: Callable[..., Any], old: dict[str, Old], kernels: tuple[str, ...] = ()
) -> Callable[..., Any]:
    """The function, which also understands Keras 1's argument names.

    Where those are used and channels come first, kernels stand as (filters, channels, *window).
    """
    code = getattr(function, "__wrapped__", function).__code__
    own = code.co_varnames[: code.co_argcount]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs or old.keys().isdisjoint(kwargs):
            return function(*args, **kwargs)
        today: dict[str, Any] = dict(zip(own, args, strict=False))
        for name, value in kwargs.items():
            row = old.get(name, Old(name))
            if row.name is not None:
                today[row.name] = row.meaning(value) if row.meaning else value
        if kernels and config.normalize_data_format(today.get("data_format")) == "channels_first":
            today.update({name: _turned(today[name]) for name in kernels})
        return function(**today)

    call.spellings = frozenset(old)  # type: ignore[attr-defined]  # what a walk through the names asks for
    return call


def _turned(kernel: Any) -> Any:
    """(filters, channels, *window) -> (*window, channels, filters)"""
    return arrange.permute_dimensions(kernel, (*range(2, len(int_shape(kernel))), 1, 0))


conv1d = spoken(conv.conv1d, {"stride": Old("strides"), **CONVOLUTION})
conv2d = spoken(conv.conv2d, CONVOLUTION, ("kernel",))
conv3d = spoken(conv.conv3d, CONVOLUTION, ("kernel",))
separable_conv2d = spoken(
    conv.separable_conv2d, CONVOLUTION, ("depthwise_kernel", "pointwise_kernel")
)
pool2d = spoken(pool.pool2d, BORDER)
pool3d = spoken(pool.pool3d, BORDER)
spatial_2d_padding = spoken(image.spatial_2d_padding, ORDERING)
spatial_3d_padding = spoken(image.spatial_3d_padding, ORDERING)
resize_images = spoken(image.resize_images, {"X": Old("x"), **ORDERING})
resize_volumes = spoken(image.resize_volumes, {"X": Old("x"), **ORDERING})
expand_dims = spoken(arrange.expand_dims, {"dim": Old("axis")})
one_hot = spoken(index.one_hot, {"nb_classes": Old("num_classes")})
random_normal = spoken(random.random_normal, {"std": Old("stddev")})
random_uniform = spoken(random.random_uniform, {"low": Old("minval"), "high": Old("maxval")})
moving_average_update = spoken(values.moving_average_update, {"variable": Old("x")})
batch_get_value = spoken(values.batch_get_value, {"xs": Old("ops")})
lesser, lesser_equal = truth.less, truth.less_equal
get_variable_shape = int_shape


def atrous_conv2d(
    x: Any,
    kernel: Any,
    rate: int = 1,
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> Any:
    """`conv2d` with gaps of `rate` between the pixels that it looks at."""
    return conv2d(
        x, kernel, border_mode=border_mode, dim_ordering=dim_ordering, dilation_rate=(rate, rate)
    )


def deconv2d(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    image_shape: Any = None,
    filter_shape: Any = None,
) -> Any:
    """`conv2d_transpose`, whose kernel stood as that of a convolution: (*window, channels in,
    out)."""
    data_format = config.normalize_data_format(_format(dim_ordering))
    if data_format == "channels_first":
        kernel = _turned(kernel)
    kernel = arrange.permute_dimensions(kernel, (0, 1, 3, 2))
    return conv.conv2d_transpose(x, kernel, output_shape, strides, border_mode, data_format)


def asymmetric_temporal_padding(x: Any, left_pad: int = 1, right_pad: int = 1) -> Any:
    """Zeros before and after along time."""
    return image.temporal_padding(x, (left_pad, right_pad))


def asymmetric_spatial_2d_padding(
    x: Any,
    top_pad: int = 1,
    bottom_pad: int = 1,
    left_pad: int = 1,
    right_pad: int = 1,
    dim_ordering: str = "default",
) -> Any:
    """Zeros around images."""
    around = ((top_pad, bottom_pad), (left_pad, right_pad))
    return image.spatial_2d_padding(x, around, _format(dim_ordering))


image_ordering = config.image_dim_ordering
set_image_ordering = config.set_image_dim_ordering

_old_order = False


def legacy_weight_ordering() -> bool:
    """Whether weights are in the order of files from before Keras 1."""
    return _old_order


def set_legacy_weight_ordering(value: bool) -> None:
    """Say that weights are in the order of files from before Keras 1."""
    global _old_order
    if value not in (True, False):
        raise ValueError(f"set_legacy_weight_ordering takes True or False, got {value!r}.")
    _old_order = value

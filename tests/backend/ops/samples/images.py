"""Samples of convolutions, pools, and what else is done to images."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from keras import backend as K
from keras.backend.ops import conv, image, pool
from tests.backend.ops.table import Sample, call, real, rows

SAMPLES: list[Sample] = []


def each(value, rank):
    return (value,) * rank if isinstance(value, int) else tuple(value)


def around(size, window, stride, padding, dilation):
    """Zeros before and after, by TensorFlow's rule."""
    reach = (window - 1) * dilation + 1
    if padding == "causal":
        return reach - 1, 0
    if padding == "full":
        return reach - 1, reach - 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0) if padding == "same" else 0
    return total // 2, total - total // 2


def windows(x, window, strides, padding, dilation, value=0.0):
    """(batch, *space, n) -> (batch, *places, n, *window)"""
    rank = len(window)
    pairs = [
        around(*p)
        for p in zip(x.shape[1:-1], window, strides, [padding] * rank, dilation, strict=True)
    ]
    x = np.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=value)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    seen = sliding_window_view(x, reach, axis=tuple(range(1, rank + 1)))
    places = tuple(slice(None, None, s) for s in strides)
    inside = tuple(slice(None, None, d) for d in dilation)
    return seen[(slice(None), *places, slice(None), *inside)]


def in_format(function):
    """Written for channels last, used for both formats."""

    def run(x, *kernels, data_format="channels_last", **arguments):
        if data_format == "channels_first":
            return np.moveaxis(function(np.moveaxis(x, 1, -1), *kernels, **arguments), -1, 1)
        return function(x, *kernels, **arguments)

    return run


@in_format
def correlation(x, kernel, strides=1, padding="valid", dilation_rate=1):
    rank = kernel.ndim - 2
    seen = windows(x, kernel.shape[:-2], each(strides, rank), padding, each(dilation_rate, rank))
    axes = (rank + 1, *range(rank + 2, 2 * rank + 2)), (rank, *range(rank))
    return np.tensordot(seen, kernel, axes)


@in_format
def by_channel(x, kernel, strides=1, padding="valid", dilation_rate=1):
    rank = kernel.ndim - 2
    seen = windows(x, kernel.shape[:-2], each(strides, rank), padding, each(dilation_rate, rank))
    letters = "hwd"[:rank]
    made = np.einsum(
        "bxyznHWD"[: 1 + rank] + f"n{letters},{letters}nm->b" + "xyz"[:rank] + "nm", seen, kernel
    )
    return made.reshape(*made.shape[:-2], -1)


@in_format
def separated(x, depthwise, pointwise, **arguments):
    return correlation(by_channel(x, depthwise, **arguments), pointwise)


def transposed(
    x,
    kernel,
    output_shape,
    strides=1,
    padding="valid",
    data_format="channels_last",
    dilation_rate=1,
):
    if data_format == "channels_first":
        moved = (output_shape[0], *output_shape[2:], output_shape[1])
        made = transposed(
            np.moveaxis(x, 1, -1), kernel, moved, strides, padding, "channels_last", dilation_rate
        )
        return np.moveaxis(made, -1, 1)
    rank = kernel.ndim - 2
    strides, dilation = each(strides, rank), each(dilation_rate, rank)
    space = output_shape[1:-1]
    pairs = [
        around(*p)
        for p in zip(space, kernel.shape, strides, [padding] * rank, dilation, strict=False)
    ]
    made = np.zeros(
        (len(x), *(s + a + b for s, (a, b) in zip(space, pairs, strict=True)), kernel.shape[-2])
    )
    for place in np.ndindex(kernel.shape[:-2]):
        cut = tuple(
            slice(p * d, p * d + s * n, s)
            for p, d, s, n in zip(place, dilation, strides, x.shape[1:-1], strict=True)
        )
        made[(slice(None), *cut)] += x @ kernel[place].T
    return made[(slice(None), *(slice(a, a + s) for s, (a, _) in zip(space, pairs, strict=True)))]


def images(*calls):
    """Kernels have known sizes; of images all may be unknown."""
    return [c.but(open="first") for c in calls]


FIRST = {"data_format": "channels_first"}
SAMPLES += rows(
    K.conv1d,
    correlation,
    *images(
        call(real(2, 6, 3), real(3, 3, 2)),
        call(real(2, 6, 3), real(2, 3, 2), padding="same"),
        call(real(2, 6, 3), real(3, 3, 2), strides=2, padding="same"),
        call(real(2, 6, 3), real(2, 3, 2), padding="causal", dilation_rate=2),
        call(real(2, 3, 6), real(3, 3, 2), strides=2, **FIRST),
    ),
)
SAMPLES += rows(
    K.conv2d,
    correlation,
    *images(
        call(real(2, 5, 4, 2), real(3, 2, 2, 3)),
        call(real(2, 5, 4, 2), real(2, 3, 2, 3), padding="same"),
        call(real(2, 5, 6, 2), real(2, 3, 2, 3), strides=(2, 3), padding="same"),
        call(real(1, 7, 6, 2), real(2, 2, 2, 2), dilation_rate=(2, 3)),
        call(real(1, 6, 6, 2), real(3, 3, 2, 2), padding="same", dilation_rate=(2, 2)),
        call(real(2, 2, 5, 4), real(3, 2, 2, 3), padding="same", strides=(2, 2), **FIRST),
        call(real(1, 3, 3, 2), real(2, 2, 2, 2), padding="full"),
        call(real(1, 4, 4, 2), real(1, 1, 2, 3), strides=(2, 2)),
    ),
)
SAMPLES += rows(
    K.conv3d,
    correlation,
    *images(
        call(real(1, 3, 4, 3, 2), real(2, 2, 2, 2, 2)),
        call(real(1, 3, 4, 3, 2), real(2, 2, 3, 2, 1), strides=(2, 1, 1), padding="same"),
        call(real(1, 2, 3, 3, 2), real(2, 2, 2, 2, 1), **FIRST),
    ),
)
SAMPLES += rows(
    conv.conv,
    lambda x, kernel, groups: np.concatenate(
        [
            correlation(a, b)
            for a, b in zip(np.split(x, groups, -1), np.split(kernel, groups, -1), strict=True)
        ],
        -1,
    ),
    call(real(2, 4, 4, 4), real(2, 2, 2, 6), groups=2).but(open="first"),
)


def of_kernel(x, g, window, strides, padding, dilation, channels_last, groups):
    """What each value of the kernel adds to each value of the result, times its gradient."""
    rank = len(window)
    x = np.pad(x, [(0, 0), *padding, (0, 0)])
    seen = windows(x, window, strides, "valid", dilation)
    batch_and_places = tuple(range(rank + 1))
    made = np.tensordot(seen, g, (batch_and_places, batch_and_places))
    return np.moveaxis(made, 0, rank)


NONE = ((0, 0), (0, 0))
SAMPLES += rows(
    conv.convolution_kernel,
    of_kernel,
    call(real(2, 4, 5, 2), real(2, 3, 3, 3), (2, 3), (1, 1), NONE, (1, 1), True, 1).but(
        open="batch"
    ),
    call(real(2, 4, 5, 2), real(2, 2, 2, 3), (2, 3), (2, 2), NONE, (1, 1), True, 1).but(
        open="batch"
    ),
    call(real(1, 4, 4, 2), real(1, 4, 5, 1), (2, 2), (1, 1), ((1, 0), (1, 1)), (1, 1), True, 1).but(
        open="batch"
    ),
)
SAMPLES += rows(
    K.conv2d_transpose,
    transposed,
    *images(
        call(real(2, 3, 3, 2), real(2, 2, 3, 2), (2, 4, 4, 3)),
        call(real(2, 3, 2, 2), real(3, 3, 3, 2), (2, 6, 4, 3), strides=(2, 2), padding="same"),
        call(real(2, 3, 2, 2), real(3, 3, 3, 2), (2, 5, 3, 3), strides=(2, 2), padding="same"),
        call(real(2, 3, 2, 2), real(3, 2, 3, 2), (2, 7, 4, 3), strides=(2, 2)),
        call(real(2, 2, 3, 3), real(2, 2, 3, 2), (2, 3, 4, 4), **FIRST),
        call(real(1, 3, 3, 2), real(2, 2, 2, 2), (1, 5, 5, 2), dilation_rate=(2, 2)),
    ),
)
SAMPLES += rows(
    K.conv3d_transpose,
    transposed,
    *images(
        call(real(1, 2, 2, 3, 2), real(2, 2, 2, 1, 2), (1, 3, 3, 4, 1)),
        call(real(1, 2, 2, 2, 2), real(2, 3, 2, 1, 2), (1, 4, 4, 4, 1), (2, 2, 2), "same"),
    ),
)
SAMPLES += rows(
    K.depthwise_conv2d,
    by_channel,
    *images(
        call(real(2, 5, 4, 3), real(3, 2, 3, 2)),
        call(real(2, 5, 4, 3), real(3, 2, 3, 1), strides=(2, 2), padding="same"),
        call(real(2, 3, 5, 4), real(2, 2, 3, 2), **FIRST),
        call(real(1, 6, 6, 2), real(2, 2, 2, 1), dilation_rate=(2, 2)),
    ),
)
SAMPLES += rows(
    K.separable_conv1d,
    separated,
    *images(
        call(real(2, 6, 3), real(2, 3, 2), real(1, 6, 4)),
        call(real(2, 6, 3), real(3, 3, 1), real(1, 3, 2), padding="same", strides=2),
    ),
)
SAMPLES += rows(
    K.separable_conv2d,
    separated,
    *images(
        call(real(2, 4, 4, 2), real(2, 2, 2, 2), real(1, 1, 4, 3)),
        call(real(1, 2, 5, 4), real(3, 2, 2, 1), real(1, 1, 2, 3), padding="same", **FIRST),
    ),
)


@in_format
def pooled(x, pool_size, strides, padding="valid", pool_mode="max"):
    rank = x.ndim - 2
    ones = (1,) * rank
    seen = windows(x, each(pool_size, rank), each(strides, rank), padding, ones, np.nan)
    summary = np.nanmax if pool_mode == "max" else np.nanmean
    return summary(seen, axis=tuple(range(rank + 2, 2 * rank + 2)))


POOLS = [
    ((2, 2), (2, 2), "valid"),
    ((2, 2), (2, 2), "same"),
    ((3, 2), (2, 1), "same"),
    ((3, 3), (1, 1), "valid"),
    ((2, 3), (3, 2), "same"),
]
for mode in ("max", "avg"):
    for arguments in POOLS:
        SAMPLES += rows(
            K.pool2d,
            lambda x, size, strides, padding, pool_mode, **k: pooled(
                x, pool_size=size, strides=strides, padding=padding, pool_mode=pool_mode, **k
            ),
            call(real(2, 5, 4, 2), *arguments, pool_mode=mode),
            call(real(1, 2, 5, 5), *arguments, pool_mode=mode, **FIRST),
        )
    SAMPLES += rows(
        K.pool3d,
        lambda x, size, strides, padding, pool_mode, **k: pooled(
            x, pool_size=size, strides=strides, padding=padding, pool_mode=pool_mode, **k
        ),
        call(real(1, 4, 3, 3, 2), (2, 2, 2), (2, 1, 2), "same", pool_mode=mode),
        call(real(1, 2, 4, 3, 3), (2, 2, 2), (1, 1, 1), "valid", pool_mode=mode, **FIRST),
    )
    SAMPLES += rows(
        lambda x, *a: pool.pool_nd(1, x, *a),
        lambda x, size, strides, padding, data_format, pool_mode: pooled(
            x, pool_size=size, strides=strides, padding=padding, pool_mode=pool_mode
        ),
        call(real(2, 7, 2), 3, 2, "same", "channels_last", mode),
        name="pool1d",
    )


def locally(x, kernel, kernel_size, strides, space, data_format="channels_last"):
    last = data_format == "channels_last"
    x = x if last else np.moveaxis(x, 1, -1)
    rank = len(space)
    seen = windows(x, each(kernel_size, rank), each(strides, rank), "valid", (1,) * rank)
    inner = list(range(rank + 2, 2 * rank + 2))
    order = [*range(rank + 1), *inner, rank + 1] if last else [*range(rank + 1), rank + 1, *inner]
    patches = np.transpose(seen, order).reshape(len(x), kernel.shape[0], -1)
    made = np.einsum("bpr,prf->bpf", patches, kernel).reshape(len(x), *space, -1)
    return made if last else np.moveaxis(made, -1, 1)


SAMPLES += rows(
    K.local_conv1d,
    lambda x, kernel, size, strides, **k: locally(x, kernel, size, strides, kernel.shape[:1], **k),
    *images(
        call(real(2, 5, 3), real(3, 9, 2), (3,), (1,)),
        call(real(2, 6, 2), real(3, 4, 2), (2,), (2,)),
        call(real(2, 3, 5), real(4, 6, 2), (2,), (1,), **FIRST),
    ),
)
SAMPLES += rows(
    K.local_conv2d,
    locally,
    *images(
        call(real(2, 4, 3, 2), real(6, 8, 3), (2, 2), (1, 1), (3, 2)),
        call(real(1, 2, 4, 5), real(4, 8, 2), (2, 2), (2, 2), (2, 2), **FIRST),
    ),
)

# ---- padding and resizing

SAMPLES += rows(
    K.temporal_padding,
    lambda x, padding=(1, 1): np.pad(x, ((0, 0), padding, (0, 0))),
    call(real(2, 3, 2)),
    call(real(2, 3, 2), (0, 2)),
)


def padded(x, padding, data_format="channels_last"):
    last = data_format == "channels_last"
    return np.pad(x, [(0, 0), *padding, (0, 0)] if last else [(0, 0), (0, 0), *padding])


SAMPLES += rows(
    K.spatial_2d_padding,
    padded,
    call(real(2, 2, 3, 2), ((1, 2), (0, 3))),
    call(real(2, 2, 3, 2), ((0, 0), (1, 0)), "channels_first"),
)
SAMPLES += rows(
    K.spatial_3d_padding,
    padded,
    call(real(1, 2, 2, 2, 1), ((1, 2), (0, 1), (1, 1))),
    call(real(1, 1, 2, 2, 2), ((1, 0), (0, 1), (0, 0)), "channels_first"),
)


def repeated(x, *factors, data_format="channels_last"):
    for axis, factor in enumerate(factors, 1 if data_format == "channels_last" else 2):
        x = np.repeat(x, factor, axis)
    return x


def between(x, *factors, data_format="channels_last", interpolation="bilinear"):
    for axis, factor in enumerate(factors, 1 if data_format == "channels_last" else 2):
        size = x.shape[axis]
        at = np.arange(size * factor) / factor
        x = np.apply_along_axis(lambda line: np.interp(at, np.arange(len(line)), line), axis, x)  # noqa: B023
    return x


SAMPLES += rows(
    image.upsample,
    lambda x, factors, last: repeated(
        x, *factors, data_format="channels_last" if last else "channels_first"
    ),
    call(real(2, 3, 2), (3,), True),
    call(real(2, 2, 3), (2,), False),
)
SAMPLES += rows(
    K.resize_images,
    lambda x, h, w, data_format: repeated(x, h, w, data_format=data_format),
    call(real(2, 2, 3, 2), 2, 3, "channels_last"),
    call(real(2, 2, 3, 2), 1, 2, "channels_first"),
)
SAMPLES += rows(
    K.resize_images,
    lambda x, h, w, data_format, interpolation: between(x, h, w, data_format=data_format),
    call(real(2, 2, 3, 2), 2, 3, "channels_last", "bilinear"),
    call(real(1, 2, 1, 3), 2, 2, "channels_first", "bilinear"),
)
SAMPLES += rows(
    K.resize_volumes,
    lambda x, d, h, w, data_format: repeated(x, d, h, w, data_format=data_format),
    call(real(1, 2, 2, 2, 2), 2, 1, 3, "channels_last"),
    call(real(1, 2, 2, 1, 2), 2, 3, 1, "channels_first"),
)

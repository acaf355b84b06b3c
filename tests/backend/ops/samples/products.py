"""Samples of products of matrices and of stacks of them."""

from __future__ import annotations

import numpy as np

from keras import backend as K
from keras.backend.ops import linalg
from tests.backend.ops.table import Sample, call, real, rows

SAMPLES: list[Sample] = []


def product(x, y, transpose_x=False, transpose_y=False):
    return (np.swapaxes(x, -1, -2) if transpose_x else x) @ (
        np.swapaxes(y, -1, -2) if transpose_y else y
    )


SAMPLES += rows(
    linalg.matmul,
    product,
    call(real(2, 3), real(3, 4)),
    call(real(3, 2), real(3, 4), True),
    call(real(2, 3), real(4, 3), False, True),
    call(real(3, 2), real(4, 3), True, True),
    call(real(2, 3, 4), real(2, 4, 2)),
    call(real(2, 4, 3), real(2, 2, 4), True, True),
    call(real(2, 3, 4), real(4, 2)),
    call(real(2, 1, 3, 2), real(3, 2, 2), False, True),
)
SAMPLES += rows(
    K.dot,
    np.dot,
    call(real(2, 3), real(3, 4)),
    call(real(2, 3, 4), real(4, 5)),
    call(real(2, 4), real(3, 4, 2)),
    call(real(2, 3, 4), real(2, 4, 3)),
    call(real(2, 3), real(3)),
    call(real(3), real(3)).but(open="none"),
    call(real(2, 3), real()),
)


def for_each_sample(x, y, axes=None):
    if axes is None:
        axes = x.ndim - 1, 1 if y.ndim == 2 else y.ndim - 2
    first, second = (axes, axes) if isinstance(axes, int) else axes
    pair = first % x.ndim - 1, second % y.ndim - 1
    made = np.stack(
        [np.tensordot(a, b, ((pair[0],), (pair[1],))) for a, b in zip(x, y, strict=True)]
    )
    return made[:, None] if made.ndim == 1 else made


SAMPLES += rows(
    K.batch_dot,
    for_each_sample,
    call(real(3, 2, 4), real(3, 4, 2)),
    call(real(3, 2, 4), real(3, 2, 4), axes=1),
    call(real(3, 2, 4), real(3, 5, 4), axes=[2, 2]),
    call(real(3, 4), real(3, 4), axes=1),
    call(real(3, 4), real(3, 4, 2), axes=(1, 1)),
    call(real(3, 2, 4), real(3, 4)),
    call(real(2, 2, 3, 2), real(2, 3, 4), axes=(2, 1)).but(open="first"),
    call(real(2, 2, 3), real(2, 2, 3, 2), axes=(-1, -2)).but(open="first"),
)
SAMPLES += rows(
    K.bias_add,
    lambda x, bias, data_format=None: x + bias,
    call(real(2, 3), real(3)),
    call(real(2, 3, 4), real(4)),
    call(real(2, 3, 4, 2), real(3, 4, 2), "channels_last"),
)
SAMPLES += rows(
    K.bias_add,
    lambda x, bias, data_format: x + bias.reshape(-1, *(1,) * (x.ndim - 2)),
    call(real(2, 3, 4), real(3), "channels_first"),
    call(real(2, 3, 4, 2), real(3), data_format="channels_first"),
)
SAMPLES += rows(
    K.dense,
    lambda x, kernel, bias=None: x @ kernel + (0.0 if bias is None else bias),
    call(real(2, 3), real(3, 4), real(4)),
    call(real(2, 3), real(3, 4)),
    call(real(2, 2, 3), real(3, 2), real(2)).but(open="first"),
)

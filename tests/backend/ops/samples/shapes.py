"""Samples of reshaping, joining, cutting, picking."""

from __future__ import annotations

import numpy as np

from keras import backend as K
from keras.backend.ops import arrange, create, index
from tests.backend.ops.table import Sample, blind, call, real, rows, truth, whole

SAMPLES: list[Sample] = []

SAMPLES += rows(
    K.reshape,
    np.reshape,
    call(real(2, 6), (3, 4)),
    call(real(2, 6), (-1, 2)),
    call(real(2, 3, 4), [2, 12]),
    call(real(1, 1), ()),
    blind(whole(6), (2, 3)),
)
SAMPLES += rows(K.flatten, np.ravel, call(real(2, 3, 4)), call(real()))
SAMPLES += rows(
    K.batch_flatten, lambda x: x.reshape(len(x), -1), call(real(2, 3, 4)), call(real(2, 3))
)
SAMPLES += rows(
    K.expand_dims,
    lambda x, axis=-1: np.expand_dims(x, axis),
    call(real(2, 3)),
    call(real(2, 3), 0),
    call(real(2, 3), axis=-2),
    call(real()),
)
SAMPLES += rows(K.squeeze, np.squeeze, call(real(2, 1, 3), 1), call(real(2, 3, 1), axis=-1))
SAMPLES += rows(
    K.permute_dimensions,
    np.transpose,
    call(real(2, 3, 4), (2, 0, 1)),
    call(real(2, 3, 4), [0, 2, 1]),
    call(real(2, 3), (0, 1)),
    call(real(2, 3, 4), (0, -1, 1)),
)
SAMPLES += rows(K.transpose, np.transpose, call(real(2, 3)), call(real(2, 3, 4)), call(real(3)))

PARTS = [real(2, 3), real(2, 1), real(2, 4)]
SAMPLES += rows(
    K.concatenate,
    lambda tensors, axis=-1: np.concatenate(tensors, axis),
    call(PARTS),
    call([real(2, 3, 2), real(2, 1, 2)], axis=1),
    call([real(2, 3), real(1, 3)], 0),
    call([real(3)]),
    blind([whole(2), whole(3)]),
)
SAMPLES += rows(
    K.stack,
    lambda x, axis=0: np.stack(x, axis),
    call([real(2, 3), 0.5 * real(2, 3)]),
    call([real(2, 3), 0.5 * real(2, 3)], axis=1),
    call([real(2, 3), 0.5 * real(2, 3)], -1),
)
SAMPLES += rows(
    arrange.split,
    lambda x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], axis),
    call(real(2, 5), (2, 3), 1).but(open="batch"),
    call(real(4, 2), (1, 2, 1), 0).but(open="none"),
)
SAMPLES += rows(
    arrange.split_like,
    lambda x, like, axis: np.split(x, np.cumsum([p.shape[axis] for p in like])[:-1], axis),
    call(real(2, 4), [real(2, 3), real(2, 1)], 1).but(wrt=(0,)),
)
SAMPLES += rows(
    arrange.unstack,
    lambda x, count, axis=0: [np.take(x, i, axis) for i in range(count)],
    call(real(3, 2), 3).but(open="none"),
    call(real(2, 3), 3, 1).but(open="batch"),
)
SAMPLES += rows(
    K.tile,
    np.tile,
    call(real(2, 3), (2, 3)),
    call(real(2, 3), [1, 2]),
    call(real(2, 3), 2),
    call(real(2, 3, 1), (2,)),
)
SAMPLES += rows(
    K.repeat_elements,
    np.repeat,
    call(real(2, 3), 2, 0),
    call(real(2, 3), 3, axis=1),
    call(real(2, 3, 2), 2, axis=-2),
)
SAMPLES += rows(K.repeat, lambda x, n: np.stack([x] * n, 1), call(real(2, 3), 4))
SAMPLES += rows(
    K.reverse, np.flip, call(real(2, 3), 0), call(real(2, 3), (0, 1)), call(real(2, 3, 2), [-1])
)
SAMPLES += rows(
    arrange.pad,
    lambda x, padding, value=0.0: np.pad(x, padding, constant_values=value),
    call(real(2, 3), ((1, 0), (0, 2))),
    call(real(2, 3), ((0, 0), (1, 1)), 1.5),
    blind(whole(2, 3), ((1, 1), (0, 0)), 1),
)
SAMPLES += rows(
    arrange.reshape_as, lambda x, y: x.reshape(y.shape), call(real(2, 3), real(3, 2)).but(wrt=(0,))
)
SAMPLES += rows(
    arrange.stretch_to,
    lambda x, y: np.broadcast_to(x, y.shape),
    call(real(2, 1), real(2, 3)).but(wrt=(0,)),
    call(real(3), real(2, 3)).but(wrt=(0,)),
)


def summed(x, like):
    extra = x.ndim - like.ndim
    axes = (*range(extra), *(i + extra for i, s in enumerate(like.shape) if s == 1))
    return x.sum(axes, keepdims=True).reshape(like.shape)


SAMPLES += rows(
    arrange.sum_to_shape,
    summed,
    call(real(2, 3), real(1, 3)).but(wrt=(0,)),
    call(real(2, 3, 4), real(3, 1)).but(wrt=(0,)),
    call(real(2, 3), real(2, 3)).but(wrt=(0,)),
)
SAMPLES += rows(
    K.shape, lambda x: np.array(x.shape, "int32"), blind(real(2, 3)), blind(real()), name="shape"
)
SAMPLES += rows(K.size, lambda x: np.array(x.size, "int32"), blind(real(2, 3)), blind(whole(4)))

# ---- slices

KEYS = [
    0, -1, slice(1, None), slice(None, -1), slice(None, None, 2), slice(None, None, -1), None, ...,
    (0, 1), (slice(None), 1), (slice(None), slice(0, 2)), (..., -1), (None, slice(None), 0),
    (slice(2, 0, -1), slice(None, None, -2)), (slice(None), None, slice(1, 3)),
    (1, slice(-2, None)), [0, 2, 1], (slice(None), [2, 0]), slice(5, 2),
]  # fmt: skip
for key in KEYS:
    SAMPLES += rows(
        lambda x, _key=key: K.identity(x)[_key] if K.is_tensor(x) else index.getitem(x, _key),
        lambda x, _key=key: x[_key],
        call(real(3, 4)),
        name="getitem",
    )
SAMPLES += rows(
    K.slice,
    lambda x, start, size: x[
        tuple(slice(s, None if n == -1 else s + n) for s, n in zip(start, size, strict=True))
    ],
    call(real(3, 4), (1, 0), (2, 3)),
    call(real(3, 4), [0, 2], [-1, 2]),
    call(real(2, 3, 4), (0, 1, 1), (2, 1, -1)),
    name="slice",
)


def placed(g, like, moving, key):
    made = np.zeros_like(like)
    made[index.real_key(key, moving)] = g
    return made


CUTS = (index.Cut(1, 3, None), index.Cut(None, None, -1))
SAMPLES += rows(
    index.put_slice,
    placed,
    call(real(2, 4), real(3, 4), [], CUTS).but(wrt=(0,)),
    call(real(3), real(3, 4), [], (index.Cut(None, None, None), 2)).but(wrt=(0,)),
)
SAMPLES += rows(
    K.gather,
    lambda reference, indices: reference[np.asarray(indices).astype(int)],
    call(real(5, 3), whole(4)),
    call(real(5, 3), whole(2, 2, dtype="int64")),
    call(real(5), whole(3)),
    call(real(5, 2, 3), whole(2)),
    call(real(5, 3), whole(3).astype("float64")).but(wrt=(0,)),
)
SAMPLES += rows(
    index.take,
    lambda reference, indices, axis=0: np.take(reference, indices, axis),
    call(real(3, 5), whole(2, 2), 1),
    call(real(3, 5), whole(4), 1),
)


def scattered(g, indices, like, axis=0):
    made = np.moveaxis(np.zeros_like(like), axis, 0)
    flat = np.moveaxis(g.reshape(*like.shape[:axis], -1, *like.shape[axis + 1 :]), axis, 0)
    np.add.at(made, indices.reshape(-1), flat)
    return np.moveaxis(made, 0, axis)


SAMPLES += rows(
    index.put_rows,
    scattered,
    call(real(4, 3), whole(4), real(5, 3)).but(wrt=(0,)),
    call(real(2, 2, 3), whole(2, 2), real(5, 3)).but(wrt=(0,)),
    call(real(3, 4), whole(4), real(3, 5), 1).but(wrt=(0,)),
)
SAMPLES += rows(
    K.one_hot, lambda i, n: np.eye(n)[i], blind(whole(4), 5), blind(whole(2, 3, dtype="int64"), 5)
)


def among_best(predictions, targets, k):
    value = np.take_along_axis(predictions, targets[:, None].astype(int), 1)
    return (predictions > value).sum(1) < k


SAMPLES += rows(
    K.in_top_k,
    among_best,
    blind(real(6, 5), whole(6), 1).but(open="batch"),
    blind(real(6, 5), whole(6), 3).but(open="batch"),
    blind(np.round(real(6, 5)), whole(6, dtype="int64"), 2).but(open="batch"),
)

# ---- out of nothing

SAMPLES += rows(K.zeros_like, lambda x: np.zeros_like(x), blind(real(2, 3)), blind(whole(3)))
SAMPLES += rows(K.ones_like, lambda x: np.ones_like(x), blind(real(2, 3)), blind(truth(3)))
SAMPLES += rows(
    K.ones_like,
    lambda x, dtype: np.ones_like(x, dtype),
    blind(real(2, 3), "int32"),
    name="ones_like",
)
SAMPLES += rows(
    create.full_like,
    lambda x, value, dtype=None: np.full_like(x, value, dtype),
    blind(real(2, 3), 2.5),
    blind(whole(2, 3), 7),
    blind(whole(3), 1, "float64"),
)
SAMPLES += rows(K.zeros, np.zeros, blind((2, 3)), blind((2,), "int32"), blind(()))
SAMPLES += rows(K.ones, np.ones, blind((2, 3)), blind([3], dtype="bool"))
SAMPLES += rows(create.filled, np.full, blind((2, 3), 4.5), blind((2,), 3, "int64"), name="filled")
SAMPLES += rows(K.eye, np.eye, blind(3), blind(2, dtype="int32"))
SAMPLES += rows(
    K.constant,
    lambda value, dtype="float64", shape=None: np.full(shape or np.shape(value), value, dtype),
    blind(3),
    blind([[1, 2], [3, 4]]),
    blind(2.5, shape=(2, 3)),
    blind([1, 0], "bool"),
)
SAMPLES += rows(
    K.arange,
    lambda start, stop=None, step=1, dtype="int32": np.arange(
        *((0, max(start, 0)) if stop is None else (start, stop)), step, dtype=dtype
    ),
    blind(5),
    blind(2, 8),
    blind(2, 8, 3),
    blind(8, 2, -2),
    blind(5, 2),
    blind(-2),
    blind(0, 1, 0.25, "float64"),
)

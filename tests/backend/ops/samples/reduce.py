"""Samples of sums, means and other reductions."""

from __future__ import annotations

import numpy as np
from scipy import special

from keras import backend as K
from keras.backend.ops import reduce
from tests.backend.ops.table import Sample, blind, call, real, rows, truth, whole

SAMPLES: list[Sample] = []


def over(function):
    """numpy's reduction, axes given as lists as well."""

    def run(x, axis=None, keepdims=False):
        return function(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)

    return run


def along(function, default):
    """numpy's function along one axis."""
    return lambda x, axis=default: function(x, axis)


AXES = [
    call(real(2, 3, 4)),
    call(real(2, 3, 4), axis=1),
    call(real(2, 3, 4), axis=-1, keepdims=True),
    call(real(2, 3, 4), axis=[0, -1]),
    call(real(2, 3, 4), axis=(1, 2), keepdims=True),
    call(real(2, 3, 4), None, True),
    call(real(5)),
]
for function, reference in (
    (K.sum, np.sum), (K.mean, np.mean), (K.max, np.max), (K.min, np.min), (K.prod, np.prod),
    (K.std, np.std), (K.var, np.var),
):  # fmt: skip
    SAMPLES += rows(function, over(reference), *AXES)
SAMPLES += rows(K.logsumexp, over(special.logsumexp), *AXES, call(300.0 * real(4), axis=0))
SAMPLES += rows(K.sum, over(np.sum), call(real()), blind(whole(2, 3)), blind(whole(2, 3), axis=1))
SAMPLES += rows(K.sum, over(lambda x, **k: np.sum(x, **k, dtype="int32")), blind(truth(4)))
SAMPLES += rows(K.mean, over(np.mean), call(real()), blind(truth(3, 4)), blind(truth(3, 4), axis=0))
SAMPLES += rows(
    K.mean,
    over(lambda x, **k: np.trunc(np.mean(x, **k)).astype("int32")),
    blind(whole(3, 4) - 2, 1),
)
SAMPLES += rows(K.max, over(np.max), blind(whole(3, 4), axis=1))
SAMPLES += rows(K.var, over(np.var), blind(whole(3, 4), axis=1))

for name in ("any", "all"):
    SAMPLES += rows(
        getattr(K, name),
        over(getattr(np, name)),
        blind(truth(3, 4)),
        blind(truth(3, 4), axis=1),
        blind(truth(2, 3, 4), axis=(0, 2), keepdims=True),
        blind(whole(3, 4), axis=0),
    )
for name in ("argmax", "argmin"):
    SAMPLES += rows(
        getattr(K, name),
        along(getattr(np, name), -1),
        blind(real(3, 4)),
        blind(real(3, 4), axis=0),
        blind(real(2, 3, 4), axis=-2),
    )
for name in ("cumsum", "cumprod"):
    SAMPLES += rows(
        getattr(K, name),
        along(getattr(np, name), 0),
        call(real(3, 4)),
        call(real(3, 4), axis=-1),
        call(real(2, 3, 2), axis=1),
    )
for function, reference in ((K.softmax, special.softmax), (K.log_softmax, special.log_softmax)):
    SAMPLES += rows(
        function,
        along(reference, -1),
        call(real(3, 4)),
        call(real(2, 3, 4), axis=1),
        call(real(4)),
        call(400.0 * real(2, 3)).but(wrt=()),
    )
SAMPLES += rows(
    reduce.softmax_gradient,
    lambda g, y, axis: y * (g - np.sum(g * y, axis, keepdims=True)),
    call(real(3, 4), real(3, 4), 1),
    call(real(3, 4), real(3, 4), 0),
)


def length(x, axis=None):
    return x / np.sqrt(np.maximum(np.sum(x * x, axis=axis, keepdims=True), 1e-12))


SAMPLES += rows(
    K.l2_normalize, length, call(real(3, 4)), call(real(3, 4), 1), call(real(3, 4), axis=-2)
)


def spread(g, x, axis, keepdims, shared):
    g = g if keepdims else np.expand_dims(g, axis)
    count = np.prod([x.shape[a] for a in axis]) if shared else 1
    return np.broadcast_to(g / count, x.shape)


SAMPLES += rows(
    reduce.spread,
    spread,
    call(real(3), real(3, 4), (1,), False, False).but(wrt=(0,)),
    call(real(3, 1), real(3, 4), (1,), True, True).but(wrt=(0,)),
    call(real(2), real(2, 3, 4), (1, 2), False, True).but(wrt=(0,)),
)

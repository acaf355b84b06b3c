"""Samples of functions of single elements."""

from __future__ import annotations

import numpy as np
from scipy import special

from keras import backend as K
from keras.backend.ops import activations as a, elementwise as e, truth as t
from tests.backend.ops.table import Sample, blind, call, positive, real, rows, truth, whole

SAMPLES: list[Sample] = []

PAIRS = [
    call(real(3, 4), real(3, 4, low=-1.9, high=2.2)),
    call(real(3, 4), positive(4)),
    call(real(2, 1, 3), real(4, 1)),
    call(real(2, 3), real()),
]
WITH_NUMBERS = [call(real(2, 3), 2.0), call(0.5, real(2, 3))]
WHOLE = [blind(whole(2, 3), whole(3, high=4)), blind(whole(2, 3), 2), blind(3, whole(2))]

SAMPLES += rows(e.add, np.add, *PAIRS, *WITH_NUMBERS, *WHOLE, call(real(2), 0))
SAMPLES += rows(e.subtract, np.subtract, *PAIRS, *WITH_NUMBERS, *WHOLE)
SAMPLES += rows(e.multiply, np.multiply, *PAIRS, *WITH_NUMBERS, *WHOLE, call(real(2), 1))
SAMPLES += rows(
    e.divide,
    np.divide,
    call(real(3, 4), positive(4)),
    *WITH_NUMBERS,
    call(real(2, 1), positive(1, 3)),
)
SAMPLES += rows(e.divide, np.divide, blind(whole(2, 3), whole(3, high=4) + 1), blind(whole(3), 2))
SAMPLES += rows(
    e.floor_divide, np.floor_divide, blind(real(5), positive(5)), blind(whole(5) - 2, whole(5) + 1)
)
SAMPLES += rows(
    e.mod, np.mod, call(real(6), positive(6)), call(real(6), 0.7), blind(whole(5) - 2, whole(5) + 1)
)
SAMPLES += rows(
    e.power, np.power, call(positive(3, 4), real(4)), call(positive(3), 2.5), call(2.0, real(3))
)
SAMPLES += rows(e.power, np.power, call(real(4), 2), call(real(4), 3.0), blind(whole(4), 2))
SAMPLES += rows(
    K.pow, np.power, call(positive(5), 0.5), call(real(5), 2), call(positive(2, 2), real(2, 2))
)
SAMPLES += rows(e.maximum, np.maximum, *PAIRS, *WITH_NUMBERS, *WHOLE)
SAMPLES += rows(e.minimum, np.minimum, *PAIRS, *WITH_NUMBERS, *WHOLE)
SAMPLES += rows(e.arctan2, np.arctan2, *PAIRS)

for name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"):
    SAMPLES += rows(
        getattr(K, name),
        getattr(np, name),
        blind(whole(3, 4), whole(4)),
        blind(real(3), 0.1),
        blind(0.1, real(3)),
        blind(real(2, 3), real(3)),
    )
SAMPLES += rows(K.lesser, np.less, blind(real(3), real(3)), name="lesser")
SAMPLES += rows(K.lesser_equal, np.less_equal, blind(whole(3), whole(3)), name="lesser_equal")
SAMPLES += rows(K.logical_and, np.logical_and, blind(truth(3, 4), truth(4)), blind(truth(3), True))
SAMPLES += rows(K.logical_or, np.logical_or, blind(truth(3, 4), truth(4)), blind(truth(3), False))
SAMPLES += rows(K.logical_not, np.logical_not, blind(truth(3, 4)))

for function, reference in (
    (e.negative, np.negative), (K.abs, np.abs), (K.exp, np.exp), (K.expm1, np.expm1),
    (K.square, np.square), (K.sin, np.sin), (K.cos, np.cos), (e.tan, np.tan), (K.tanh, np.tanh),
    (K.sigmoid, special.expit), (K.softplus, lambda x: np.log1p(np.exp(x))), (e.erf, special.erf),
    (a.rectify, lambda x: np.maximum(x, 0)), (K.softsign, lambda x: x / (1 + np.abs(x))),
    (K.hard_sigmoid, lambda x: np.clip(0.2 * x + 0.5, 0, 1)), (K.identity, lambda x: x),
):  # fmt: skip
    SAMPLES += rows(function, reference, call(real(3, 4)), call(real()), call(3.0 * real(2, 1, 3)))
for function, reference in (
    (K.log, np.log), (K.log1p, np.log1p), (K.sqrt, np.sqrt), (e.rsqrt, lambda x: x**-0.5)
):  # fmt: skip
    SAMPLES += rows(function, reference, call(positive(3, 4)), call(positive()))
SAMPLES += rows(K.sqrt, lambda x: np.sqrt(np.maximum(x, 0)), blind(real(5)))
SAMPLES += rows(K.exp, np.exp, blind(whole(3)))
SAMPLES += rows(e.negative, np.negative, blind(whole(3)))
SAMPLES += rows(K.abs, np.abs, blind(whole(3) - 2))
for name in ("sign", "round", "floor", "ceil"):
    SAMPLES += rows(getattr(e, name), getattr(np, name), call(3.0 * real(3, 4)), call(real()))
SAMPLES += rows(t.isnan, np.isnan, blind(np.array([1.0, np.nan, np.inf])))
SAMPLES += rows(t.isfinite, np.isfinite, blind(np.array([1.0, np.nan, -np.inf])))

SAMPLES += rows(
    K.where,
    np.where,
    call(truth(3, 4), real(3, 4), real(4)),
    call(truth(3, 1), real(3, 4), 0.0),
    call(truth(3), 1.0, real(3)),
    blind(truth(3), whole(3), 7),
)
SAMPLES += rows(
    K.clip,
    lambda x, low, high: np.maximum(
        x if high is None else np.minimum(x, high), -np.inf if low is None else low
    ),
    call(real(3, 4), -0.5, 0.7),
    call(real(3, 4), None, 0.7),
    call(real(3), 0, 1),
    call(real(4), 0.5, -0.5),
    call(real(2, 3), np.array(-0.4), np.array(0.6)).but(wrt=(0,)),
    call(real(4), np.array(0.6), np.array(-0.4)).but(wrt=()),
    blind(whole(4), 1, 3),
)
SAMPLES += rows(
    K.cast, lambda x, dtype: x.astype(dtype), call(real(3), "float64"), blind(real(3), "int32")
)
SAMPLES += rows(
    K.cast, lambda x, dtype: x.astype(dtype), blind(truth(3), "float64"), blind(whole(3), "bool")
)
SAMPLES += rows(K.stop_gradient, lambda x: x, blind(real(3)), blind([real(3), real(2)]))

SAMPLES += rows(a.tanh_gradient, lambda g, y: g * (1 - y * y), call(real(3, 4), real(3, 4)))
SAMPLES += rows(a.sigmoid_gradient, lambda g, y: g * y * (1 - y), call(real(3, 4), real(3, 4)))
SAMPLES += rows(a.rectify_gradient, lambda g, y: g * (y > 0), call(real(3, 4), real(3, 4)))


def relu(x, alpha=0.0, max_value=np.inf, threshold=0.0):
    above = np.where(x >= threshold, np.minimum(x, max_value), 0.0)
    return np.where(x >= threshold, above, alpha * (x - threshold))


SAMPLES += rows(
    K.relu,
    relu,
    call(real(3, 4)),
    call(real(3, 4), alpha=0.2),
    call(real(3, 4), max_value=1.1),
    call(real(3, 4), alpha=0.3, max_value=1.1, threshold=0.4),
    call(real(3, 4), threshold=-0.5),
    call(real(3, 4), np.array(0.25)),
)
SAMPLES += rows(
    K.elu,
    lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
    call(real(9)),
    call(real(9), 0.5),
)

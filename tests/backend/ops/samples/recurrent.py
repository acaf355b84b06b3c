"""Samples of the standard recurrent layers, computed step by step."""

from __future__ import annotations

import numpy as np
from scipy import special

from keras import backend as K
from tests.backend.ops.table import Sample, call, real, rows

SAMPLES: list[Sample] = []
FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "relu": lambda x: np.maximum(x, 0),
    "linear": lambda x: x,
}


def run(step, x, states, mask, go_backwards):
    """The last output, all outputs in the order they were made, the last states."""
    outputs, shown = [], np.zeros_like(states[0])
    times = range(x.shape[1])
    for t in reversed(times) if go_backwards else times:
        news = step(x[:, t], *states)
        keep = np.ones((len(x), 1), bool) if mask is None else mask[:, t : t + 1]
        states = [np.where(keep, new, old) for new, old in zip(news, states, strict=True)]
        shown = np.where(keep, news[0], shown)
        outputs.append(shown)
    return shown, np.stack(outputs, 1), *states


def lstm(
    x,
    h,
    c,
    kernel,
    recurrent,
    bias,
    mask=None,
    go_backwards=False,
    activation="tanh",
    recurrent_activation="sigmoid",
):
    act, switch = FUNCTIONS[activation], FUNCTIONS[recurrent_activation]

    def step(now, h, c):
        z = now @ kernel + h @ recurrent + (0.0 if bias is None else bias)
        i, f, g, o = np.split(z, 4, -1)
        c = switch(f) * c + switch(i) * act(g)
        return switch(o) * act(c), c

    return run(step, x, [h, c], mask, go_backwards)


def gru(
    x, h, kernel, recurrent, bias, recurrent_bias=None, mask=None, go_backwards=False,
    activation="tanh", recurrent_activation="sigmoid", reset_after=True,
):  # fmt: skip
    act, switch = FUNCTIONS[activation], FUNCTIONS[recurrent_activation]
    first = np.zeros(kernel.shape[1]) if bias is None else bias
    second = np.zeros(kernel.shape[1]) if recurrent_bias is None else recurrent_bias

    def step(now, h):
        az, ar, an = np.split(now @ kernel + first, 3, -1)
        uz, ur, un = np.split(recurrent, 3, -1)
        bz, br, bn = np.split(second, 3, -1)
        z, r = switch(az + h @ uz + bz), switch(ar + h @ ur + br)
        new = act(an + (r * (h @ un + bn) if reset_after else (r * h) @ un))
        return (z * h + (1 - z) * new,)

    return run(step, x, [h], mask, go_backwards)


def simple_rnn(x, h, kernel, recurrent, bias, mask=None, go_backwards=False, activation="tanh"):
    def step(now, h):
        return (
            FUNCTIONS[activation](now @ kernel + h @ recurrent + (0.0 if bias is None else bias)),
        )

    return run(step, x, [h], mask, go_backwards)


MASK = np.array([[True, False, True], [False, True, True]])


def states(count):
    return [real(2, 2, low=-1.0, high=1.0 + i) for i in range(count)]


def weights(gates, bias=True):
    made = [0.5 * real(4, 2 * gates), 0.7 * real(2, 2 * gates, low=-1.7)]
    return [*made, 0.3 * real(2 * gates)] if bias else [*made, None]


X = real(2, 3, 4)
SAMPLES += [
    *rows(
        K.lstm,
        lstm,
        call(X, *states(2), *weights(4)).but(open="first"),
        call(X, *states(2), *weights(4, bias=False)).but(open="first"),
        call(X, *states(2), *weights(4), go_backwards=True).but(open="first"),
        call(X, *states(2), *weights(4), MASK).but(open="none"),
        call(X, *states(2), *weights(4), recurrent_activation="hard_sigmoid").but(open="first"),
        call(X, *states(2), *weights(4), MASK, True, "relu", "hard_sigmoid").but(open="none"),
    ),
    *rows(
        K.gru,
        gru,
        call(X, *states(1), *weights(3)).but(open="first"),
        call(X, *states(1), *weights(3), 0.2 * real(6)).but(open="first"),
        call(X, *states(1), *weights(3, bias=False)).but(open="first"),
        call(X, *states(1), *weights(3), go_backwards=True, reset_after=False).but(open="first"),
        call(X, *states(1), *weights(3), None, MASK).but(open="none"),
        call(X, *states(1), *weights(3), 0.2 * real(6), MASK, True).but(open="none"),
        call(X, *states(1), *weights(3), recurrent_activation="hard_sigmoid").but(open="first"),
    ),
    *rows(
        K.simple_rnn,
        simple_rnn,
        call(X, *states(1), *weights(1)).but(open="first"),
        call(X, *states(1), *weights(1, bias=False), go_backwards=True).but(open="first"),
        call(X, *states(1), *weights(1), MASK).but(open="none"),
        call(X, *states(1), *weights(1), activation="relu").but(open="first"),
        call(X, *states(1), *weights(1), MASK, True, "linear").but(open="none"),
    ),
]

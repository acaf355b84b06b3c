"""Random programs that read and update variables, run several times, against numpy.

Engines write into memory that nobody needs any more, a variable's old value included. It must never
show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K

SHAPES = [(3, 4), (3, 4), (4,), (3, 1)]
Arrays = list[np.ndarray]
Value = Callable[[Arrays, Arrays], Any]  # of what is fed and of the variables, in float64
Pair = tuple[Any, Value]


def _softmax(x: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ONE: list[tuple[Any, Any]] = [
    (K.relu, lambda x: np.maximum(x, 0)),
    (K.tanh, np.tanh),
    (lambda x: K.exp(-K.square(x)), lambda x: np.exp(-(x**2))),
    (lambda x: 1.0 - x, lambda x: 1 - x),
    (lambda x: K.clip(x, -1.0, 1.0), lambda x: np.clip(x, -1, 1)),
    (lambda x: K.sqrt(K.square(x) + 1.0), lambda x: np.sqrt(x**2 + 1)),
    (lambda x: K.sum(x, axis=-1, keepdims=True), lambda x: x.sum(axis=-1, keepdims=True)),
    (K.softmax, _softmax),
    (K.stop_gradient, lambda x: x),
]
TWO: list[tuple[Any, Any]] = [
    (lambda x, y: x + y, lambda x, y: x + y),
    (lambda x, y: x - y, lambda x, y: x - y),
    (lambda x, y: x * y * 0.5, lambda x, y: x * y * 0.5),
    (lambda x, y: K.sigmoid(x) * y, lambda x, y: y / (1 + np.exp(-x))),
    (K.maximum, np.maximum),
]


def _fed(number: int) -> Value:
    return lambda fed, state: fed[number].astype("float64")


def _held(number: int) -> Value:
    return lambda fed, state: state[number].astype("float64")


def _of(function: Any, *values: Value) -> Value:
    return lambda fed, state: function(*(value(fed, state) for value in values))


def pool_of(rng: np.random.Generator, fed: list[Any], variables: list[Any]) -> list[Pair]:
    """Tensors made of each other at random, each with what it is."""
    pool = [(t, _fed(i)) for i, t in enumerate(fed)]
    pool += [(v, _held(i)) for i, v in enumerate(variables)]
    for _ in range(rng.integers(5, 25)):
        (a, x), (b, y) = (pool[i] for i in rng.integers(0, len(pool), 2))
        if rng.random() < 0.6:
            function, written = ONE[rng.integers(len(ONE))]
            pool.append((function(a), _of(written, x)))
        else:
            function, written = TWO[rng.integers(len(TWO))]
            pool.append((function(a, b), _of(written, x, y)))
    return pool


def updates_of(
    rng: np.random.Generator, pool: list[Pair], variables: list[Any]
) -> list[tuple[int, Any, Value]]:
    """For most variables an update: its number, the update, the new value."""
    found = []
    for number, variable in enumerate(variables):
        fitting = [pair for pair in pool if tuple(pair[0].shape) == SHAPES[number]]
        tensor, value = fitting[rng.integers(len(fitting))]
        old = _held(number)
        ways: list[tuple[Any, Value]] = [
            ((variable, tensor), value),
            (K.update_add(variable, tensor), _of(np.add, old, value)),
            (
                K.update(variable, variable * 0.9 + tensor * 0.1),
                _of(lambda v, x: v * 0.9 + x * 0.1, old, value),
            ),
        ]
        if rng.random() < 0.8:
            found.append((number, *ways[rng.integers(3)]))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_a_random_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fed = [K.placeholder(shape) for shape in SHAPES]
    state = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
    variables = [K.variable(value) for value in state]
    pool = pool_of(rng, fed, variables)
    outputs = [pool[i] for i in rng.integers(0, len(pool), 4)]
    updates = updates_of(rng, pool, variables)
    run = K.function(fed, [t for t, _ in outputs], updates=[update for _, update, _ in updates])
    for _ in range(3):
        arrays = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
        wanted = [value(arrays, state) for _, value in outputs]
        new = {number: value(arrays, state) for number, _, value in updates}
        kept = [x.copy() for x in arrays]
        for got, value in zip(run(arrays), wanted, strict=True):
            np.testing.assert_allclose(got, value, rtol=5e-3, atol=1e-3)
        for x, before in zip(arrays, kept, strict=True):
            np.testing.assert_array_equal(x, before)
        for number, variable in enumerate(variables):
            got = K.get_value(variable)
            np.testing.assert_allclose(got, new.get(number, state[number]), rtol=5e-3, atol=1e-3)
            state[number] = got

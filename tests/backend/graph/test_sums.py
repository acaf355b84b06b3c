"""Functions that give the same however samples are divided into batches, and those that don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K

RNG = np.random.default_rng(12)
X = RNG.uniform(0.1, 1.0, size=(9, 4)).astype("float32")
WEIGHT = K.constant(RNG.uniform(0.5, 1.0, (4, 3)), "float32")

MEANS: dict[str, Callable[[Any], Any]] = {
    "a mean": lambda x: K.mean(x),
    "of rows": lambda x: K.mean(K.sum(K.dot(x, WEIGHT), axis=1)),
    "and a number": lambda x: 2.0 - K.mean(x) * 3.0 + 1.0,
    "and weights": lambda x: K.mean(x) + 0.1 * K.sum(K.square(WEIGHT)) - K.mean(K.square(x)),
    "divided": lambda x: -K.mean(x) / 4.0,
}
NO_MEANS: dict[str, Callable[[Any], Any]] = {
    "a sum": lambda x: K.sum(x),
    "a mean and a sum": lambda x: K.mean(x) + K.sum(x),
    "a sum by a size": lambda x: K.sum(x) / K.cast(K.shape(x)[0], "float32"),
    "a root": lambda x: K.sqrt(K.mean(x)),
    "a product": lambda x: K.mean(x) * K.mean(K.square(x)),
    "a ratio": lambda x: K.mean(x) / K.mean(K.square(x)),
    "one through it": lambda x: 1.0 / K.mean(x),
    "the largest": lambda x: K.max(x),
    "across rows": lambda x: K.mean(K.softmax(x, axis=0) * x),
    "less their mean": lambda x: K.mean(K.square(x - K.mean(x))),
    "a number drawn": lambda x: K.mean(x + K.random_uniform((1, 4))),
    "only a number": lambda x: K.sum(WEIGHT),
    "rows": lambda x: K.sum(x, axis=1),
    "rows by a mean": lambda x: x * K.mean(x),
    "rows by a mean of columns": lambda x: K.mean(x, axis=0) + x,
}
SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "of all": lambda total, x: total + K.sum(x),
    "the other way round": lambda total, x: K.sum(K.square(x)) + total,
    "of rows": lambda total, x: total + 2.0 * K.sum(K.dot(x, WEIGHT), axis=None),
    "less others": lambda total, x: total + (K.sum(x) - K.sum(K.square(x))),
    "a count": lambda total, x: total + K.sum(K.ones_like(x[:, 0])),
}
NO_SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "a mean": lambda total, x: total + K.mean(x),
    "batches": lambda total, x: total + 1.0,
    "one more each time": lambda total, x: total + (K.sum(x) + 1.0),
    "half of it": lambda total, x: total * 0.5 + K.sum(x),
    "less": lambda total, x: total - K.sum(x),
    "the last": lambda total, x: K.sum(x),
    "twice": lambda total, x: total + total + K.sum(x),
    "a product of sums": lambda total, x: total + K.sum(x) * K.sum(x),
}


def described(mean: Any, added: Any = None) -> tuple[Any, Any]:
    x, total = K.placeholder(shape=(None, 4)), K.variable(0.0)
    updates = [] if added is None else [(total, added(total, x))]
    return K.function([x], [mean(x)], updates=updates), total


@pytest.mark.parametrize("which", MEANS)
def test_means(which: str) -> None:
    function, _ = described(MEANS[which])
    assert function.sample_bytes(0) == 16
    (whole,) = function([X])
    parts = [function([part])[0] for part in (X[:5], X[5:])]
    assert np.average(parts, weights=[5, 4]) == pytest.approx(float(whole), rel=1e-5)


@pytest.mark.parametrize("which", SUMS)
def test_sums(which: str) -> None:
    function, total = described(K.mean, SUMS[which])
    assert function.sample_bytes(0) == 16
    found = []
    for batches in ((X,), (X[:5], X[5:])):
        K.set_value(total, 0.0)
        for batch in batches:
            function([batch])
        found.append(K.get_value(total))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


@pytest.mark.parametrize("which", NO_MEANS)
def test_others(which: str) -> None:
    assert described(NO_MEANS[which])[0].sample_bytes(0) is None


@pytest.mark.parametrize("which", NO_SUMS)
def test_other_updates(which: str) -> None:
    assert described(K.mean, NO_SUMS[which])[0].sample_bytes(0) is None


def test_variables_that_are_changed() -> None:
    """What is added goes to the variable that it is added to, and nobody reads it meanwhile."""
    x, a, b = K.placeholder(shape=(None, 4)), K.variable(0.0), K.variable(0.0)
    sums = a + K.sum(x), b + K.sum(K.square(x))
    assert K.function([x], [K.mean(x)], updates=[(a, sums[0]), (b, sums[1])]).sample_bytes(0)
    crossed = K.function([x], [K.mean(x)], updates=[(a, sums[1]), (b, sums[0])])
    assert crossed.sample_bytes(0) is None
    read = K.function([x], [K.mean(x) + a], updates=[(a, sums[0])])
    assert read.sample_bytes(0) is None
    after = K.function([x], [K.mean(x) + sums[0]], updates=[(a, sums[0])])
    assert after.sample_bytes(0) is None
    chained = K.function([x], [K.mean(x)], updates=[(a, sums[0] + K.sum(x))])
    assert chained.sample_bytes(0) is None


def test_sizes_that_are_open() -> None:
    x = K.placeholder(shape=(None, None))
    assert K.function([x], [K.mean(x)]).sample_bytes(0) is None
    fixed = K.placeholder(shape=(3, 4))
    assert K.function([fixed], [K.mean(fixed)]).sample_bytes(0) is None

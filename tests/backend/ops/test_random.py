"""Random ops: repeatable, fresh at each call, with the statistics they promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from keras import backend as K

COUNT = 40_000
DRAWS: dict[str, tuple[Callable[..., Any], Any]] = {
    "uniform": (lambda **k: K.random_uniform((COUNT,), -1.0, 3.0, **k), stats.uniform(-1, 4).cdf),
    "normal": (lambda **k: K.random_normal((COUNT,), 1.0, 2.0, **k), stats.norm(1, 2).cdf),
    "truncated": (
        lambda **k: K.truncated_normal((COUNT,), 1.0, 2.0, **k),
        stats.truncnorm(-2, 2, 1, 2).cdf,
    ),
}


@pytest.mark.parametrize("name", DRAWS)
def test_distribution(name: str) -> None:
    draw, expected = DRAWS[name]
    values = K.eval(draw(seed=3))
    assert values.dtype == np.float32
    assert stats.kstest(values, expected).pvalue > 1e-3


def test_binomial() -> None:
    values = K.eval(K.random_binomial((COUNT,), 0.3, seed=1))
    assert set(np.unique(values)) == {0.0, 1.0}
    assert abs(values.mean() - 0.3) < 4 * np.sqrt(0.21 / COUNT)


def test_whole_numbers() -> None:
    values = K.eval(K.random_uniform((1000,), 2, 5, dtype="int32", seed=1))
    assert values.dtype == np.int32
    assert set(values) == {2, 3, 4}


@pytest.mark.parametrize("name", DRAWS)
def test_numpys_seed_makes_draws_repeatable(name: str) -> None:
    draw, _ = DRAWS[name]

    def run() -> list[Any]:
        np.random.seed(42)
        function = K.function([], [draw(), draw()])
        return [*function([]), *function([])]

    first, second = run(), run()
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len({float(a[0]) for a in first}) == 4  # two tensors, two calls: four different draws


def test_an_own_seed_wins() -> None:
    np.random.seed(1)
    a = K.eval(K.random_normal((4,), seed=7))
    np.random.seed(2)
    np.testing.assert_array_equal(K.eval(K.random_normal((4,), seed=7)), a)


def test_one_node_is_drawn_once_a_call() -> None:
    x = K.random_normal((3,))
    a, b = K.function([], [x, x * 2.0])([])
    np.testing.assert_array_equal(a * 2, b)


def test_shape_known_later() -> None:
    x = K.placeholder((None, 3))
    noise = K.random_uniform(K.shape(x))
    assert tuple(noise.shape) == (None, 3)
    assert K.function([x], [noise])([np.zeros((5, 3))])[0].shape == (5, 3)


def test_a_loop_draws_anew_at_each_step() -> None:
    x = K.placeholder((2, 6, 3))
    _, outputs, _ = K.rnn(lambda now, s: (K.random_normal((2, 3)) + now, s), x, [K.zeros((2, 3))])
    values = K.function([x], [outputs])([np.zeros((2, 6, 3))])[0]
    assert len(np.unique(values)) == values.size


def test_variables_that_begin_at_random() -> None:
    normal = K.random_normal_variable((200, 200), 1.0, 0.5, seed=1)
    uniform = K.random_uniform_variable((200, 200), -2.0, 2.0, seed=1)
    assert abs(K.get_value(normal).mean() - 1.0) < 0.02
    assert abs(K.get_value(normal).std() - 0.5) < 0.02
    assert -2 <= K.get_value(uniform).min() < -1.99
    np.testing.assert_array_equal(K.get_value(normal), K.get_value(normal))


# ---- dropout


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5, 0.7])
def test_dropout_keeps_the_mean(level: float) -> None:
    y = K.eval(K.dropout(K.ones((300, 300)), level, seed=5))
    dropped = np.mean(y == 0)
    assert abs(dropped - level) < 5 * np.sqrt(level * (1 - level) / y.size)
    kept = y[y != 0]
    np.testing.assert_allclose(kept, kept[0])
    assert abs(y.mean() - 1.0) < 0.03


def test_dropout_is_fresh_and_repeatable() -> None:
    def run() -> list[Any]:
        np.random.seed(0)
        function = K.function([], [K.dropout(K.ones((50,)), 0.5)])
        return [function([])[0], function([])[0]]

    (a, b), (c, d) = run(), run()
    assert np.any(a != b)
    np.testing.assert_array_equal(a, c)
    np.testing.assert_array_equal(b, d)


@pytest.mark.parametrize("shape", [(1, 4, 5), (None, 1, 5), (3, 4, 1)])
def test_noise_shape(shape: Any) -> None:
    x = K.placeholder((None, 4, 5))
    y = K.function([x], [K.dropout(x, 0.5, shape, seed=2)])([np.ones((3, 4, 5))])[0]
    for axis, size in enumerate(shape):
        if size == 1:
            assert np.all(y == np.take(y, [0], axis))
    assert 0 < np.mean(y == 0) < 1


def test_gradient_of_dropout_has_the_same_mask() -> None:
    x = K.placeholder((100,))
    y = K.dropout(x, 0.5, seed=1)
    slope = K.gradients(K.sum(y), [x])[0]
    value, found = K.function([x], [y, slope])([np.ones(100)])
    np.testing.assert_array_equal(value, found)


def test_dropout_says_which_levels_there_are() -> None:
    with pytest.raises(ValueError, match=r"level lies in \[0, 1\), got 1.5"):
        K.dropout(K.ones((3,)), 1.5)

"""Training by functions of one's own: the tensors of a step, and what may stand in its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Dense, Dropout
from keras.models import Sequential

X, Y, WEIGHTS = (np.random.default_rng(4).normal(size=(8, n)) for n in (3, 1, 8))
WEIGHTS = np.abs(WEIGHTS[0])


@pytest.fixture
def model() -> Sequential:
    made = Sequential([Dense(1, input_shape=(3,))])
    made.compile("sgd", "mse", metrics=["mae"])
    return made


def slope(model: Any, weights: Any = 1.0) -> np.ndarray:
    """The gradient of the weighted loss for the bias, by hand."""
    return np.mean(2.0 * (model.predict(X) - Y)[:, 0] * weights)


def test_gradients_of_the_total_loss(model: Sequential) -> None:
    gradients = model.optimizer.get_gradients(model.total_loss, model.trainable_weights)
    fed = [model.inputs[0], model.sample_weights[0], model.targets[0], K.learning_phase()]
    found = K.function(fed, gradients)([X, WEIGHTS, Y, 0])
    np.testing.assert_allclose(found[1], [slope(model, WEIGHTS)], rtol=1e-5)
    without = K.function(model._feed_inputs + model._feed_targets, gradients)([X, Y])
    np.testing.assert_allclose(without[1], [slope(model)], rtol=1e-5)


def test_what_the_metrics_give(model: Sequential) -> None:
    fed = model._feed_inputs + model._feed_targets + model._feed_sample_weights
    measured = K.function(fed, model.metrics_tensors)([X, Y, np.ones(8)])
    np.testing.assert_allclose(measured, [np.abs(model.predict(X) - Y).mean()], rtol=1e-5)


def test_the_function_may_be_called(model: Sequential) -> None:
    bias, expected = model.get_weights()[1], slope(model, WEIGHTS)
    loss, _ = model.train_function([X, Y, WEIGHTS, 1.0])
    np.testing.assert_allclose(model.get_weights()[1], bias - 0.01 * expected, rtol=1e-5)
    again, _ = model.test_function([X, Y, WEIGHTS])
    assert again < loss
    np.testing.assert_allclose(again, np.mean((model.predict(X) - Y)[:, 0] ** 2 * WEIGHTS), 1e-5)


def test_a_function_in_its_place_trains(model: Sequential) -> None:
    other = Sequential([Dense(1, input_shape=(3,))])
    other.set_weights(model.get_weights())
    other.compile("sgd", "mse", metrics=["mae"])
    usual, seen = model.train_function, []

    def watched(arrays: list[Any]) -> list[Any]:
        seen.append([np.shape(a) for a in arrays])
        return usual(arrays)

    model.train_function = watched
    terms = {"epochs": 2, "batch_size": 4, "verbose": 0, "shuffle": False}
    mine, theirs = (m.fit(X, Y, **terms).history for m in (model, other))
    assert seen == [[(4, 3), (4, 1), (4,)]] * 4
    for name, values in theirs.items():
        np.testing.assert_allclose(mine[name], values, rtol=1e-6)
    np.testing.assert_allclose(model.get_weights()[0], other.get_weights()[0], rtol=1e-6)
    np.testing.assert_allclose(
        model.train_on_batch(X, Y, sample_weight=WEIGHTS),
        other.train_on_batch(X, Y, sample_weight=WEIGHTS),
        rtol=1e-6,
    )
    model.train_function = None
    model.fit(X, Y, verbose=0)
    assert len(seen) == 5


def test_it_is_told_that_it_trains() -> None:
    model = Sequential([Dropout(0.5, input_shape=(3,)), Dense(1)])
    model.compile("sgd", "mse")
    phases = []
    model.train_function = lambda arrays: phases.append(arrays[-1]) or [0.5]  # type: ignore[func-returns-value]
    assert model.fit(X, Y, verbose=0).history == {"loss": [0.5]}
    assert phases == [1.0]

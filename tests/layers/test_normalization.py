"""Batch normalization: by the batch while training, by moving statistics while testing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import BatchNormalization, Dense, Input
from keras.models import Model
from tests.layers.numbers import apply, draw, updated


def normal(x: Any, mean: Any, variance: Any, gamma: Any, beta: Any, epsilon: float = 1e-3) -> Any:
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def filled(layer: BatchNormalization, shape: Any) -> Any:
    """Weights that aren't the first ones: gamma, beta, mean, variance."""
    layer.build_once(shape)
    values = [np.random.uniform(0.5, 1.5, w.shape).astype("float32") for w in layer.weights]
    layer.set_weights(values)
    return values


@pytest.mark.parametrize(
    ("shape", "axis"), [((6, 3), -1), ((4, 5, 3), 1), ((3, 4, 5, 2), 3), ((3, 4, 5, 2), -2)]
)
def test_formulas(shape: Any, axis: int) -> None:
    x = 2 * draw(*shape) + 1
    layer = BatchNormalization(axis=axis)
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    gamma, beta, mean, variance = (np.expand_dims(v, others) for v in filled(layer, shape))
    expected = normal(x, mean, variance, gamma, beta)
    np.testing.assert_allclose(apply(layer, x), expected, rtol=1e-4, atol=1e-5)
    own = x.mean(others, keepdims=True), x.var(others, keepdims=True)
    expected = normal(x, *own, gamma, beta)
    np.testing.assert_allclose(apply(layer, x, phase=1), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("times", [1, 3])
def test_moving_statistics(times: int) -> None:
    x = 2 * draw(8, 3, 4) + 1
    layer = BatchNormalization(momentum=0.9)
    *_, mean, variance = filled(layer, x.shape)
    updated(layer, x, times)
    n = 24
    unbiased = x.var((0, 1)) * n / (n - 1 - 1e-3)
    share = 0.9**times
    got = layer.get_weights()[2:]
    np.testing.assert_allclose(got[0], share * mean + (1 - share) * x.mean((0, 1)), rtol=1e-4)
    np.testing.assert_allclose(got[1], share * variance + (1 - share) * unbiased, rtol=1e-4)


def test_a_frozen_layer_updates_nothing() -> None:
    layer = BatchNormalization()
    x = Input((3,))
    model = Model(x, layer(x))
    assert len(model.updates) == 2
    layer.trainable = False
    assert model.updates == layer.updates == []
    layer.trainable = True
    model.trainable = False
    assert model.updates == []


def test_frozen_inside_a_model_that_is_inside_a_model() -> None:
    x, z = Input((3,)), Input((3,))
    layer = BatchNormalization()
    inner = Model(x, layer(Dense(2)(x)))
    outer = Model(z, Dense(1)(inner(z)))
    assert len(outer.updates) == 2
    layer.trainable = False
    assert outer.updates == []
    layer.trainable, inner.trainable = True, False
    assert outer.updates == []


def test_training_moves_the_statistics_and_prediction_does_not() -> None:
    model = Model(x := Input((3,)), BatchNormalization(momentum=0.5)(x))
    model.compile("sgd", "mse")
    data = draw(16, 3) + 5
    start = model.get_weights()
    model.predict(data)
    model.evaluate(data, data, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[2], start[2])
    model.fit(data, data, batch_size=16, epochs=12, verbose=0)
    np.testing.assert_allclose(model.get_weights()[2], data.mean(0), rtol=1e-2)


def test_the_phase_may_be_decided_at_the_call() -> None:
    x = draw(6, 3) + 5
    tested = apply(BatchNormalization(), x, phase=1, training=False)
    np.testing.assert_allclose(tested, normal(x, 0, 1, 1, 0), rtol=1e-5)
    trained = apply(BatchNormalization(), x, phase=0, training=True)
    np.testing.assert_allclose(trained.mean(0), 0, atol=1e-5)
    layer = BatchNormalization()
    layer(Input((3,)), training=False)
    assert layer.updates == []


def test_the_weights_that_there_are() -> None:
    names = lambda layer: [w.name.split("/")[-1].split(":")[0] for w in layer.weights]  # noqa: E731
    for center, scale, expected in (
        (True, True, ["gamma", "beta"]),
        (False, True, ["gamma"]),
        (True, False, ["beta"]),
        (False, False, []),
    ):
        layer = BatchNormalization(center=center, scale=scale)
        layer.build_once((None, 3))
        assert names(layer) == [*expected, "moving_mean", "moving_variance"]
        assert len(layer.trainable_weights) == len(expected)


def test_the_gradient_goes_through_the_statistics() -> None:
    """With y = centred / s, s**2 = variance + epsilon, that of sum(y**2 / 2 + y) in closed form."""
    x = Input((3,))
    y = BatchNormalization(scale=False, center=False, epsilon=0.5)(x)
    a = draw(7, 3)
    gradient = K.gradients(K.sum(K.square(y) / 2 + y), [x])
    (got,) = K.function([x, K.learning_phase()], gradient)([a, 1])
    expected = (a - a.mean(0)) * 0.5 / (a.var(0) + 0.5) ** 2
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-5)

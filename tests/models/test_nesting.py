"""How layers are put together changes nothing: flat, nested and stacked models train alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.layers import BatchNormalization, Dense, Dropout, Input, Lambda
from keras.models import Model, Sequential
from keras.regularizers import l2


def parts() -> list[Any]:
    """Layers with penalties, statistics and a training phase of their own."""
    return [
        Dense(5, activation="tanh", kernel_regularizer=l2(0.01), input_shape=(6,)),
        BatchNormalization(momentum=0.8),
        Dropout(0.0),
        Dense(2, activity_regularizer=l2(0.1)),
    ]


def through(x: Any, layers: list[Any]) -> Any:
    for layer in layers:
        x = layer(x)
    return x


def flat() -> Any:
    x = Input((6,))
    return Model(x, through(x, parts()))


def stack() -> Any:
    return Sequential(parts())


def nested() -> Any:
    layers = parts()
    x, z = Input((6,)), Input((6,))
    inner = Model(x, through(x, layers[:2]))
    return Model(z, through(inner(z), layers[2:]))


def stack_in_stack() -> Any:
    layers = parts()
    return Sequential([Sequential(layers[:2]), *layers[2:]])


def nested_twice() -> Any:
    layers = parts()
    x, z = Input((6,)), Input((6,))
    innermost = Sequential(layers[:1])
    inner = Model(x, through(innermost(x), layers[1:3]))
    return Model(z, layers[3](Lambda(lambda t: t)(inner(z))))


def waiting() -> Any:
    """Built by its first data."""
    layers = [Dense(5, activation="tanh", kernel_regularizer=l2(0.01)), *parts()[1:]]
    return Sequential(layers)


X = np.random.default_rng(0).normal(size=(32, 6))
Y = np.random.default_rng(1).normal(size=(32, 2))


def trained(model: Any, optimizer: str, weights: Any) -> tuple[Any, Any]:
    model.compile(optimizer, "mse", metrics=["mae"])
    model.predict(X[:1])
    model.set_weights(weights)
    history = model.fit(
        X, Y, epochs=3, batch_size=8, shuffle=False, verbose=0, validation_data=(X, Y)
    )
    return history.history, model.get_weights()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("make", [stack, nested, stack_in_stack, nested_twice, waiting])
def test_models_of_the_same_layers_train_alike(make: Any, optimizer: str) -> None:
    weights = flat().get_weights()
    wanted, wanted_weights = trained(flat(), optimizer, weights)
    got, got_weights = trained(make(), optimizer, weights)
    assert wanted["loss"][-1] < wanted["loss"][0]
    for name, values in wanted.items():
        np.testing.assert_allclose(got[name], values, rtol=1e-4, err_msg=name)
    for one, other in zip(got_weights, wanted_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)

"""Any graph of layers that can be built is the same model when it has been saved and loaded."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from keras import backend as K, layers
from keras.models import Model, Sequential, load_model, model_from_json, model_from_yaml
from keras.saving import newer
from tests.saving.damage import h5_bytes

FLAT = [
    lambda: layers.Dense(3, activation="tanh"),
    lambda: layers.Dense(4, use_bias=False, kernel_regularizer="l2"),
    lambda: layers.BatchNormalization(scale=False),
    lambda: layers.LeakyReLU(0.2),
    lambda: layers.PReLU(),
    lambda: layers.Dropout(0.3),
    lambda: layers.Activation("softplus"),
    lambda: layers.RepeatVector(3),
    lambda: layers.Reshape((-1, 1)),
    lambda: Sequential([layers.Dense(3), layers.BatchNormalization()]),
]
SEQUENCES = [
    lambda: layers.LSTM(2, return_sequences=True),
    lambda: layers.GRU(3, reset_after=True),
    lambda: layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True)),
    lambda: layers.TimeDistributed(layers.Dense(2)),
    lambda: layers.Conv1D(3, 2, padding="same", kernel_constraint="max_norm"),
    lambda: layers.GlobalAveragePooling1D(),
    lambda: layers.Permute((2, 1)),
    lambda: layers.Flatten(),
]


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """Models of a few layers, each upon any of the tensors so far; some shared, some frozen."""
    inputs = [layers.Input((draw(st.integers(2, 4)),)) for _ in range(draw(st.integers(1, 2)))]
    tensors, made = list(inputs), []
    for _ in range(draw(st.integers(1, 6))):
        x = draw(st.sampled_from(tensors))
        shape = K.int_shape(x)
        alike = [y for y in tensors if K.int_shape(y) == shape]
        fitting = [layer for layer, s in made if s == shape]
        kind = draw(st.integers(0, 3))
        if kind == 0 and len(alike) > 1:
            merge = draw(st.sampled_from([layers.Add, layers.Maximum, layers.Concatenate]))
            tensors.append(merge()(alike[:2]))
            continue
        if kind == 1 and fitting:
            tensors.append(draw(st.sampled_from(fitting))(x))
            continue
        layer = draw(st.sampled_from(FLAT if len(shape) == 2 else SEQUENCES))()
        if not isinstance(layer, Sequential):
            layer.trainable = draw(st.booleans()) or draw(st.booleans())
        made.append((layer, shape))
        tensors.append(layer(x))
    return Model(inputs, tensors[len(inputs) :][-draw(st.integers(1, 2)) :])


def arrays_for(model: Any, rng: np.random.RandomState) -> list[Any]:
    return [rng.standard_normal((3, *K.int_shape(x)[1:])).astype("float32") for x in model.inputs]


def outputs_of(model: Any, x: list[Any]) -> list[Any]:
    made = model.predict_on_batch(x)
    return made if isinstance(made, list) else [made]


@settings(max_examples=30, suppress_health_check=list(HealthCheck), derandomize=True)
@given(graphs(), st.sampled_from(["sgd", "adam", "adagrad"]))
def test_saved_and_loaded(model: Any, optimizer: str) -> None:
    rng = np.random.RandomState(1)
    model.set_weights([rng.uniform(0.5, 1.0, w.shape) for w in model.get_weights()])
    x = arrays_for(model, rng)
    before = outputs_of(model, x)
    y = [np.ones_like(p) for p in before]
    for said in (model_from_json(model.to_json()), model_from_yaml(model.to_yaml())):
        assert said.get_config() == model.get_config()
    if model.trainable_weights:
        model.compile(optimizer, "mse")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # weights that no output depends on
            model.train_on_batch(x, y)
    before = outputs_of(model, x)
    again = load_model(io.BytesIO(h5_bytes(model)))
    assert again.get_config() == model.get_config()
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for p, q in zip(before, outputs_of(again, x), strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-6, atol=1e-6)
    for a, b in zip(*(_trained(m, x, y) for m in (model, again)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    memory = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        newer.write(memory, model)
        memory.seek(0)
        later = load_model(memory)
    for a, b in zip(model.get_weights(), later.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def _trained(model: Any, x: list[Any], y: list[Any]) -> list[Any]:
    """The weights after a step; what is random in it is drawn alike."""
    if model.optimizer is None:
        return model.get_weights()
    if any(isinstance(layer, layers.Dropout) for layer in model.layers):
        return model.optimizer.get_weights()
    model.train_on_batch(x, y)
    return model.get_weights()


def test_the_comparison_can_fail() -> None:
    model = Sequential([layers.Dense(2, input_shape=(3,))])
    again = load_model(io.BytesIO(h5_bytes(model)))
    again.set_weights([w + 1e-3 for w in again.get_weights()])
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(model.get_weights()[0], again.get_weights()[0])

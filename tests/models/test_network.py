"""Graphs of layers: several inputs and outputs, shared layers, models in models, masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, regularizers
from keras.layers import (
    LSTM,
    Add,
    BatchNormalization,
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    Input,
    Lambda,
    Masking,
    TimeDistributed,
)
from keras.models import Model, Network, Sequential


def draw(*shape: int) -> np.ndarray:
    return np.random.normal(size=shape).astype("float32")


def dense(x: np.ndarray, layer: Any) -> np.ndarray:
    kernel, bias = layer.get_weights()
    result: np.ndarray = x @ kernel + bias
    return result


def close(got: Any, wanted: Any) -> None:
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


# ---- several inputs, several outputs


def test_two_inputs_two_outputs() -> None:
    a, b = Input((3,), name="a"), Input((4,), name="b")
    p, q = Dense(5, name="p"), Dense(2, name="q")
    model = Model([a, b], [q(Concatenate()([p(a), b])), p.get_output_at(0)], name="net")
    x, y = draw(6, 3), draw(6, 4)
    first, second = model.predict([x, y])
    close(second, dense(x, p))
    close(first, dense(np.concatenate([dense(x, p), y], axis=1), q))
    assert model.input_names == ["a", "b"]
    assert model.output_names == ["q", "p"]
    assert model.input_shape == [(None, 3), (None, 4)]
    assert model.output_shape == [(None, 2), (None, 5)]
    assert [t is u for t, u in zip(model.input, [a, b], strict=True)] == [True, True]


def test_data_by_name() -> None:
    a, b = Input((3,), name="a"), Input((3,), name="b")
    difference = Lambda(lambda t: t[0] - t[1])([a, b])
    model = Model([a, b], difference)
    x, y = draw(4, 3), draw(4, 3)
    close(model.predict({"b": y, "a": x}), x - y)
    close(model.predict([x, y]), x - y)


def test_a_model_of_one_input_takes_a_list_or_an_array() -> None:
    a = Input((3,))
    for model in (Model(a, Dense(2)(a)), Model([a], [Dense(2)(a)])):
        x = draw(4, 3)
        np.testing.assert_array_equal(model.predict(x), model.predict([x]))
        assert model.input is a


# ---- shared layers and their calls


def test_each_call_of_a_shared_layer_has_its_number() -> None:
    a, b = Input((3,), name="a"), Input((3,), name="b")
    shared = Dense(2, name="shared")
    with pytest.raises(AttributeError, match="`shared` has never been called"):
        shared.get_input_at(0)
    first, second = shared(a), shared(b)
    assert shared.get_input_at(0) is a
    assert shared.get_input_at(1) is b
    assert shared.get_output_at(0) is first
    assert shared.get_output_at(1) is second
    assert shared.get_input_shape_at(1) == (None, 3)
    assert shared.get_output_shape_at(0) == (None, 2)
    assert shared.output_shape == (None, 2)
    with pytest.raises(AttributeError, match=r"called 2 times.*`get_output_at\(number\)`"):
        _ = shared.output
    with pytest.raises(AttributeError, match="called 2 times"):
        _ = shared.input
    with pytest.raises(ValueError, match=r"was called 2 time\(s\)"):
        shared.get_input_at(2)


def test_shapes_that_differ_between_calls() -> None:
    shared = Dense(2, name="shared")
    shared(Input((3,)))
    shared(Input((5, 3)))
    assert shared.get_output_shape_at(1) == (None, 5, 2)
    with pytest.raises(AttributeError, match="several shapes"):
        _ = shared.output_shape


def test_a_shared_layer_has_its_weights_once_and_gets_both_gradients() -> None:
    a, b = Input((3,)), Input((3,))
    shared = Dense(1, use_bias=False, kernel_regularizer=regularizers.l2(0.1))
    model = Model([a, b], Add()([shared(a), shared(b)]))
    assert len(model.weights) == len(model.trainable_weights) == 1
    assert len(model.losses) == 1
    model.compile("sgd", "mse")
    x, y, target = draw(8, 3), draw(8, 3), draw(8, 1)
    kernel = shared.get_weights()[0]
    model.train_on_batch([x, y], target)
    error = (x + y) @ kernel - target
    slope = 2 * (x + y).T @ error / 8 + 0.2 * kernel
    close(shared.get_weights()[0], kernel - 0.01 * slope)


# ---- models in models


def inner_model() -> Model:
    x = Input((3,), name="inner_input")
    return Model(x, Dense(3, activation="tanh", name="h")(x), name="inner")


def test_a_model_is_a_layer() -> None:
    inner = inner_model()
    x = Input((3,), name="x")
    outer = Model(x, Dense(1, name="top")(inner(x)))
    assert [layer.name for layer in outer.layers] == ["x", "inner", "top"]
    data = draw(5, 3)
    close(outer.predict(data), dense(np.tanh(dense(data, inner.layers[1])), outer.layers[2]))
    assert [w.name for w in outer.weights] == [
        "h/kernel:0",
        "h/bias:0",
        "top/kernel:0",
        "top/bias:0",
    ]
    outer.compile("sgd", "mse")
    before = inner.get_weights()[0]
    outer.train_on_batch(data, draw(5, 1))
    assert (inner.get_weights()[0] != before).any()


def test_a_shared_model() -> None:
    inner = inner_model()
    x, y = Input((3,)), Input((3,))
    outer = Model([x, y], Add()([inner(x), inner(y)]))
    assert len(outer.weights) == 2
    a, b = draw(4, 3), draw(4, 3)
    close(outer.predict([a, b]), inner.predict(a) + inner.predict(b))
    # The first call is the model's own, with which it was made.
    assert inner.get_input_at(0) is inner.input
    assert inner.get_output_at(1) is not inner.get_output_at(2)


def test_models_three_deep() -> None:
    innermost = Sequential([Dense(3, input_shape=(3,), name="d")], name="innermost")
    x = Input((3,))
    middle = Model(x, innermost(innermost(x)), name="middle")
    z = Input((3,))
    outer = Model(z, middle(z))
    data = draw(2, 3)
    layer = innermost.get_layer("d")
    close(outer.predict(data), dense(dense(data, layer), layer))
    assert len(outer.weights) == 2


def test_a_model_with_several_ends_in_another() -> None:
    a, b = Input((2,)), Input((2,))
    inner = Model([a, b], [Add()([a, b]), Lambda(lambda t: t[0] * t[1])([a, b])], name="both")
    x = Input((2,))
    total, product = inner([x, Lambda(lambda t: t + 1.0)(x)])
    outer = Model(x, [product, total])
    data = draw(3, 2)
    got = outer.predict(data)
    close(got[0], data * (data + 1))
    close(got[1], 2 * data + 1)
    with pytest.raises(ValueError, match="takes 2 input"):
        inner([x])


def test_a_model_on_each_time_step() -> None:
    inner = inner_model()
    x = Input((4, 3))
    outer = Model(x, TimeDistributed(inner)(x))
    data = draw(2, 4, 3)
    wanted = inner.predict(data.reshape(8, 3)).reshape(2, 4, 3)
    close(outer.predict(data), wanted)


def test_a_model_on_a_variable() -> None:
    """What layers are called on need not be an input."""
    data = draw(4, 3)
    inner = inner_model()
    close(K.eval(inner(K.variable(data))), inner.predict(data))


def test_training_and_testing_differ_inside_too() -> None:
    inner = Sequential([Dropout(0.5, input_shape=(1000,))])
    x = Input((1000,))
    outer = Model(x, inner(x))
    assert outer.uses_learning_phase
    ones = np.ones((1, 1000))
    np.testing.assert_array_equal(outer.predict(ones), ones)
    in_training = K.function([x, K.learning_phase()], [outer.output])([ones, 1])[0]
    assert set(np.unique(in_training)) == {0.0, 2.0}


def test_updates_of_layers_inside() -> None:
    norm = BatchNormalization(momentum=0.5)
    inner = Sequential([norm], name="inner")
    x = Input((3,))
    outer = Model(x, inner(x))
    assert len(outer.updates) == 2
    outer.compile("sgd", "mse")
    data = draw(16, 3)
    outer.train_on_batch(data, draw(16, 3))
    close(norm.get_weights()[2], 0.5 * data.mean(axis=0))


# ---- masks


def test_a_mask_goes_through_a_model() -> None:
    x = Input((4,), dtype="int32")
    inner = Model(x, Embedding(5, 2, mask_zero=True)(x))
    z = Input((4,), dtype="int32")
    y = inner(z)
    outer = Model(z, LSTM(3)(y))
    assert K.int_shape(y._keras_mask) == (None, 4)
    lstm = outer.layers[-1]
    words = np.array([[1, 2, 0, 0], [3, 1, 2, 4]])
    got = outer.predict(words)
    # The steps that are masked leave the state: the same as a sequence without them.
    again = Input((None,), dtype="int32")
    shorter = Model(again, lstm(inner.layers[-1](again)))
    close(got[0], shorter.predict(words[:1, :2])[0])
    close(got[1], shorter.predict(words[1:])[0])


def test_a_mask_from_outside_goes_into_a_model() -> None:
    lstm = LSTM(3)
    inner = Sequential([Dense(4, input_shape=(None, 2)), lstm])
    x = Input((5, 2))
    outer = Model(x, inner(Masking(-1.0)(x)))
    data = draw(3, 5, 2)
    data[:, 3:] = -1.0
    close(outer.predict(data), inner.predict(data[:, :3]))


def test_compute_mask_of_a_model() -> None:
    x = Input((4, 2))
    model = Model(x, [Masking(0.0)(x), Dense(1)(x)])
    masks = model.compute_mask(x, None)
    assert [m is None for m in masks] == [False, True]
    data = draw(2, 4, 2)
    data[0, 1:] = 0.0
    found = K.function([x], [masks[0]])([data])[0]
    np.testing.assert_array_equal(found, [[True, False, False, False], [True] * 4])


# ---- what a model says of itself


def test_get_layer() -> None:
    model = inner_model()
    assert model.get_layer("h") is model.layers[1]
    assert model.get_layer(index=0) is model.layers[0]
    assert model.get_layer(index=-1) is model.layers[1]
    assert model.get_layer("no such", 1) is model.layers[1]  # a number goes before a name
    with pytest.raises(ValueError, match="`inner` has no layer `g`; it has inner_input, h"):
        model.get_layer("g")
    with pytest.raises(ValueError, match="has 2 layers; there is no number 2"):
        model.get_layer(index=2)
    with pytest.raises(ValueError, match=r"name or .*number"):
        model.get_layer()


def test_weights_stand_by_layer_or_by_kind() -> None:
    """`get_weights` goes layer by layer; `weights` has the trainable ones first."""
    x = Input((2,))
    model = Model(x, Dense(2, name="b")(BatchNormalization(name="n")(Dense(2, name="a")(x))))
    short = [w.name.split(":")[0] for w in model.weights]
    assert short == [
        *("a/kernel", "a/bias", "n/gamma", "n/beta", "b/kernel", "b/bias"),
        *("n/moving_mean", "n/moving_variance"),
    ]
    values = model.get_weights()
    assert [v.shape for v in values] == [(2, 2), (2,), (2,), (2,), (2,), (2,), (2, 2), (2,)]
    numbered = [np.full_like(v, i) for i, v in enumerate(values)]
    model.set_weights(numbered)
    np.testing.assert_array_equal(model.get_layer("n").get_weights()[3], [5.0, 5.0])
    np.testing.assert_array_equal(model.get_layer("b").get_weights()[1], [7.0, 7.0])
    with pytest.raises(ValueError, match="8"):
        model.set_weights(numbered[:-1])
    with pytest.raises(ValueError, match="shape"):
        model.set_weights([*numbered[:-1], np.zeros(3)])


def test_trainable_freezes_everything_inside() -> None:
    inner = inner_model()
    x = Input((3,))
    outer = Model(x, Dense(1)(inner(x)))
    inner.trainable = False
    assert len(outer.trainable_weights) == len(outer.non_trainable_weights) == 2
    assert inner.trainable_weights == []
    assert outer.count_params() == 3 * 3 + 3 + 3 + 1
    inner.trainable = True
    inner.layers[1].trainable = False
    assert len(outer.trainable_weights) == 2
    outer.trainable = False
    assert outer.trainable_weights == []
    assert len(outer.non_trainable_weights) == 4


def test_losses_of_the_calls_that_are_part() -> None:
    """A layer that is used elsewhere too brings only the losses of this model's calls."""
    shared = Dense(2, activity_regularizer=regularizers.l1(1.0), kernel_initializer="ones")
    x, y = Input((2,)), Input((2,))
    here = Model(x, shared(x))
    Model(y, shared(y))
    assert len(here.losses) == 1
    got = K.function([x], here.losses)([np.ones((1, 2))])
    assert float(np.sum(got)) == pytest.approx(4.0)


def test_shapes_for_other_shapes() -> None:
    x = Input((None, 3))
    model = Model(x, [LSTM(2)(x), Dense(7)(x)])
    assert model.compute_output_shape((8, 5, 3)) == [(8, 2), (8, 5, 7)]
    assert len(model.layers[1]._inbound_nodes) == 1  # asking is no call


def test_a_network_without_training() -> None:
    x = Input((3,))
    y = Dense(2)(x)
    network = Network(x, y, name="only_computes")
    assert not hasattr(network, "compile")
    data = draw(4, 3)
    close(Model(x, network(x)).predict(data), dense(data, network.layers[1]))
    outputs, masks, shapes = network.run_internal_graph([x])
    assert len(outputs) == len(masks) == len(shapes) == 1
    assert shapes == [(None, 2)]


def test_stateful_layers_are_reset_together() -> None:
    x = Input(batch_shape=(2, 3, 1))
    inner = Sequential([LSTM(2, stateful=True, batch_input_shape=(2, 3, 1))])
    model = Model(x, inner(x))
    assert model.stateful
    data = draw(2, 3, 1)
    first = model.predict(data, batch_size=2)
    assert np.abs(model.predict(data, batch_size=2) - first).max() > 1e-4
    model.reset_states()
    np.testing.assert_array_equal(model.predict(data, batch_size=2), first)

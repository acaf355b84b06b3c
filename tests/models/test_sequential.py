"""Stacks of layers: built at once or when data come, grown, cut, and used as layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    LSTM,
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    InputLayer,
    Lambda,
    Masking,
)
from keras.models import Model, Sequential, load_model


def draw(*shape: int) -> np.ndarray:
    return np.random.normal(size=shape).astype("float32")


def by_hand(x: np.ndarray, model: Any) -> np.ndarray:
    """What a stack of plain Dense layers computes."""
    for layer in model.layers:
        kernel, bias = layer.get_weights()
        x = x @ kernel + bias
    return x


def close(got: Any, wanted: Any) -> None:
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


# ---- where the shape of the input comes from

BEGINNINGS: dict[str, Any] = {
    "input_shape": lambda: [Dense(2, input_shape=(4,))],
    "input_dim": lambda: [Dense(2, input_dim=4)],
    "batch_input_shape": lambda: [Dense(2, batch_input_shape=(None, 4))],
    "an InputLayer": lambda: [InputLayer((4,)), Dense(2)],
    "a Sequential": lambda: [Sequential([Activation("linear", input_shape=(4,))]), Dense(2)],
    "a layer of an Input": lambda: [_called(), Dense(2)],
}


def _called() -> Any:
    x = Input((4,))
    return Model(x, Activation("linear")(x))


@pytest.mark.parametrize("case", BEGINNINGS)
def test_beginnings(case: str) -> None:
    model = Sequential(BEGINNINGS[case]())
    assert model.built
    assert model.input_shape == (None, 4)
    assert model.output_shape == (None, 2)
    data = draw(3, 4)
    kernel, bias = model.layers[-1].get_weights()
    close(model.predict(data), data @ kernel + bias)


def test_a_fixed_batch_size() -> None:
    for first in (Dense(2, batch_size=6, input_shape=(4,)), Dense(2, batch_input_shape=(6, 4))):
        model = Sequential([first])
        assert model.input_shape == (6, 4)
        assert model.output_shape == (6, 2)


def test_a_dtype_of_the_input() -> None:
    model = Sequential([Embedding(5, 2, input_length=3)])
    assert model.input_shape == (None, 3)
    table = model.get_weights()[0]
    words = np.array([[0, 4, 2]])
    close(model.predict(words), table[words])
    assert Sequential([InputLayer((3,), dtype="int32")]).inputs[0].dtype == "int32"


def test_the_names_of_input_and_output() -> None:
    model = Sequential([Dense(2, input_shape=(4,), name="a"), Dense(3, name="b")])
    assert model.input_names == ["a_input"]
    assert model.output_names == ["b"]
    assert Sequential(name="mine").name == "mine"
    assert [Sequential().name, Sequential().name] == ["sequential_2", "sequential_3"]


# ---- built later


def test_waiting_for_data() -> None:
    model = Sequential([Dense(3, activation="linear"), Dense(2)])
    assert not model.built
    assert model.weights == []
    assert model.layers[0].weights == []
    with pytest.raises(ValueError, match=r"isn't built yet.*`input_shape`"):
        model.summary()
    with pytest.raises(RuntimeError, match="has no weights yet"):
        model.count_params()
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = draw(16, 5), draw(16, 2)
    model.fit(x, y, epochs=1, verbose=0)
    assert model.built
    assert model.count_params() == 5 * 3 + 3 + 3 * 2 + 2
    close(model.predict(x), by_hand(x, model))
    assert model.metrics_names == ["loss", "mae"]


@pytest.mark.parametrize("first", ["predict", "evaluate", "train_on_batch", "predict_on_batch"])
def test_whatever_sees_data_first_builds(first: str) -> None:
    model = Sequential([Dense(2)])
    model.compile("sgd", "mse")
    x = draw(4, 3)
    if first.startswith("predict"):
        close(getattr(model, first)(x), by_hand(x, model))
    else:
        getattr(model, first)(x, draw(4, 2))
    assert model.input_shape == (None, 3)


def test_build() -> None:
    model = Sequential([Dense(3), Dense(2)])
    model.build((None, 5))
    assert [w.shape for w in model.get_weights()] == [(5, 3), (3,), (3, 2), (2,)]
    kept = model.get_weights()
    model.build((None, 5))
    np.testing.assert_array_equal(model.get_weights()[0], kept[0])
    with pytest.raises(ValueError, match="has no layers yet"):
        Sequential().build((None, 5))


def test_called_on_a_tensor() -> None:
    """A stack without an input shape is built by what it is called on."""
    stack = Sequential([Dense(3), Dense(2)])
    x = Input((5,))
    model = Model(x, stack(x))
    data = draw(4, 5)
    close(model.predict(data), by_hand(data, stack))


def test_a_stack_that_waits_inside_of_a_stack() -> None:
    model = Sequential([Sequential([Dense(3), Dense(2)]), Dense(1)])
    model.compile("sgd", "mse")
    x = draw(4, 5)
    model.fit(x, draw(4, 1), verbose=0)
    inner = model.layers[0]
    kernel, bias = model.layers[1].get_weights()
    close(model.predict(x), by_hand(x, inner) @ kernel + bias)
    assert len(model.trainable_weights) == 6


def test_built_by_data_saved_and_loaded(tmp_path: Path) -> None:
    model = Sequential([Dense(3), Dense(2)])
    model.compile("sgd", "mse")
    x = draw(8, 5)
    model.fit(x, draw(8, 2), verbose=0)
    model.save(tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5")
    assert again.built
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


# ---- add and pop


def test_add_one_by_one_is_the_list() -> None:
    layers = [Dense(3, input_shape=(4,)), Dense(2)]
    model = Sequential()
    for layer in layers:
        model.add(layer)
    assert model.layers == layers
    x = draw(2, 4)
    close(model.predict(x), by_hand(x, model))


def test_add_after_predictions() -> None:
    model = Sequential([Dense(3, input_shape=(4,))])
    x = draw(2, 4)
    model.predict(x)
    model.add(Dense(2))
    close(model.predict(x), by_hand(x, model))
    assert model.output_shape == (None, 2)


def test_pop() -> None:
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2), Dense(1)])
    x = draw(2, 4)
    model.predict(x)
    model.pop()
    assert model.output_shape == (None, 2)
    assert len(model.weights) == 4
    close(model.predict(x), by_hand(x, model))
    model.add(Dense(7))
    assert model.output_shape == (None, 7)
    close(model.predict(x), by_hand(x, model))


def test_a_name_is_free_again() -> None:
    """After its layer was taken off or renamed; not while the layer is still in the stack."""
    twice = Dense(4, name="twice")
    model = Sequential([Dense(4, name="first", input_shape=(4,)), twice, twice])
    model.pop()
    with pytest.raises(ValueError, match="has a layer with the name `twice` already"):
        model.add(Dense(4, name="twice"))
    model.pop()
    model.add(Dense(4, name="twice"))
    model.layers[0].name = "renamed"
    model.add(Dense(4, name="first"))
    assert [layer.name for layer in model.layers] == ["renamed", "twice", "first"]
    x = draw(2, 4)
    close(model.predict(x), by_hand(x, model))


def test_pop_before_the_model_is_built() -> None:
    model = Sequential([Dense(3), Dense(2)])
    model.pop()
    x = draw(2, 4)
    model.compile("sgd", "mse")
    model.fit(x, draw(2, 3), verbose=0)
    assert [layer.units for layer in model.layers] == [3]


def test_pop_everything() -> None:
    model = Sequential([Dense(3, input_shape=(4,))])
    model.pop()
    assert model.layers == []
    with pytest.raises(TypeError, match="has no layers to take off"):
        model.pop()
    with pytest.raises(TypeError, match="has no layers to take off"):
        Sequential().pop()
    model.add(Dense(2))
    x = draw(5, 4)
    close(model.predict(x), by_hand(x, model))


def test_pop_then_train_anew() -> None:
    """A head is replaced, the rest keeps what it has learnt."""
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    model.compile("sgd", "mse")
    model.fit(draw(8, 4), draw(8, 2), verbose=0)
    body = model.layers[0].get_weights()
    model.pop()
    model.add(Dense(1))
    model.compile("sgd", "mse")
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], body[0])
    model.fit(draw(8, 4), draw(8, 1), verbose=0)
    assert (model.layers[0].get_weights()[0] != body[0]).any()


def test_a_changed_stack_wants_to_be_compiled_again() -> None:
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    model.compile("sgd", "mse")
    model.pop()
    with pytest.raises(RuntimeError, match="must be compiled before"):
        model.fit(draw(8, 4), draw(8, 3), verbose=0)


# ---- in other models


def test_a_stack_on_top_of_another_models_layer() -> None:
    body = Sequential([Dense(3, input_shape=(4,))])
    head = Sequential([Dense(2, input_shape=(3,))])
    model = Model(body.input, head(body.output))
    x = draw(2, 4)
    close(model.predict(x), by_hand(by_hand(x, body), head))


def test_the_same_layer_twice() -> None:
    layer = Dense(4, input_shape=(4,))
    model = Sequential([layer, layer])
    assert len(model.weights) == 2
    x = draw(3, 4)
    close(model.predict(x), by_hand(x, model))


def test_layers_of_a_built_stack_in_a_new_one() -> None:
    first = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    shorter = Sequential(first.layers[:1])
    x = draw(2, 4)
    close(shorter.predict(x), by_hand(x, shorter))
    assert shorter.weights == first.layers[0].weights


def test_masks_from_layer_to_layer() -> None:
    model = Sequential([Masking(0.0, input_shape=(4, 2)), Dropout(0.1), LSTM(3)])
    x = draw(2, 4, 2)
    x[0, 2:] = 0.0
    got = model.predict(x)
    lstm = model.layers[-1]
    shorter = Sequential([InputLayer((None, 2)), lstm])
    close(got[:1], shorter.predict(x[:1, :2]))


# ---- what doesn't fit

WRONG: dict[str, Any] = {
    "no layer": (lambda: [Dense(2, input_shape=(3,)), "relu"], "takes layers, got str: 'relu'"),
    "a tensor": (lambda: [Input((3,))], "takes layers, got Placeholder"),
    "several inputs": (lambda: [_of_two(), Dense(2)], "takes 2"),
    "several outputs": (
        lambda: [InputLayer((3,)), Lambda(lambda t: [t, t], name="both")],
        "`both` returns 2 tensors; in a Sequential model each layer returns one",
    ),
    "a name twice": (
        lambda: [Dense(2, input_shape=(3,), name="twin"), Dense(2, name="twin")],
        "has a layer with the name `twin` already",
    ),
    "a rank": (lambda: [Dense(4, input_shape=(3,)), Conv2D(2, 3)], "needs input with 4 dimensions"),
}


def _of_two() -> Model:
    a, b = Input((3,)), Input((3,))
    return Model([a, b], Lambda(lambda t: t[0] + t[1])([a, b]))


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit(case: str) -> None:
    make, message = WRONG[case]
    with pytest.raises((TypeError, ValueError), match=message):
        Sequential(make())


# ---- classes and probabilities


def test_classes() -> None:
    several = Sequential([Activation("softmax", input_shape=(3,))])
    np.testing.assert_array_equal(several.predict_classes(3 * np.eye(3)[[2, 0, 1]]), [2, 0, 1])
    single = Sequential([Activation("sigmoid", input_shape=(1,))])
    got = single.predict_classes(np.array([[-1.0], [2.0]]))
    np.testing.assert_array_equal(got, [[0], [1]])
    assert got.dtype == "int32"


def test_probabilities() -> None:
    sound = Sequential([Activation("softmax", input_shape=(3,))])
    x = draw(4, 3)
    np.testing.assert_array_equal(sound.predict_proba(x), sound.predict(x))
    other = Sequential([Activation("linear", input_shape=(3,))])
    with pytest.warns(UserWarning, match=r"aren't in \[0, 1\]"):
        other.predict_proba(5 * x)


def test_it_is_its_own_model_and_layers_are_a_list() -> None:
    model = Sequential([InputLayer((8, 8, 1)), Conv2D(2, 3), BatchNormalization(), Flatten()])
    assert model.model is model
    assert [type(layer).__name__ for layer in model.layers] == [
        *("Conv2D", "BatchNormalization", "Flatten")
    ]
    assert model.get_layer(index=0) is model.layers[0]
    assert K.int_shape(model.output) == (None, 72)

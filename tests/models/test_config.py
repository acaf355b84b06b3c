"""Models to configs and back: the same graph, and with the same weights the same predictions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    GRU,
    LSTM,
    Activation,
    Add,
    Bidirectional,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    InputLayer,
    Lambda,
    Layer,
    Masking,
    TimeDistributed,
)
from keras.models import Model, Sequential, clone_model, model_from_config, model_from_json


def shared_and_nested() -> Any:
    """Two inputs, a layer called twice, a model called twice, two outputs."""
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(3, name="shared")
    inner = Sequential([Dense(3, input_shape=(3,), name="d")], name="inner")
    p = inner(shared(a))
    q = inner(Activation("tanh", name="squash")(shared(b)))
    return Model([a, b], [Add(name="p")([p, q]), Dense(2, name="q")(q)], name="net")


def states_handed_on() -> Any:
    """Keyword arguments of a call that are tensors."""
    x, y = Input((None, 3), name="x"), Input((None, 2), name="y")
    _, h, c = LSTM(4, return_state=True, name="reader")(x)
    written = LSTM(4, return_sequences=True, name="writer")(y, initial_state=[h, c])
    return Model([x, y], TimeDistributed(Dense(2), name="words")(written))


def masked() -> Any:
    words = Input((5,), dtype="int32")
    h = Embedding(7, 3, mask_zero=True)(words)
    return Model(words, Bidirectional(GRU(2))(h))


def pictures() -> Any:
    return Sequential(
        [Conv2D(2, 3, strides=(2, 1), input_shape=(7, 6, 1)), Flatten(), Dropout(0.3), Dense(2)]
    )


def begun_with_an_input_layer() -> Any:
    return Sequential([InputLayer((4,), name="start"), Dense(2)], name="stack")


def in_the_middle() -> Any:
    """A shared layer, of whose calls only the second is part of the model."""
    shared, x, y = Dense(2, name="shared"), Input((3,)), Input((3,), name="y")
    shared(x)
    return Model(y, Dense(1)(shared(y)))


def calls_out_of_turn() -> Any:
    """A layer whose second call has to wait for its first, and whose third has not."""
    x, z = Input((4,), name="x"), Input((4,), name="z")
    shared, between = Dense(4, activation="tanh", name="shared"), Dense(4, name="between")
    first = shared(x)
    second = shared(between(first))
    return Model([x, z], [first, second, shared(z)])


def an_argument_of_the_call() -> Any:
    x = Input((4, 3))
    return Model(x, Scaled(name="scaled")(x, by=3.0))


class Scaled(Layer):
    def call(self, inputs: Any, by: float = 1.0) -> Any:
        return inputs * by


MAKERS = [
    shared_and_nested,
    states_handed_on,
    masked,
    pictures,
    begun_with_an_input_layer,
    in_the_middle,
    calls_out_of_turn,
    an_argument_of_the_call,
]


def data(model: Any) -> list[Any]:
    made = []
    for x in model.inputs:
        shape = (3, *(5 if size is None else size for size in x.shape[1:]))
        whole = x.dtype == "int32"
        made.append(np.random.randint(0, 7, shape) if whole else np.random.normal(size=shape))
    return made


def predictions(model: Any, x: list[Any]) -> list[Any]:
    made = model.predict(x)
    return made if isinstance(made, list) else [made]


def structure(model: Any) -> Any:
    """The layers with their calls, as names and shapes, found in the graph itself."""
    layers = [
        (layer.name, type(layer).__name__, layer.trainable, [w.shape for w in layer.weights])
        for layer in model.layers
    ]
    calls = [
        (
            call.outbound_layer.name,
            [layer.name for layer in call.inbound_layers],
            call.output_shapes,
        )
        for call in model._calls
    ]
    return layers, calls, model.input_names, model.output_names


WAYS: dict[str, Any] = {
    "from_config": lambda m: type(m).from_config(m.get_config(), {"Scaled": Scaled}),
    "json": lambda m: model_from_json(m.to_json(), {"Scaled": Scaled}),
    "JSON in between": lambda m: type(m).from_config(
        json.loads(json.dumps(m.get_config())), {"Scaled": Scaled}
    ),
    "model_from_config": lambda m: model_from_config(
        {"class_name": type(m).__name__, "config": m.get_config()}, {"Scaled": Scaled}
    ),
    "clone_model": clone_model,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", MAKERS)
def test_the_same_model_again(make: Any, way: str) -> None:
    model = make()
    again = WAYS[way](model)
    assert type(again) is type(model)
    assert again.name == model.name
    assert structure(again) == structure(model)
    assert again.get_config() == model.get_config()
    assert not {id(w) for w in again.weights} & {id(w) for w in model.weights}
    again.set_weights(model.get_weights())
    x = data(model)
    for got, wanted in zip(predictions(again, x), predictions(model, x), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_a_config_is_a_copy() -> None:
    model = shared_and_nested()
    config = model.get_config()
    config["layers"][2]["name"] = "other"
    config["layers"].clear()
    assert model.get_config()["layers"][2]["name"] == model.layers[2].name


def test_a_shared_layer_is_one_again() -> None:
    model = shared_and_nested()
    again = Model.from_config(model.get_config())
    shared = again.get_layer("shared")
    assert len(shared._inbound_nodes) == 2
    assert len(again.weights) == len(model.weights) == 6


def test_names_of_inputs_and_places_of_outputs() -> None:
    config = shared_and_nested().get_config()
    assert config["input_layers"] == [["a", 0, 0], ["b", 0, 0]]
    assert config["output_layers"] == [["p", 0, 0], ["q", 0, 0]]
    entries = {entry["name"]: entry for entry in config["layers"]}
    assert entries["shared"]["inbound_nodes"] == [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]
    # A model that is a layer keeps its first number for the call it was made with.
    assert entries["p"]["inbound_nodes"] == [[["inner", 1, 0, {}], ["inner", 2, 0, {}]]]
    assert entries["inner"]["class_name"] == "Sequential"


def test_only_calls_of_the_model_are_counted() -> None:
    entries = {entry["name"]: entry for entry in in_the_middle().get_config()["layers"]}
    assert entries["shared"]["inbound_nodes"] == [[["y", 0, 0, {}]]]


def test_trainable_goes_along() -> None:
    model = shared_and_nested()
    model.get_layer("shared").trainable = False
    again = Model.from_config(model.get_config())
    assert not again.get_layer("shared").trainable
    assert len(again.trainable_weights) == len(model.trainable_weights)


def test_places_without_a_list_around_them() -> None:
    """As tf.keras says a single input and output."""
    x = Input((3,), name="x")
    model = Model(x, Dense(2, name="y")(x))
    config = model.get_config()
    config["input_layers"], config["output_layers"] = ["x", 0, 0], ["y", 0, 0]
    again = Model.from_config(config)
    assert structure(again) == structure(model)


def test_a_plain_list_of_layers() -> None:
    """As a Sequential's config was before 2.2.3."""
    model = pictures()
    again = Sequential.from_config(model.get_config()["layers"])
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert again.output_shape == model.output_shape


def test_a_stack_built_by_data_is_built_again() -> None:
    model = Sequential([Dense(3), Dense(2)])
    model.build((None, 4))
    again = Sequential.from_config(model.get_config())
    assert again.built
    assert [w.shape for w in again.get_weights()] == [w.shape for w in model.get_weights()]
    waiting = Sequential.from_config(Sequential([Dense(3)]).get_config())
    assert not waiting.built


def test_subclasses_of_model_come_back_as_such() -> None:
    class Own(Model):
        pass

    x = Input((3,))
    model = Own(x, Dense(2)(x))
    assert type(Own.from_config(model.get_config())) is Own


# ---- what can't be said, or understood


def test_a_call_that_a_config_cannot_say() -> None:
    x = Input((3,))
    values = K.variable(np.ones(3))
    model = Model(x, Scaled(name="scaled")(x, by=values))
    with pytest.warns(UserWarning, match="`scaled` was called with arguments that a config can't"):
        model.get_config()


def test_a_model_with_a_call_of_its_own() -> None:
    class Own(Model):
        def call(self, inputs: Any) -> Any:
            return inputs

    with pytest.raises(NotImplementedError, match=r"computes its outputs in `call`"):
        Own(name="own").get_config()
    with pytest.raises(ValueError, match="copies models made of `inputs` and `outputs`"):
        clone_model(Own())


def wrong(change: Any) -> Any:
    config = shared_and_nested().get_config()
    change(config)
    return config


WRONG = {
    "a layer that is missing": (
        lambda c: c["layers"].pop(0),
        r"the inputs of .*shared.* can't be made; it has no layer a\.",
    ),
    "a circle": (
        lambda c: next(e for e in c["layers"] if e["name"] == "shared").update(
            inbound_nodes=[[["q", 0, 0, {}]]]
        ),
        "can't be made",
    ),
    "a class nobody knows": (
        lambda c: c["layers"][2].update(class_name="Dens"),
        "Dens",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_configs_that_are_wrong(case: str) -> None:
    change, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        Model.from_config(wrong(change))


# ---- clone_model


def test_a_clone_is_initialised_anew() -> None:
    model = pictures()
    model.compile("sgd", "mse")
    copy = clone_model(model)
    assert copy.optimizer is None
    assert np.abs(copy.get_weights()[0] - model.get_weights()[0]).max() > 1e-3


def test_a_clone_on_other_inputs() -> None:
    x = Input((4,))
    model = Model(x, Dense(2)(x))
    z = Input((4,), name="z")
    copy = clone_model(model, z)
    assert copy.input is z
    assert copy.input_names == ["z"]
    copy.set_weights(model.get_weights())
    given = np.random.normal(size=(3, 4))
    np.testing.assert_array_equal(copy.predict(given), model.predict(given))


@pytest.mark.parametrize("stack", [False, True])
def test_a_clone_on_values_needs_no_feeding(stack: bool) -> None:
    """Input tensors may be variables: then nothing is fed."""
    x = Input((4,))
    model = Sequential([Dense(2, input_shape=(4,))]) if stack else Model(x, Dense(2)(x))
    given = np.random.normal(size=(3, 4)).astype("float32")
    copy = clone_model(model, K.variable(given))
    copy.set_weights(model.get_weights())
    np.testing.assert_allclose(K.eval(copy.output), model.predict(given), rtol=1e-5)
    assert copy._feed_inputs == []


def test_a_clone_of_a_tensor_that_a_layer_made() -> None:
    x = Input((4,))
    h = Lambda(lambda t: t * 2.0)(x)
    model = Sequential([Dense(2, input_shape=(4,))])
    copy = clone_model(model, h)
    copy.set_weights(model.get_weights())
    given = np.random.normal(size=(3, 4))
    got = K.function([x], [copy.output])([given])[0]
    np.testing.assert_allclose(got, model.predict(2 * given), rtol=1e-5, atol=1e-6)


def test_a_clone_masks_as_its_original() -> None:
    x = Input((4, 2))
    model = Model(x, LSTM(3)(Masking(0.0)(x)))
    copy = clone_model(model)
    copy.set_weights(model.get_weights())
    given = np.random.normal(size=(2, 4, 2))
    given[:, 2:] = 0.0
    np.testing.assert_array_equal(copy.predict(given), model.predict(given))


@pytest.mark.parametrize(
    ("model", "tensors", "message"),
    [
        (lambda: Dense(2), 0, "copies models .*, got .*Dense"),
        (lambda: Sequential([Dense(2, input_shape=(4,))]), 2, "has one input, got 2"),
        (shared_and_nested, 1, "has 2 input.*got 1"),
    ],
)
def test_clones_that_cannot_be(model: Any, tensors: int, message: str) -> None:
    given = [Input((4,)) for _ in range(tensors)] or None
    with pytest.raises((ValueError, TypeError), match=message):
        clone_model(model(), given)

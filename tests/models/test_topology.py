"""Which layers a model finds between its inputs and outputs, and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Activation, Add, Concatenate, Dense, Dropout, Input, Lambda
from keras.models import Model
from keras.models.topology import get_source_inputs


def names(model: Model) -> list[str]:
    return [layer.name for layer in model.layers]


def diamond() -> Model:
    """One input, two ways of different length, one output."""
    x = Input((4,), name="x")
    long = Dense(3, name="long_2")(Dense(3, name="long_1")(x))
    short = Dense(3, name="short")(x)
    return Model(x, Add(name="sum")([long, short]))


# ---- order


def test_layers_far_from_the_output_come_first() -> None:
    assert names(diamond()) == ["x", "long_1", "long_2", "short", "sum"]


def test_the_order_of_description_does_not_matter() -> None:
    x = Input((4,), name="x")
    short = Dense(3, name="short")(x)
    long = Dense(3, name="long_2")(Dense(3, name="long_1")(x))
    assert names(Model(x, Add(name="sum")([long, short]))) == names(diamond())


def test_layers_at_one_distance_stand_in_the_order_of_the_inputs_they_feed() -> None:
    x, y = Input((4,), name="x"), Input((4,), name="y")
    b, a = Dense(3, name="b")(y), Dense(3, name="a")(x)
    model = Model([x, y], Concatenate(name="both")([a, b]))
    assert names(model) == ["x", "y", "a", "b", "both"]
    turned = Model([x, y], Concatenate(name="both_2")([b, a]))
    assert names(turned) == ["y", "x", "b", "a", "both_2"]


def test_only_what_lies_between_is_part() -> None:
    x = Input((4,), name="x")
    h = Dense(3, name="h")(x)
    Dense(9, name="aside")(h)
    later = Dense(2, name="later")(h)
    assert names(Model(x, h)) == ["x", "h"]
    assert names(Model(x, later)) == ["x", "h", "later"]


def test_a_model_may_begin_in_the_middle_of_another() -> None:
    """As for looking at a layer, or for cutting a decoder off."""
    whole = diamond()
    features = Model(whole.input, whole.get_layer("long_1").output)
    assert names(features) == ["x", "long_1"]
    data = np.random.normal(size=(2, 4))
    kernel, bias = whole.get_layer("long_1").get_weights()
    np.testing.assert_allclose(features.predict(data), data @ kernel + bias, rtol=1e-5, atol=1e-6)


def test_an_input_that_nothing_uses_is_part_of_the_model() -> None:
    x, unused = Input((4,), name="x"), Input((7,), name="unused")
    model = Model([x, unused], Dense(2, name="y")(x))
    assert sorted(names(model)) == ["unused", "x", "y"]
    assert model.input_names == ["x", "unused"]
    data = np.ones((3, 4)), np.zeros((3, 7))
    assert model.predict(list(data)).shape == (3, 2)
    with pytest.raises(ValueError, match="has 2 input"):
        model.predict([data[0]])


def test_an_input_may_be_an_output() -> None:
    x = Input((3,))
    model = Model(x, [x, Dense(2)(x)])
    data = np.random.normal(size=(4, 3)).astype("float32")
    same, _ = model.predict(data)
    np.testing.assert_array_equal(same, data)


def test_one_tensor_as_two_outputs() -> None:
    x = Input((3,))
    y = Dense(2)(x)
    first, second = Model(x, [y, y]).predict(np.ones((2, 3)))
    np.testing.assert_array_equal(first, second)


def test_a_deep_graph() -> None:
    """As many layers as Python's recursion couldn't follow."""
    x = y = Input((2,))
    for _ in range(1200):
        y = Activation("linear")(y)
    model = Model(x, y)
    assert len(model.layers) == 1201
    data = np.ones((1, 2))
    np.testing.assert_array_equal(model.predict(data), data)


def test_many_ways_through_a_graph_are_one_program() -> None:
    """2 ** 40 ways lead from the input to the output; each layer is met once."""
    x = y = Input((2,))
    for _ in range(40):
        y = Add()([y, y])
    model = Model(x, y)
    assert len(model.layers) == 41
    np.testing.assert_array_equal(model.predict(np.ones((1, 2))), [[2.0**40] * 2])


def test_a_shared_layer_stands_where_its_farthest_call_is() -> None:
    x = Input((3,), name="x")
    shared = Dense(3, name="shared")
    y = shared(Dropout(0.5, name="drop")(shared(x)))
    model = Model(x, y)
    assert names(model) == ["x", "shared", "drop"]
    w, b = shared.get_weights()
    data = np.random.normal(size=(2, 3))
    np.testing.assert_allclose(model.predict(data), (data @ w + b) @ w + b, rtol=1e-4, atol=1e-5)


# ---- what can't be a model


WRONG = {
    "an output that no layer made": (lambda x: (x, K.exp(x)), "must be what layers returned"),
    "an output that is no tensor": (lambda x: (x, np.ones(3)), "must be what layers returned"),
    "an input that a layer made": (
        lambda x: (Dense(2)(x), Dense(2)(Dense(2)(x))),
        r"inputs are made by `Input\(shape\)`",
    ),
    "an input that is an array": (
        lambda x: (np.ones((2, 3)), Dense(2)(x)),
        r"inputs are made by `Input\(shape\)`",
    ),
    "an input twice": (lambda x: ([x, x], Dense(2)(x)), "an input is listed twice"),
    "an input left out": (
        lambda x: (x, Add()([x, Input((3,), name="other")])),
        r"also depend on the input `other:0`, which isn't among `inputs`",
    ),
    "no outputs": (lambda x: (x, []), "at least one"),
    "two layers of one name": (
        lambda x: (x, Dense(2, name="twin")(Dense(2, name="twin")(x))),
        "has 2 layers with the name `twin`",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_model(case: str) -> None:
    make, message = WRONG[case]
    with pytest.raises((ValueError, TypeError), match=message):
        Model(*make(Input((3,))))


def test_inputs_without_outputs() -> None:
    with pytest.raises(TypeError, match="`inputs` and `outputs`, both or neither"):
        Model(inputs=Input((3,)))


# ---- get_source_inputs


def test_sources() -> None:
    x, y = Input((3,), name="x"), Input((3,), name="y")
    a, b = Dense(2)(x), Dense(2)(y)
    both = Add()([a, b])
    assert [t is x for t in get_source_inputs(a)] == [True]
    assert {t.name for t in get_source_inputs(both)} == {"x:0", "y:0"}
    assert get_source_inputs(x) == [x]


def test_sources_of_a_numbered_call() -> None:
    x, y = Input((3,), name="x"), Input((3,), name="y")
    shared = Lambda(lambda t: t * 2.0)
    first, second = shared(x), shared(y)
    assert get_source_inputs(first)[0] is x
    assert get_source_inputs(second)[0] is y
    assert get_source_inputs(first, shared, 1)[0] is y

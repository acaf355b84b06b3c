"""RNN over cells: the package's own, stacks of them, and those that users write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, layers
from keras.layers import RNN, GRUCell, Input, LSTMCell, SimpleRNNCell, StackedRNNCells
from keras.layers.base.calls import to_list
from keras.models import Model
from keras.registry import CustomObjectScope
from tests.layers import steps
from tests.layers.numbers import apply, draw


class MinimalCell(layers.Layer):
    """As the classic documents write it: attributes first, `super().__init__` last."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        self.units = units
        self.state_size = units
        super().__init__(**kwargs)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel"
        )
        self.built = True

    def call(self, inputs: Any, states: Any) -> Any:
        output = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent_kernel)
        return output, [output]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class AddingCell(layers.Layer):
    """A cell that takes a constant, and another size for its output than for its state."""

    state_size = (3, 2)
    output_size = 5

    def build(self, input_shape: Any) -> None:
        self.shapes = input_shape
        self.scale = self.add_weight("scale", (1,), initializer="ones")
        self.built = True

    def call(self, inputs: Any, states: Any, constants: Any = None, training: Any = None) -> Any:
        (constant,) = constants
        a = states[0] + inputs * self.scale
        b = states[1] + constant
        return K.concatenate([a, b]), [a, b]


class PlainCell:
    """No layer at all: just the two things that `RNN` needs."""

    state_size = 3

    def call(self, inputs: Any, states: Any) -> Any:
        y = inputs + states[0]
        return y, [y]


@pytest.mark.parametrize("unroll", [False, True])
def test_a_cell_of_ones_own(unroll: bool) -> None:
    layer = RNN(MinimalCell(4), return_sequences=True, unroll=unroll)
    x = draw(2, 5, 3)
    got = apply(layer, x)
    kernel, recurrent = layer.get_weights()
    step = steps.simple([kernel, recurrent, 0.0], lambda h: h)
    expected, _ = steps.over_time(step, x, [np.zeros((2, 4))])
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)
    with CustomObjectScope({"MinimalCell": MinimalCell}):
        again = RNN.from_config(layer.get_config())
    assert isinstance(again.cell, MinimalCell) and again.cell.units == 4
    assert layer.count_params() == 3 * 4 + 4 * 4


def test_an_object_that_is_no_layer() -> None:
    x = draw(2, 5, 3)
    layer = RNN(PlainCell(), return_sequences=True)
    np.testing.assert_allclose(apply(layer, x), np.cumsum(x, 1), rtol=1e-4, atol=1e-5)
    assert layer.weights == []


@pytest.mark.parametrize("keyword", [True, False])
def test_constants(keyword: bool) -> None:
    layer = RNN(AddingCell(), return_sequences=True, return_state=True)
    x, fixed = Input((4, 3)), Input((2,))
    states = [Input((3,)), Input((2,))]
    if keyword:
        y = layer(x, initial_state=states, constants=fixed)
    else:
        layer._num_constants = 1
        y = layer([x, *states, fixed])
    assert layer.cell.shapes == [(None, 3), (None, 2)]
    assert [K.int_shape(t) for t in y] == [(None, 4, 5), (None, 3), (None, 2)]
    model = Model([x, *states, fixed], y)
    arrays = [draw(2, 4, 3), draw(2, 3), draw(2, 2), draw(2, 2)]
    outputs, a, b = model.predict(arrays)
    times = np.arange(1, 5)[:, None]
    np.testing.assert_allclose(
        outputs[..., :3], arrays[1][:, None] + np.cumsum(arrays[0], 1), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        outputs[..., 3:], arrays[2][:, None] + times * arrays[3][:, None], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(np.concatenate([a, b], 1), outputs[:, -1], rtol=1e-6)
    assert layer.get_config()["num_constants"] == 1
    with CustomObjectScope({"AddingCell": AddingCell}):
        again = Model.from_config(model.get_config())
    for one, other in zip(again.predict(arrays), [outputs, a, b], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_constants_that_come_from_no_layer() -> None:
    layer = RNN(AddingCell())
    x = Input((4, 3))
    y = layer(x, constants=K.ones((2, 2)))
    (got,) = K.function([x], [y])([np.ones((2, 4, 3))])
    np.testing.assert_allclose(got, 4.0)


# ---- stacks


def cells() -> list[Any]:
    return [LSTMCell(4), GRUCell(3), SimpleRNNCell(5)]


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_stacks_are_layers_one_after_the_other(go_backwards: bool, masked: bool) -> None:
    """Whether the cells see their whole sequences one by one, or all cells each step."""

    class Stepwise(StackedRNNCells):
        def call(self, *args: Any, **kwargs: Any) -> Any:
            return super().call(*args, **kwargs)

    options = {"go_backwards": go_backwards, "return_sequences": True, "return_state": True}
    whole, stepwise = RNN(cells(), **options), RNN(Stepwise(cells()), **options)
    assert whole.cell.runs_whole and not stepwise.cell.runs_whole
    x = Input((6, 2))
    mask = K.constant(np.random.random((3, 6)) > 0.4) if masked else None
    outputs = [to_list(layer(x, mask=mask)) for layer in (whole, stepwise)]
    stepwise.set_weights([w + 0.1 for w in whole.get_weights()])
    whole.set_weights(stepwise.get_weights())
    array = draw(3, 6, 2)
    made = [K.function([x], y)([array]) for y in outputs]
    for one, other in zip(*made, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_the_order_of_states() -> None:
    stack = StackedRNNCells(cells())
    assert stack.state_size == (4, 4, 3, 5)
    assert stack.output_size == 5
    back = StackedRNNCells(cells(), reverse_state_order=True)
    assert back.state_size == (5, 3, 4, 4)
    assert back.get_config()["reverse_state_order"] is True
    assert "reverse_state_order" not in stack.get_config()
    layers_of = [RNN(stack, return_state=True), RNN(back, return_state=True)]
    x = draw(2, 3, 2)
    first = apply(layers_of[0], x)
    apply(layers_of[1], x)
    layers_of[1].set_weights(layers_of[0].get_weights())
    second = apply(layers_of[1], x)
    for number, other in enumerate([0, 3, 4, 2, 1]):
        np.testing.assert_allclose(first[number], second[other], rtol=1e-5)


def test_weights_of_a_stack() -> None:
    layer = RNN(cells())
    layer(Input((3, 2)))
    assert len(layer.weights) == 9
    layer.cell.cells[0].trainable = False
    assert len(layer.trainable_weights) == 6
    stack = RNN([LSTMCell(2, kernel_regularizer="l2"), LSTMCell(2, bias_regularizer="l1")])
    stack(Input((3, 2)))
    assert len(stack.losses) == 2


def test_a_cell_inside_of_another_keeps_its_mask() -> None:
    """Dropout of a cell that a user's cell holds: the same values at each step."""

    class Around(layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.inner = SimpleRNNCell(1, activation="linear", dropout=0.5)
            self.state_size = 1

        def build(self, input_shape: Any) -> None:
            self.inner.build(input_shape)
            self.built = True

        def call(self, inputs: Any, states: Any) -> Any:
            return self.inner.call(inputs, states)

    layer = RNN(Around(), return_sequences=True)
    layer.build_once((None, None, 1))
    layer.set_weights([np.ones((1, 1)), np.zeros((1, 1)), np.zeros(1)])
    y = apply(layer, np.ones((200, 4, 1), "float32"), phase=1)[..., 0]
    assert np.all(y == y[:, :1])
    np.testing.assert_allclose(np.unique(y), [0.0, 2.0])


def test_one_cell_in_two_layers_has_one_set_of_weights() -> None:
    cell = LSTMCell(3)
    one, two = RNN(cell), RNN(cell, go_backwards=True)
    x = draw(2, 4, 3)
    first, second = apply(one, x), apply(two, x[:, ::-1])
    np.testing.assert_allclose(first, second, rtol=1e-5)
    assert len(cell.weights) == 3


def test_a_cell_step_by_step() -> None:
    """Called by hand, as in a loop of one's own."""
    cell = LSTMCell(3)
    x = draw(2, 4, 3)
    tensor = K.placeholder((2, 4, 3))
    cell.build((None, 3))
    states = [K.zeros((2, 3)), K.zeros((2, 3))]
    for time in range(4):
        y, states = cell.call(tensor[:, time], states)
    np.testing.assert_allclose(
        K.function([tensor], [y])([x])[0], apply(RNN(cell), x), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("make", [RNN, StackedRNNCells])
def test_configs_with_cells_of_ones_own(make: Any) -> None:
    made = make([MinimalCell(3), MinimalCell(2)])
    again = make.from_config(
        {**made.get_config(), "name": "again"}, custom_objects={"MinimalCell": MinimalCell}
    )
    assert [c.units for c in getattr(again, "cell", again).cells] == [3, 2]
    with pytest.raises(ValueError, match="MinimalCell"):
        make.from_config(made.get_config())

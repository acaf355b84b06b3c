"""TimeDistributed and Bidirectional, against the inner layer taken by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, layers, regularizers
from keras.layers import GRU, LSTM, Bidirectional, Dense, Input, Masking, TimeDistributed
from keras.models import Model, Sequential
from tests.layers.numbers import apply, draw


class TestTimeDistributed:
    def test_each_step_by_itself(self) -> None:
        inner = Dense(3, activation="tanh")
        x = draw(2, 5, 4)
        y = apply(TimeDistributed(inner), x)
        kernel, bias = inner.get_weights()
        np.testing.assert_allclose(y, np.tanh(x @ kernel + bias), rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("shape", [(None, None, 4), (2, None, 4), (None, 5, 4), (2, 5, 4)])
    def test_whatever_is_known_of_the_shape(self, shape: Any) -> None:
        inner = Dense(3)
        x = Input(batch_shape=shape)
        y = TimeDistributed(inner)(x)
        assert K.int_shape(y) == (*shape[:2], 3)
        array = draw(2, 5, 4)
        (got,) = K.function([x], [y])([array])
        kernel, bias = inner.get_weights()
        np.testing.assert_allclose(got, array @ kernel + bias, rtol=1e-4, atol=1e-5)

    def test_around_a_model(self) -> None:
        z = Input((4,))
        inner = Model(z, [Dense(3)(z), Dense(2)(z)])
        outer = TimeDistributed(inner)
        array = draw(2, 5, 4)
        first, second = apply(outer, array)
        flat = inner.predict(array.reshape(10, 4))
        np.testing.assert_allclose(first, flat[0].reshape(2, 5, 3), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(second, flat[1].reshape(2, 5, 2), rtol=1e-4, atol=1e-6)
        assert outer.compute_output_shape((None, 5, 4)) == [(None, 5, 3), (None, 5, 2)]

    def test_around_a_stack_that_is_not_built(self) -> None:
        inner = Sequential([Dense(3), Dense(2)])
        assert apply(TimeDistributed(inner), draw(2, 5, 4)).shape == (2, 5, 2)
        assert len(inner.weights) == 4

    def test_around_another_one(self) -> None:
        inner = Dense(2)
        x = draw(2, 3, 4, 5)
        y = apply(TimeDistributed(TimeDistributed(inner)), x)
        kernel, bias = inner.get_weights()
        np.testing.assert_allclose(y, x @ kernel + bias, rtol=1e-4, atol=1e-5)

    def test_its_losses_and_updates_are_the_inner_layers(self) -> None:
        x = Input((5, 4))
        dense = Dense(3, kernel_regularizer=regularizers.l2(1.0), activity_regularizer="l2")
        y = TimeDistributed(dense)(x)
        model = Model(x, TimeDistributed(layers.BatchNormalization())(y))
        assert len(model.losses) == 2
        assert len(model.updates) == 2
        model.layers[-1].layer.trainable = False
        assert model.updates == []
        assert not model.layers[-1].trainable

    def test_the_phase_reaches_the_inner_layer(self) -> None:
        x = np.ones((3, 4, 50), dtype="float32")
        layer = TimeDistributed(layers.Dropout(0.5))
        assert (apply(layer, x) == 1).all()
        assert (apply(layer, x, phase=1) == 0).any()
        assert (apply(layer, x, training=True) == 0).any()

    def test_a_mask_of_steps_passes(self) -> None:
        x = Masking()(Input((5, 4)))
        for inner in (Dense(3), layers.Flatten()):
            z = x if isinstance(inner, Dense) else layers.Reshape((5, 2, 2))(Input((5, 4)))
            z._keras_mask = x._keras_mask
            assert TimeDistributed(inner)(z)._keras_mask is x._keras_mask

    def test_a_mask_inside_of_steps(self) -> None:
        """(batch, sentences, words): the words' mask is used inside, the sentences' comes out."""
        words = np.array([[[1, 2, 0], [3, 0, 0], [0, 0, 0]], [[2, 0, 0], [0, 0, 0], [0, 0, 0]]])
        x = Input((3, 3), dtype="int32")
        embedded = TimeDistributed(layers.Embedding(4, 5, mask_zero=True))(x)
        inner = LSTM(2)
        sentences = TimeDistributed(inner)(embedded)
        assert K.int_shape(embedded._keras_mask) == (None, 3, 3)
        y, mask = K.function([x], [sentences, sentences._keras_mask])([words])
        np.testing.assert_array_equal(mask, (words != 0).any(-1))
        short = Input((1,), dtype="int32")
        table = embedded._keras_history[0].layer
        (alone,) = K.function([short], [inner(table(short))])([np.array([[3]])])
        np.testing.assert_allclose(y[0, 1], alone[0], rtol=1e-4, atol=1e-6)

    def test_given_weights_of_the_inner_layer(self) -> None:
        values = [draw(4, 3), draw(3)]
        layer = TimeDistributed(Dense(3, weights=values))
        apply(layer, draw(1, 2, 4))
        np.testing.assert_array_equal(layer.get_weights()[0], values[0])

    def test_frozen_by_an_argument(self) -> None:
        layer = TimeDistributed(Dense(3), trainable=False)
        apply(layer, draw(1, 2, 4))
        assert layer.trainable_weights == []
        assert len(layer.non_trainable_weights) == 2
        layer.trainable = True
        assert layer.layer.trainable


MODES: dict[Any, Any] = {
    "concat": lambda a, b: np.concatenate([a, b], axis=-1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
    None: lambda a, b: [a, b],
}


def alone(layer: Any, of: Any, *arrays: Any) -> Any:
    """A layer's output with the weights of another one."""
    layer.build_once((None, *arrays[0].shape[1:]))
    layer.set_weights(of.get_weights())
    return apply(layer, *arrays)


class TestBidirectional:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("sequences", [True, False])
    @pytest.mark.parametrize("backwards", [True, False])
    def test_modes(self, mode: Any, sequences: bool, backwards: bool) -> None:
        arguments = {"units": 3, "return_sequences": sequences, "implementation": 1}
        layer = Bidirectional(GRU(**arguments, go_backwards=backwards), mode)
        x = draw(2, 4, 5)
        got = apply(layer, x)
        forward = alone(GRU(**arguments, go_backwards=backwards), layer.forward_layer, x)
        back = alone(GRU(**arguments, go_backwards=not backwards), layer.backward_layer, x)
        expected = MODES[mode](forward, back[:, ::-1] if sequences else back)
        for one, other in zip(np.atleast_1d(got), np.atleast_1d(expected), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
        said = layer.compute_output_shape((2, 4, 5))
        assert said == [e.shape for e in expected] if mode is None else said == expected.shape

    @pytest.mark.parametrize("mode", ["concat", None])
    def test_states(self, mode: Any) -> None:
        layer = Bidirectional(LSTM(3, return_state=True, return_sequences=True), mode)
        x = draw(2, 4, 5)
        *outputs, h, c, back_h, back_c = apply(layer, x)
        first, second = np.split(outputs[0], 2, axis=-1) if mode else outputs
        np.testing.assert_allclose(first[:, -1], h, rtol=1e-5)
        np.testing.assert_allclose(second[:, 0], back_h, rtol=1e-5)
        shapes = layer.compute_output_shape((None, 4, 5))
        assert len(shapes) == len(outputs) + 4
        again = Bidirectional(LSTM(3))
        states = [h, c, back_h, back_c]
        made = Bidirectional(LSTM(3))
        for other in (again, made):
            other.build_once((None, 4, 5))
            other.set_weights(layer.get_weights())
        by_list = apply(again, x, *states)
        inputs = [Input(a.shape[1:]) for a in (x, *states)]
        y = made(inputs[0], initial_state=inputs[1:])
        by_keyword = K.function(inputs, [y])([x, *states])[0]
        np.testing.assert_allclose(by_list, by_keyword, rtol=1e-5)
        assert abs(by_list - apply(made, x)).max() > 1e-3
        fixed = made(inputs[0], initial_state=[K.constant(s) for s in states])
        np.testing.assert_allclose(K.function(inputs[:1], [fixed])([x])[0], by_list, rtol=1e-5)

    def test_masked_steps_are_skipped_in_both_directions(self) -> None:
        layer = Bidirectional(LSTM(3))
        x = draw(2, 4, 5)
        padded = np.concatenate([np.zeros((2, 2, 5)), x, np.zeros((2, 3, 5))], axis=1)
        z = Input((None, 5))
        (got,) = K.function([z], [layer(Masking()(z))])([padded.astype("float32")])
        np.testing.assert_allclose(got, apply(layer, x), rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("mode", ["concat", None])
    def test_masks_that_come_out(self, mode: Any) -> None:
        x = Masking()(Input((4, 5)))
        made = Bidirectional(LSTM(3, return_sequences=True, return_state=True), mode)(x)
        count = 2 if mode is None else 1
        masks = [y._keras_mask for y in made]
        assert masks == [x._keras_mask] * count + [None] * 4
        assert Bidirectional(LSTM(3))(x)._keras_mask is None

    def test_states_are_handed_on(self) -> None:
        x = Input(batch_shape=(2, 4, 5))
        layer = Bidirectional(GRU(3, stateful=True))
        model = Model(x, layer(x))
        data = draw(2, 4, 5)
        first, second = (model.predict(data, batch_size=2) for _ in range(2))
        state = first[:, :3], first[:, 3:]
        plain = Bidirectional(GRU(3))
        plain.build_once((None, 4, 5))
        plain.set_weights(layer.get_weights())
        np.testing.assert_allclose(second, apply(plain, data, *state), rtol=1e-4, atol=1e-6)
        model.reset_states()
        np.testing.assert_allclose(model.predict(data, batch_size=2), first, rtol=1e-5)
        model.compile("sgd", "mse")
        model.train_on_batch(data, first)
        assert abs(K.get_value(layer.forward_layer.states[0]) - state[0]).max() > 1e-3

    def test_a_cell_of_ones_own_with_constants(self) -> None:
        class Cell(layers.Layer):
            def __init__(self, units: int, **kwargs: Any) -> None:
                self.units = self.state_size = units
                super().__init__(**kwargs)

            def build(self, input_shape: Any) -> None:
                shapes = input_shape if isinstance(input_shape, list) else [input_shape]
                self.w = self.add_weight("w", (shapes[0][-1], self.units), initializer="ones")
                self.built = True

            def call(self, inputs: Any, states: Any, constants: Any) -> Any:
                h = K.dot(inputs, self.w) + states[0] * constants[0]
                return h, [h]

            def get_config(self) -> dict[str, Any]:
                return {**super().get_config(), "units": self.units}

        x, c = Input((4, 5)), Input((3,))
        layer = Bidirectional(layers.RNN(Cell(3)))
        y = layer(x, constants=c)
        data, factor = draw(2, 4, 5), draw(2, 3)
        (got,) = K.function([x, c], [y])([data, factor])
        steps = data.sum(-1)[:, :, None]
        powers = factor[:, None, :] ** np.arange(4)[None, :, None]
        back = (steps * powers).sum(1)
        forward = (steps[:, ::-1] * powers).sum(1)
        np.testing.assert_allclose(got, np.concatenate([forward, back], -1), rtol=1e-3, atol=1e-4)
        assert layer.get_config()["num_constants"] == 1

    def test_weights(self) -> None:
        first = Bidirectional(LSTM(3))
        apply(first, draw(1, 2, 4))
        assert [w.name.split("/")[1] for w in first.weights[::3]] == [
            f"forward_{first.layer.name}",
            f"backward_{first.layer.name}",
        ]
        second = Bidirectional(LSTM(3), "concat", first.get_weights())
        x = draw(2, 3, 4)
        np.testing.assert_allclose(apply(second, x), apply(first, x), rtol=1e-5)
        second.trainable = False
        assert second.trainable_weights == []
        assert not second.backward_layer.trainable
        assert Bidirectional(LSTM(3, trainable=False)).trainable is False


class Boosted(layers.Wrapper):
    """A wrapper as users write them."""

    def __init__(self, layer: Any, factor: float = 2.0, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.factor = factor

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self.boost = self.add_weight("boost", (1,), initializer="ones")
        super().build()

    def call(self, inputs: Any) -> Any:
        return self.layer.call(inputs) * self.boost * self.factor

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


def test_a_wrapper_of_ones_own() -> None:
    layer = Boosted(Dense(3), 3.0)
    x = draw(2, 4)
    y = apply(layer, x)
    assert [w.name.split("/")[-1] for w in layer.weights] == ["boost:0", "kernel:0", "bias:0"]
    kernel, bias = layer.layer.get_weights()
    np.testing.assert_allclose(y, 3 * (x @ kernel + bias), rtol=1e-4, atol=1e-5)
    again = Boosted.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.layer is not layer.layer

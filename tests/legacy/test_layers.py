"""Layers that later versions left out, where no recorded numbers say what they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, initializations, layers
from keras.layers import BatchNormalization, Embedding, Input
from keras.legacy.arguments import LegacyWarning
from keras.legacy.layers import ConvRecurrent2D, Recurrent, time_distributed_dense
from keras.models import Model, Sequential, model_from_json
from keras.regularizers import EigenvalueRegularizer


def applied(layer: Any, x: Any, training: int = 0) -> Any:
    """What a layer returns for an array."""
    placeholder = Input(batch_shape=x.shape)
    y = layer(placeholder)
    return K.function([placeholder, K.learning_phase()], [y])([x, training])[0]


# ---- normalization


def test_batch_normalization_by_sample() -> None:
    x = np.random.rand(4, 6) * 3 + 1
    deviation = np.sqrt(x.var(axis=1, keepdims=True) + 1e-3) + 1e-3
    expected = (x - x.mean(axis=1, keepdims=True)) / deviation
    layer = BatchNormalization(mode=1)
    np.testing.assert_allclose(applied(layer, x), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(applied(layer, x, 1), expected, rtol=1e-4, atol=1e-5)


def test_batch_normalization_by_the_batch_always() -> None:
    x = np.random.rand(8, 3) * 3 + 1
    layer = BatchNormalization(mode=2)
    expected = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)
    np.testing.assert_allclose(applied(layer, x), expected, rtol=1e-4, atol=1e-5)
    assert layer.updates == []


@pytest.mark.parametrize("mode", [1, 2])
def test_modes_are_kept(mode: int) -> None:
    """In configs and in files, under the class's own name."""
    model = Sequential([BatchNormalization(mode=mode, input_shape=(3,))])
    again = model_from_json(model.to_json()).layers[0]
    assert (type(again), again.mode) == (type(model.layers[0]), mode)
    assert type(again).__name__ == "BatchNormalization"
    assert isinstance(again, BatchNormalization)


def test_other_modes() -> None:
    with pytest.raises(ValueError, match=r"`mode` is 0 \(by feature\), 1 .* got 3"):
        BatchNormalization(mode=3)
    with pytest.warns(LegacyWarning, match="mode is gone"):
        assert type(BatchNormalization(mode=0)) is BatchNormalization
    with pytest.warns(LegacyWarning):
        assert BatchNormalization(1e-4, 2).mode == 2


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_local_response_normalization(data_format: str) -> None:
    x = np.random.rand(2, 3, 4, 7)
    squares = np.pad(x**2, [(0, 0)] * 3 + [(2, 2)])
    near = sum(squares[..., i : i + 7] for i in range(5))
    expected = x / (2 + 1e-2 * near) ** 0.75
    first = data_format == "channels_first"
    layer = layers.normalization.LRN2D(alpha=1e-2, data_format=data_format)
    made = applied(layer, x.transpose(0, 3, 1, 2) if first else x)
    np.testing.assert_allclose(made.transpose(0, 2, 3, 1) if first else made, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="`n` is an odd number, got 4"):
        layers.normalization.LRN2D(n=4)


# ---- embeddings


def test_words_are_dropped_whole() -> None:
    """Each word in all its places, for all of its vector; the rest grows."""
    layer = Embedding(50, 3, dropout=0.4, embeddings_initializer="ones")
    x = np.tile(np.arange(50), (2, 2))
    np.testing.assert_array_equal(applied(layer, x), np.ones((2, 100, 3)))
    trained = applied(layer, x, 1)
    np.testing.assert_allclose(np.unique(trained), [0.0, 1 / 0.6], rtol=1e-6)
    assert (trained[0, :50] == trained[1, 50:]).all()
    assert (trained == trained[..., :1]).all()
    again = model_from_json(Sequential([layer]).to_json())
    assert again.layers[0].dropout == 0.4


# ---- dense


def test_time_distributed_dense() -> None:
    with pytest.warns(LegacyWarning, match="output_dim -> units, init -> kernel_initializer"):
        layer = layers.TimeDistributedDense(output_dim=2, init="ones", input_dim=3, input_length=4)
    assert (type(layer), layer.batch_input_shape) == (layers.TimeDistributed, (None, 4, 3))
    x = np.random.rand(2, 4, 3)
    np.testing.assert_allclose(applied(layer, x), x.sum(-1, keepdims=True) * [1, 1], rtol=1e-5)


def test_time_distributed_dense_of_tensors() -> None:
    x, w, b = np.random.rand(2, 4, 3), np.random.rand(3, 5), np.random.rand(5)
    made = time_distributed_dense(K.constant(x), K.constant(w), K.constant(b))
    np.testing.assert_allclose(K.eval(made), x @ w + b, rtol=1e-5)
    ones = K.constant(np.ones((2, 4, 30)))
    dropped = time_distributed_dense(ones, K.constant(np.eye(30)), dropout=0.5)
    values = K.function([K.learning_phase()], [dropped])([1])[0]
    assert (values == values[:, :1]).all()  # the same at each time
    assert set(np.unique(values)) == {0.0, 2.0}


# ---- recurrent


class Sums(Recurrent):
    """Adds up its inputs, and a constant."""

    def __init__(self, output_dim: int, **kwargs: Any) -> None:
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape: Any) -> None:
        self.W = self.add_weight("W", (input_shape[2], self.output_dim), initializer="ones")
        self.built = True

    def preprocess_input(self, x: Any, training: Any = None) -> Any:
        return 2 * x

    def get_constants(self, x: Any = None, **ignored: Any) -> list[Any]:
        return [K.constant(1.0)]

    def step(self, x: Any, states: Any) -> Any:
        h = states[0] + K.dot(x, self.W) + states[1]
        return h, [h]


def sums(x: Any) -> Any:
    return np.cumsum(2 * x.sum(axis=-1, keepdims=True) + 1, axis=1) * [1.0, 1.0]


def test_a_recurrent_layer_of_ones_own() -> None:
    x = np.random.rand(2, 4, 3)
    np.testing.assert_allclose(applied(Sums(2), x), sums(x)[:, -1], rtol=1e-5)
    np.testing.assert_allclose(applied(Sums(2, return_sequences=True), x), sums(x), rtol=1e-5)
    backwards = applied(Sums(2, go_backwards=True, unroll=True), x)
    np.testing.assert_allclose(backwards, sums(x[:, ::-1])[:, -1], rtol=1e-5)
    states = Sums(2, return_state=True)(Input((4, 3)))
    assert [s.shape for s in states] == [(None, 2), (None, 2)]


def test_masked_steps_are_skipped() -> None:
    model = Sequential([layers.Masking(input_shape=(4, 3)), Sums(2)])
    x = np.random.rand(2, 4, 3)
    x[:, 2:] = 0
    np.testing.assert_allclose(model.predict(x), sums(x[:, :2])[:, -1], rtol=1e-5)


def test_states_are_kept() -> None:
    model = Sequential([Sums(2, stateful=True, batch_input_shape=(2, 4, 3))])
    x = np.random.rand(2, 4, 3)
    first, second = model.predict(x), model.predict(x)
    np.testing.assert_allclose(second, 2 * first, rtol=1e-5)
    model.reset_states()
    np.testing.assert_allclose(model.predict(x), first, rtol=1e-6)
    with pytest.raises(ValueError, match="give `batch_input_shape`"):
        Sums(2, stateful=True)(Input((4, 3)))


def test_how_it_is_computed_makes_no_difference() -> None:
    with pytest.warns(LegacyWarning, match="consume_less -> implementation, 'gpu' -> 2"):
        assert Recurrent(consume_less="gpu").implementation == 2


def test_a_step_is_needed() -> None:
    with pytest.raises(NotImplementedError, match="needs a method `step"):
        Recurrent().step(None, [])


class Blurred(ConvRecurrent2D):
    """The running sum of its images, convolved."""

    def step(self, x: Any, states: Any) -> Any:
        kernel = K.ones((*self.kernel_size, 1, self.filters))
        h = states[0] + K.conv2d(x, kernel, padding=self.padding, data_format=self.data_format)
        return h, [h]


def test_images_as_states() -> None:
    x = np.random.rand(2, 3, 4, 4, 1)
    with pytest.warns(LegacyWarning, match="nb_row, nb_col -> kernel_size"):
        layer = Blurred(nb_filter=2, nb_row=1, nb_col=1, border_mode="same")
    np.testing.assert_allclose(applied(layer, x), x.sum(axis=1) * [1, 1], rtol=1e-5)


# ---- others


def test_the_penalty_of_an_eigenvalue() -> None:
    w = np.random.rand(5, 3)
    largest = np.linalg.eigvalsh(w.T @ w).max()
    made = float(K.eval(EigenvalueRegularizer(0.5)(K.constant(w))))
    assert made == pytest.approx(0.5 * largest, rel=1e-4)
    with pytest.raises(ValueError, match="is for matrices"):
        EigenvalueRegularizer(0.5)(K.ones((2, 2, 2)))
    model = Sequential([layers.Dense(3, input_dim=5, kernel_regularizer=EigenvalueRegularizer(1))])
    assert model_from_json(model.to_json()).layers[0].kernel_regularizer.k == 1


DEVIATIONS = {
    "glorot_normal": (2 / 300) ** 0.5,
    "glorot_uniform": (2 / 300) ** 0.5,
    "he_normal": 0.1,
    "he_uniform": 0.1,
    "lecun_uniform": 0.005**0.5,
    "normal": 0.05,
    "uniform": 0.05 / 3**0.5,
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_initializations(name: str) -> None:
    values = K.eval(initializations.get(name)((200, 100)))
    assert values.std() == pytest.approx(DEVIATIONS[name], rel=0.03)
    assert abs(values.mean()) < 0.002
    if name.endswith("uniform"):
        assert abs(values).max() <= DEVIATIONS[name] * 3**0.5 * 1.0001


def test_initializations_that_are_known() -> None:
    np.testing.assert_array_equal(K.eval(initializations.zero((2, 3))), np.zeros((2, 3)))
    np.testing.assert_array_equal(K.eval(initializations.one((2, 3))), np.ones((2, 3)))
    np.testing.assert_array_equal(K.eval(initializations.identity((3, 3), 2)), 2 * np.eye(3))
    w = K.eval(initializations.orthogonal((6, 4)))
    np.testing.assert_allclose(w.T @ w, 1.21 * np.eye(4), atol=1e-5)
    with pytest.raises(ValueError, match="square matrices"):
        initializations.identity((2, 3))
    with pytest.raises(ValueError, match="`dim_ordering` is 'tf' or 'th'"):
        initializations.get_fans((3, 3, 1, 2), "tensorflow")
    assert initializations.get("uniform", scale=2.0)((3,), name="w").name.startswith("w")


def test_orthogonal_is_stretched_where_keras_1_speaks() -> None:
    """And only there."""
    x = Input((4, 6))
    with pytest.warns(LegacyWarning, match=r"'orthogonal' -> Orthogonal\(gain=1.1\)"):
        old = layers.SimpleRNN(6, inner_init="orthogonal")
    new = layers.SimpleRNN(6, recurrent_initializer="orthogonal")
    Model(x, [old(x), new(x)])
    for layer, gain in ((old, 1.1), (new, 1.0)):
        kernel = layer.get_weights()[1]
        np.testing.assert_allclose(kernel.T @ kernel, gain**2 * np.eye(6), atol=1e-5)

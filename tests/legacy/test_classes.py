"""Classes that users wrote for Keras 1, and methods and properties that classes had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keras.engine.topology import InputSpec, Layer, Node

from keras import backend as K, constraints, initializations, optimizers, regularizers
from keras.layers import (
    LSTM,
    Conv2D,
    ConvLSTM2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    InputLayer,
    SimpleRNN,
)
from keras.legacy.arguments import LegacyWarning
from keras.models import Model, Sequential

X = np.random.RandomState(1).rand(16, 4)

# ---- layers


class Documented(Layer):
    """As the documents of 1.2 write a layer."""

    def __init__(self, output_dim: int, **kwargs: Any) -> None:
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape: Any) -> None:
        self.W = self.add_weight(
            shape=(input_shape[1], self.output_dim), initializer="uniform", trainable=True
        )
        super().build(input_shape)

    def call(self, x: Any, mask: Any = None) -> Any:
        return K.dot(x, self.W)

    def get_output_shape_for(self, input_shape: Any) -> Any:
        return (input_shape[0], self.output_dim)


class Older(Layer):
    """As those of 1.0: variables made by hand, constraints and penalties in lists."""

    def __init__(self, output_dim: int, W_regularizer: Any = None, **kwargs: Any) -> None:
        self.init = initializations.get("glorot_uniform")
        self.output_dim = output_dim
        self.W_regularizer = regularizers.get(W_regularizer)
        self.W_constraint = constraints.get("nonneg")
        self.input_spec = [InputSpec(ndim=2)]
        super().__init__(**kwargs)

    def build(self, input_shape: Any) -> None:
        n = input_shape[1]
        self.W = self.init((n, self.output_dim), name=f"{self.name}_W")
        self.b = K.zeros((self.output_dim,), name=f"{self.name}_b")
        self.trainable_weights = [self.W, self.b]
        if self.W_regularizer:
            self.W_regularizer.set_param(self.W)
            self.add_loss(self.W_regularizer(self.W))
        self.constraints = {self.W: self.W_constraint}

    def call(self, x: Any, mask: Any = None) -> Any:
        return K.dot(x, self.W) + self.b

    def get_output_shape_for(self, input_shape: Any) -> Any:
        assert input_shape and len(input_shape) == 2
        return (input_shape[0], self.output_dim)


class Doubled(Dense):
    """A class of ours whose base is told a mask, as Keras 1's took one."""

    def call(self, x: Any, mask: Any = None) -> Any:
        return 2 * super().call(x, mask)

    def get_output_shape_for(self, input_shape: Any) -> Any:
        return super().get_output_shape_for(input_shape)


def trained(layer: Any) -> Sequential:
    model = Sequential([layer, Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, X.sum(axis=1), epochs=3, verbose=0)
    return model


def test_a_layer_of_the_documents() -> None:
    layer = Documented(3, input_dim=4)
    model = trained(layer)
    assert layer.compute_output_shape((None, 4)) == (None, 3)
    assert layer.get_output_shape_for((7, 4)) == (7, 3)
    assert [w.shape for w in model.get_weights()] == [(4, 3), (3, 1), (1,)]


def test_variables_made_by_hand() -> None:
    layer = Older(3, W_regularizer="l2", input_shape=(4,))
    model = trained(layer)
    assert len(layer.trainable_weights) == 2
    assert (layer.get_weights()[0] >= 0).all()
    assert len(model.losses) == 1
    assert layer.W in layer.constraints


def test_a_base_that_is_told_a_mask() -> None:
    layer = Doubled(3, input_dim=4)
    model = Sequential([layer])
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(model.predict(X), 2 * (X @ kernel + bias), rtol=1e-4, atol=1e-6)
    assert layer.get_output_shape_for((None, 4)) == (None, 3)
    same = K.eval(Dense.call(layer, x=K.constant(X), mask=None))
    np.testing.assert_allclose(same, X @ kernel + bias, rtol=1e-4, atol=1e-6)


def test_a_step_of_ones_own() -> None:
    """A recurrent layer whose `step` says something else than its cell."""

    class Louder(LSTM):
        def step(self, x: Any, states: Any) -> Any:
            h, news = super().step(x, states)
            return 2 * h, news

    x = Input((5, 3))
    plain, own = LSTM(2, return_sequences=True), Louder(2, return_sequences=True)
    model = Model(x, [plain(x), own(x)])
    own.set_weights(plain.get_weights())
    a, b = model.predict(np.random.rand(2, 5, 3))
    np.testing.assert_allclose(b, 2 * a, rtol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (SimpleRNN(2), (5, 3)),
        (LSTM(2), (5, 3)),
        (ConvLSTM2D(2, 2, padding="same"), (5, 4, 4, 1)),
    ],
)
def test_a_layer_step_by_step(layer: Any, shape: Any) -> None:
    """`K.rnn` over the methods of Keras 1 is what the layer does."""
    x = Input(shape)
    y = layer(x)
    last, _, _ = K.rnn(
        layer.step,
        layer.preprocess_input(x),
        layer.get_initial_states(x),
        constants=layer.get_constants(x),
    )
    data = np.random.rand(2, *shape)
    made = K.function([x], [y, last])([data])
    np.testing.assert_allclose(made[0], made[1], rtol=1e-5, atol=1e-6)


def test_the_convolutions_of_a_step() -> None:
    layer = ConvLSTM2D(2, 2, strides=2)
    x, w, b = K.constant(np.ones((1, 4, 4, 1))), K.ones((2, 2, 1, 3)), K.constant([0.0, 1.0, 2.0])
    np.testing.assert_allclose(K.eval(layer.conv_step(x, w, b))[0, 1, 1], [4.0, 5.0, 6.0])
    assert K.eval(layer.conv_step_hidden(x, w)).shape == (1, 4, 4, 3)


# ---- what layers had


def test_constraints_by_weight() -> None:
    layer = Dense(2, kernel_constraint="nonneg")
    layer.build((None, 3))
    assert list(layer.constraints) == [layer.kernel]
    layer.constraints[layer.bias] = constraints.MaxNorm(1)
    assert layer.bias.constraint.max_value == 1
    assert len(layer.constraints) == 2
    del layer.constraints[layer.kernel]
    with pytest.raises(KeyError):
        layer.constraints[layer.kernel]


def test_nodes_and_inputs() -> None:
    first, second = InputLayer((3,)), Dense(2)
    second.add_inbound_node([first])
    assert second.output_shape == (None, 2)
    made = Node.create_node(Dense(4), second)
    assert made.output_shapes == [(None, 4)]
    third = Dense(2)
    third.create_input_layer((None, 3))
    assert third.input_shape == (None, 3)
    assert third._inbound_nodes[0].inbound_layers[0].name == f"{third.name}_input"


def test_learning_phase_and_penalties() -> None:
    model = Sequential([Dense(3, input_dim=4, kernel_regularizer="l1"), Dropout(0.5)])
    assert [layer.uses_learning_phase for layer in model.layers] == [False, True]
    assert model.uses_learning_phase
    assert model.regularizers == model.losses != []
    penalty = regularizers.l2(0.1)
    assert penalty.set_param(None) is None
    assert penalty.set_layer(None) is None


def test_flattened_layers_and_data() -> None:
    inner = Sequential([Dense(3, input_dim=4), Dense(2)])
    model = Sequential([inner, Dense(1)])
    assert model.flattened_layers == [*inner.layers, model.layers[1]]
    assert (model.training_data, model.validation_data) == (None, None)
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], validation_data=(X, X[:, :1]), verbose=0)
    assert model.validation_data[0] is X


def test_weights_in_groups_of_files(tmp_path: Path) -> None:
    import h5py

    one, two = (Sequential([Dense(3, input_dim=4, name="a"), Dense(1, name="b")]) for _ in "ab")
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        one.save_weights_to_hdf5_group(file.create_group("group"))
    with h5py.File(tmp_path / "weights.h5", "r") as file:
        two.load_weights_from_hdf5_group(file["group"])
        np.testing.assert_array_equal(two.predict(X), one.predict(X))
        two.set_weights([np.zeros_like(w) for w in two.get_weights()])
        two.load_weights_from_hdf5_group_by_name(file["group"])
    np.testing.assert_array_equal(two.predict(X), one.predict(X))


@pytest.mark.parametrize(
    ("layer", "shape", "names"),
    [
        (Dense(2), (3,), {"W": "kernel", "b": "bias", "output_dim": "units"}),
        (Conv2D(2, 3), (5, 5, 1), {"W": "kernel", "nb_filter": "filters", "subsample": "strides"}),
        (Conv2D(2, 3), (5, 5, 1), {"border_mode": "padding", "inbound_nodes": "_inbound_nodes"}),
        (Embedding(4, 2), (3,), {"W": "embeddings", "outbound_nodes": "_outbound_nodes"}),
        (Dropout(0.3), (3,), {"p": "rate"}),
    ],
)
def test_attributes_by_their_older_names(layer: Any, shape: Any, names: dict[str, str]) -> None:
    layer.build((None, *shape))
    for old, new in names.items():
        assert getattr(layer, old) is getattr(layer, new)


def test_attributes_that_arent_there() -> None:
    layer = LSTM(2)
    layer.build((None, 3, 4))
    assert (layer.cell.kernel, layer.cell.recurrent_kernel) == (layer.W, layer.U)
    assert not any(hasattr(Flatten(), name) for name in ("W", "U", "b", "p", "nb_filter"))
    assert not hasattr(Dense, "W")
    layer.W = "own"
    assert layer.W == "own"


def test_variables_as_theano_has_them() -> None:
    variable = K.variable([1.0, 2.0])
    variable.set_value(np.array([3.0, 4.0]))
    np.testing.assert_array_equal(variable.get_value(borrow=True), [3.0, 4.0])


# ---- optimizers


class OwnSGD(optimizers.Optimizer):
    """Gradient descent with momentum, as a class of Keras 1."""

    def __init__(self, lr: float = 0.01, momentum: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.iterations = K.variable(0.0)
        self.lr = K.variable(lr)
        self.momentum = K.variable(momentum)

    def get_updates(self, params: Any, constraints: Any, loss: Any) -> Any:
        grads = self.get_gradients(loss, params)
        self.updates = [K.update_add(self.iterations, 1)]
        shapes = [K.get_variable_shape(p) for p in params]
        moments = [K.zeros(shape) for shape in shapes]
        self.weights = [self.iterations, *moments]
        for p, g, m in zip(params, grads, moments, strict=True):
            v = self.momentum * m - self.lr * g
            self.updates.append(K.update(m, v))
            new_p = p + v
            if p in constraints:
                new_p = constraints[p](new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates


@pytest.mark.parametrize("constraint", [None, "nonneg"])
def test_an_optimizer_of_ones_own(constraint: Any) -> None:
    """It gives what ours gives."""
    weights = []
    for optimizer in (OwnSGD(0.1, 0.9, clipvalue=0.5), optimizers.SGD(0.1, 0.9, clipvalue=0.5)):
        np.random.seed(3)
        model = Sequential([Dense(2, input_dim=4, kernel_constraint=constraint), Dense(1)])
        model.compile(optimizer, "mse")
        for _ in range(4):
            model.train_on_batch(X, X.sum(axis=1))
        weights.append(model.get_weights())
    for own, ours in zip(*weights, strict=True):
        np.testing.assert_allclose(own, ours, rtol=1e-5, atol=1e-6)


def test_an_optimizer_called_as_it_was_written() -> None:
    w = K.variable([1.0, 2.0])
    updates = OwnSGD(0.5).get_updates([w], {}, K.sum(w))
    K.function([], [], updates)([])
    np.testing.assert_allclose(K.get_value(w), [0.5, 1.5])


# ---- initial weights


def test_weights_as_an_argument() -> None:
    table = np.random.rand(5, 3)
    with pytest.warns(LegacyWarning, match="the order"):
        layer = Embedding(5, 3, "uniform", 2, None, None, None, False, [table])
    model = Sequential([layer])
    np.testing.assert_allclose(model.predict(np.array([[1, 4]]))[0], table[[1, 4]], rtol=1e-6)

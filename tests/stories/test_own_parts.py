"""Stories of users who bring parts of their own: layer, loss, metric, callback, activation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K, initializers
from keras.callbacks import Callback, LambdaCallback
from keras.constraints import Constraint
from keras.layers import Dense, Input, Lambda, Layer
from keras.models import Model, Sequential, load_model
from keras.optimizers import SGD, Adam
from keras.regularizers import Regularizer
from keras.utils import CustomObjectScope


class Radial(Layer):
    """Gaussian bumps around centres that are learnt."""

    def __init__(self, units: int, width: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.width = width

    def build(self, input_shape: Any) -> None:
        self.centres = self.add_weight(
            name="centres", shape=(self.units, input_shape[-1]), initializer="uniform"
        )
        super().build(input_shape)

    def call(self, x: Any) -> Any:
        distance = K.expand_dims(x, 1) - self.centres
        return K.exp(-K.sum(K.square(distance), axis=-1) / self.width**2)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0], self.units

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units, "width": self.width, **super().get_config()}


def pinball(y_true: Any, y_pred: Any) -> Any:
    """The loss whose minimum is the 0.8 quantile (Koenker and Bassett, 1978)."""
    error = y_true - y_pred
    return K.mean(K.maximum(0.8 * error, -0.2 * error), axis=-1)


def within(y_true: Any, y_pred: Any) -> Any:
    """The share of predictions that are right to a tenth."""
    return K.mean(K.cast(K.abs(y_true - y_pred) < 0.1, K.floatx()))


def test_a_layer_of_ones_own(tmp_path: Path) -> None:
    x = np.random.uniform(-1, 1, size=(300, 2)).astype("float32")
    y = np.exp(-4 * (x**2).sum(axis=1, keepdims=True))
    model = Sequential([Radial(12, 0.7, input_shape=(2,)), Dense(1)])
    model.compile(SGD(lr=0.1, momentum=0.9), "mse", metrics=[within])
    history = model.fit(x, y, epochs=40, batch_size=50, verbose=0).history
    assert history["within"][-1] > 0.8 > history["within"][0]
    centres, kernel, bias = model.get_weights()
    bumps = np.exp(-((x[:, None] - centres) ** 2).sum(axis=-1) / 0.49)
    np.testing.assert_allclose(model.predict(x), bumps @ kernel + bias, rtol=1e-3, atol=1e-4)

    model.save(tmp_path / "radial.h5")
    with pytest.raises(ValueError, match="Radial"):
        load_model(tmp_path / "radial.h5")
    again = load_model(tmp_path / "radial.h5", {"Radial": Radial, "within": within})
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert again.metrics_names == ["loss", "within"]
    with CustomObjectScope({"Radial": Radial, "within": within}):
        assert load_model(tmp_path / "radial.h5").layers[0].width == 0.7


def test_a_loss_of_ones_own_finds_its_closed_form() -> None:
    y = np.random.exponential(size=(2000, 1))
    model = Sequential([Dense(1, input_shape=(1,), kernel_initializer="zeros")])
    model.compile(SGD(lr=0.5, decay=0.02), pinball)
    model.fit(np.zeros((2000, 1)), y, epochs=400, batch_size=2000, verbose=0)
    quantile = model.predict(np.zeros((1, 1)))[0, 0]
    assert quantile == pytest.approx(np.quantile(y, 0.8), abs=0.05)
    got = model.evaluate(np.zeros((2000, 1)), y, verbose=0)
    error = y - quantile
    assert got == pytest.approx(np.maximum(0.8 * error, -0.2 * error).mean(), rel=1e-4)


def test_functions_as_initializer_activation_regularizer_constraint() -> None:
    def threes(shape: Any, dtype: Any = None) -> Any:
        return K.constant(np.full(shape, 3.0), dtype=dtype)

    class Sum(Regularizer):
        def __call__(self, w: Any) -> Any:
            return 0.5 * K.sum(w)

    class AtMostTwo(Constraint):
        def __call__(self, w: Any) -> Any:
            return K.minimum(w, 2.0)

    layer = Dense(
        2,
        activation=lambda t: t * t,
        kernel_initializer=threes,
        kernel_regularizer=Sum(),
        kernel_constraint=AtMostTwo(),
        input_shape=(2,),
    )
    model = Sequential([layer])
    x = np.ones((4, 2))
    np.testing.assert_allclose(model.predict(x), np.full((4, 2), 36.0))
    model.compile(SGD(lr=0.0), "mse")
    assert model.train_on_batch(x, np.full((4, 2), 36.0)) == pytest.approx(0.5 * 4 * 3.0)
    np.testing.assert_array_equal(layer.get_weights()[0], np.full((2, 2), 2.0))


class Recorder(Callback):
    """Notes when it is called, and stops after the third epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.rates: list[float] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.calls.append("begin")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        K.set_value(self.model.optimizer.lr, 0.1 / (1 + epoch))

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        assert logs["size"] == (3 if batch else 5)
        assert np.isfinite(logs["loss"])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(f"epoch {epoch}: {sorted(logs)}")
        self.rates.append(float(K.get_value(self.model.optimizer.lr)))
        self.model.stop_training = epoch == 2

    def on_train_end(self, logs: Any = None) -> None:
        self.calls.append("end")


def test_a_callback_of_ones_own() -> None:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse", metrics=["mae"])
    recorder, epochs = Recorder(), []
    also = LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    data = np.random.normal(size=(8, 3)), np.random.normal(size=(8, 1))
    model.fit(
        *data, epochs=9, batch_size=5, validation_data=data, callbacks=[recorder, also], verbose=0
    )
    names = ["loss", "mae", "val_loss", "val_mae"]
    assert recorder.calls == ["begin", *(f"epoch {n}: {names}" for n in range(3)), "end"]
    np.testing.assert_allclose(recorder.rates, [0.1, 0.05, 0.1 / 3], rtol=1e-6)
    assert epochs == [0, 1, 2]


def test_a_variational_autoencoder() -> None:
    """A sampling layer, a loss made of the graph's own tensors, a decoder used by itself."""
    x = np.random.normal(size=(256, 1)) @ np.ones((1, 6)) + 0.1 * np.random.normal(size=(256, 6))
    picture = Input((6,))
    h = Dense(16, activation="tanh")(picture)
    mean, log_variance = Dense(1, name="mean")(h), Dense(1, name="log_variance")(h)

    def sampled(given: Any) -> Any:
        centre, spread = given
        return centre + K.exp(0.5 * spread) * K.random_normal(K.shape(centre))

    z = Lambda(sampled)([mean, log_variance])
    decoder = Sequential([Dense(16, activation="tanh", input_shape=(1,)), Dense(6)])
    model = Model(picture, decoder(z))
    error = 50.0 * K.sum(K.square(picture - model.output), axis=-1)
    divergence = -0.5 * K.sum(1 + log_variance - K.square(mean) - K.exp(log_variance), axis=-1)
    model.add_loss(K.mean(error + divergence))
    model.compile("adam", loss=None)
    losses = model.fit(x, None, epochs=40, batch_size=32, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
    # The one hidden size orders the pictures as the size they were made of.
    code = Model(picture, mean).predict(x)[:, 0]
    assert abs(np.corrcoef(code, x.mean(axis=1))[0, 1]) > 0.95
    made = decoder.predict(np.array([[-1.0], [1.0]]))
    assert np.sign(made[0]).tolist() == (-np.sign(made[1])).tolist()


def test_a_frozen_judge_teaches_a_maker() -> None:
    """As in adversarial training: a model trained by itself, then frozen inside of another."""
    judge = Sequential([Dense(32, activation="tanh", input_shape=(1,)), Dense(1)], name="judge")
    judge.compile(Adam(lr=0.02), "mse")
    shown = np.random.uniform(-2, 6, size=(512, 1))
    judge.fit(shown, 1 / (1 + (shown - 2) ** 2), epochs=30, batch_size=64, verbose=0)

    maker = Sequential([Dense(1, input_shape=(2,), kernel_initializer="zeros")], name="maker")
    judge.trainable = False
    noise = Input((2,))
    both = Model(noise, judge(maker(noise)))
    both.compile(Adam(lr=0.05), "mse")
    assert [w.name.split("/")[1] for w in both.trainable_weights] == ["kernel:0", "bias:0"]
    frozen = judge.get_weights()
    draws, ones = np.random.normal(size=(64, 2)), np.ones((64, 1))
    for _ in range(200):
        both.train_on_batch(draws, ones)
    for before, after in zip(frozen, judge.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)
    assert np.abs(maker.predict(draws) - 2.0).max() < 0.5
    # The judge by itself is still trained: `trainable` counts as it was when it was compiled.
    judge.train_on_batch(shown, np.zeros((512, 1)))
    assert (judge.get_weights()[0] != frozen[0]).any()


def test_an_initializer_by_its_class() -> None:
    """What a config says of own parts can be read again where they are known."""

    class Filled(initializers.Initializer):
        def __init__(self, value: float) -> None:
            self.value = value

        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return K.constant(np.full(shape, self.value), dtype=dtype)

        def get_config(self) -> dict[str, Any]:
            return {"value": self.value}

    model = Sequential([Dense(2, kernel_initializer=Filled(4.0), input_shape=(2,))])
    again = Sequential.from_config(model.get_config(), {"Filled": Filled})
    np.testing.assert_array_equal(again.get_weights()[0], np.full((2, 2), 4.0))

"""`evaluate` takes as many samples at once as suit the processor, if the answers stay the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K, metrics
from keras.callbacks import Callback
from keras.layers import (
    GRU,
    BatchNormalization,
    Dense,
    Dropout,
    Embedding,
    Input,
    Lambda,
    Masking,
    TimeDistributed,
)
from keras.models import Model, Sequential
from keras.training import steps

RNG = np.random.default_rng(11)
SAMPLES, SIZE = 50, 7
BATCHES = -(-SAMPLES // SIZE)
X = RNG.normal(size=(SAMPLES, 6)).astype("float32")
Y = (X.sum(axis=1, keepdims=True) > 0).astype("float32")
CLASSES = RNG.integers(0, 3, (SAMPLES, 1))
WORDS = RNG.integers(0, 9, (SAMPLES, 5))
WEIGHTS = RNG.uniform(size=SAMPLES)


class Listener(Callback):
    """With it, batches are as they were asked for."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Nothing to do."""


def dense(units: int = 1, activation: str = "sigmoid", **compiled: Any) -> Any:
    model = Sequential(
        [
            Dense(5, activation="tanh", input_shape=(6,), kernel_regularizer="l2"),
            BatchNormalization(),
            Dropout(0.3),
            Dense(units, activation=activation),
        ]
    )
    model.compile(**{"optimizer": "sgd", "loss": "mse", **compiled})
    return model


def over_time(mask: bool) -> Any:
    model = Sequential([Embedding(9, 4, mask_zero=mask, input_length=5)])
    model.add(GRU(3, return_sequences=True))
    model.add(TimeDistributed(Dense(1)))
    model.compile("sgd", "mse", metrics=["mae"])
    return model


@pytest.fixture
def runs(monkeypatch: Any) -> list[int]:
    """The sizes of the batches that tests take."""
    found: list[int] = []
    run = steps.Step.run

    def counted(self: Any, arrays: Any) -> Any:
        if self.function.name == "test_function":
            found.append(len(arrays[0]))
        return run(self, arrays)

    monkeypatch.setattr(steps.Step, "run", counted)
    return found


WHOLE: dict[str, Callable[[], tuple[Any, ...]]] = {
    "two classes": lambda: (dense(loss="binary_crossentropy", metrics=["accuracy"]), X, Y),
    "weights": lambda: (dense(metrics=["mae"], weighted_metrics=["mse"]), X, Y, WEIGHTS),
    "numbers": lambda: (dense(1, "linear", loss="logcosh", metrics=["mae", "mape"]), X, Y),
    "classes": lambda: (
        dense(
            3,
            "softmax",
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy", "sparse_top_k_categorical_accuracy"],
        ),
        X,
        CLASSES,
    ),
    "a root at the end": lambda: (dense(metrics=[metrics.RootMeanSquaredError()]), X, Y),
    "a function of samples": lambda: (dense(metrics=[lambda t, p: 2 * K.abs(t - p) + 1]), X, Y),
    "over time": lambda: (over_time(mask=False), WORDS, RNG.normal(size=(SAMPLES, 5, 1))),
    "masked": lambda: (over_time(mask=True), WORDS, RNG.normal(size=(SAMPLES, 5, 1))),
}


@pytest.mark.parametrize("which", WHOLE)
def test_all_at_once(which: str, runs: list[int]) -> None:
    model, x, y, *weights = WHOLE[which]()
    given: Any = {"verbose": 0, "batch_size": SIZE}
    if weights:
        given["sample_weight"] = weights[0]
    at_once = model.evaluate(x, y, **given)
    assert runs == [SAMPLES]
    one_by_one = model.evaluate(x, y, **given, callbacks=[Listener()])
    assert len(runs) == 1 + BATCHES
    np.testing.assert_allclose(at_once, one_by_one, rtol=1e-5)


def test_against_numpy(runs: list[int]) -> None:
    model = dense(loss="binary_crossentropy", metrics=["accuracy"])
    p = model.predict(X).astype("float64")
    penalty = 0.01 * (model.layers[0].get_weights()[0] ** 2).sum()
    each = -(Y * np.log(p) + (1 - Y) * np.log(1 - p))[:, 0]
    loss, accuracy = model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0)
    assert runs == [SAMPLES]
    assert loss == pytest.approx((each * WEIGHTS).mean() + penalty, rel=1e-5)
    assert accuracy == pytest.approx(((p > 0.5) == Y).mean())


def two_outputs() -> Any:
    x = Input((6,))
    model = Model(x, [Dense(1, name="a")(x), Dense(2, name="b")(x)])
    model.compile("sgd", "mse")
    return model, X, [Y, np.hstack([Y, Y])]


def stateful() -> Any:
    model = Sequential([GRU(3, stateful=True, batch_input_shape=(10, 2, 3)), Dense(1)])
    model.compile("sgd", "mse")
    return model, X.reshape(SAMPLES, 2, 3), Y


def noisy() -> Any:
    draw = Lambda(lambda x: x + K.random_normal((1, 6)))
    model = Sequential([Lambda(lambda x: x, input_shape=(6,)), draw, Dense(1)])
    model.compile("sgd", "mse")
    return model, X, Y


def f1(true: Any, predicted: Any) -> Any:
    return 2 * K.sum(true * predicted) / (K.sum(true) + K.sum(predicted))


IN_BATCHES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "a ratio of sums": lambda: (dense(metrics=[f1]), X, Y),
    "a mean of means": lambda: (dense(metrics=[lambda t, p: K.mean(p)]), X, Y),
    "a root of a mean": lambda: (dense(loss=lambda t, p: K.sqrt(K.mean(K.square(t - p)))), X, Y),
    "a sum": lambda: (dense(loss=lambda t, p: K.sum(K.square(t - p))), X, Y),
    "a product of means": lambda: (dense(loss=lambda t, p: K.mean(t - p) * K.mean(p)), X, Y),
    "one through a mean": lambda: (dense(loss=lambda t, p: 1.0 / K.mean(p)), X, Y),
    "rows compared": lambda: (dense(loss=lambda t, p: K.square(p - K.max(p)) + t), X, Y),
    "two outputs": two_outputs,  # the loss of each is the mean over batches
    "states": stateful,
    "a number drawn for each batch": noisy,
    "labels of -1 and 1, if all are": lambda: (dense(loss="hinge"), X, 2 * Y - 1),
}


@pytest.mark.parametrize("which", IN_BATCHES)
def test_batches_where_they_matter(which: str, runs: list[int]) -> None:
    model, x, y = IN_BATCHES[which]()
    size = 10 if which == "states" else SIZE
    model.evaluate(x, y, batch_size=size, verbose=0)
    full, rest = divmod(SAMPLES, size)
    assert runs == [size] * full + [rest] * bool(rest)


def test_who_watches_gets_batches(runs: list[int], capsys: Any) -> None:
    model = dense()
    model.evaluate(X, Y, batch_size=SIZE, verbose=1)
    assert len(runs) == BATCHES
    runs.clear()
    model.evaluate(X, Y, steps=3, verbose=0)
    assert runs == [SAMPLES] * 3


@pytest.mark.parametrize("listening", [False, True])
def test_validation(listening: bool, runs: list[int]) -> None:
    model = dense(metrics=["mae"])
    weights = model.get_weights()
    callbacks = [Listener()] if listening else []
    data = {"validation_data": (X, Y), "batch_size": SIZE, "verbose": 0, "shuffle": False}
    found = model.fit(X, 0 * Y, epochs=2, callbacks=callbacks, **data).history
    assert len(runs) == 2 * (BATCHES if listening else 1)
    p = model.predict(X)
    assert found["val_mae"][-1] == pytest.approx(np.abs(p - Y).mean(), rel=1e-5)
    model.set_weights(weights)
    runs.clear()
    model.fit(X, Y, validation_steps=2, **data)
    assert runs == [SIZE] * 2


def test_masks_that_leave_out_samples() -> None:
    """Also where some samples have nothing that counts."""
    model = Sequential([Masking(input_shape=(2, 3)), GRU(2, return_sequences=True)])
    model.compile("sgd", "mse")
    x = X.reshape(SAMPLES, 2, 3).copy()
    x[::3, 1] = 0
    x[::5] = 0
    y = RNG.normal(size=(SAMPLES, 2, 2))
    given: Any = {"verbose": 0, "batch_size": SIZE}
    at_once = model.evaluate(x, y, **given)
    assert at_once == pytest.approx(model.evaluate(x, y, **given, callbacks=[Listener()]), rel=1e-5)

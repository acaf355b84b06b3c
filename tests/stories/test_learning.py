"""Short stories of users: a model is described, learns, and what it has learnt is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.callbacks import EarlyStopping
from keras.layers import (
    LSTM,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dot,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Lambda,
    MaxPooling2D,
)
from keras.models import Model, Sequential
from keras.optimizers import SGD, Adam
from keras.utils import to_categorical


@pytest.fixture(scope="module")
def digits() -> Any:
    """Pictures of 8×8 greys in [0, 1] and their digits: 1500 to learn from, 297 for the test."""
    datasets = pytest.importorskip("sklearn.datasets")
    data, numbers = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(data))
    x, y = (data[order] / 16.0).astype("float32"), numbers[order]
    return (x[:1500], y[:1500]), (x[1500:], y[1500:])


def test_a_perceptron_reads_digits(digits: Any) -> None:
    (x, y), (x_test, y_test) = digits
    model = Sequential(
        [
            Dense(64, activation="relu", input_shape=(64,)),
            Dropout(0.2),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    stop = EarlyStopping(monitor="val_loss", patience=3)
    history = model.fit(
        x,
        to_categorical(y, 10),
        epochs=30,
        batch_size=32,
        validation_split=0.1,
        callbacks=[stop],
        verbose=0,
    )
    loss, accuracy = model.evaluate(x_test, to_categorical(y_test, 10), verbose=0)
    assert accuracy > 0.95
    assert history.history["loss"][-1] < 0.2 * history.history["loss"][0]
    # What is reported is what the predictions say.
    p = model.predict(x_test)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=1e-5)
    assert accuracy == pytest.approx(np.mean(p.argmax(axis=1) == y_test), abs=1e-6)
    likely = p[np.arange(len(p)), y_test]
    assert loss == pytest.approx(-np.log(likely).mean(), rel=1e-3)


def test_a_convolutional_network_reads_digits(digits: Any) -> None:
    (x, y), (x_test, y_test) = digits
    model = Sequential(
        [
            Conv2D(16, (3, 3), activation="relu", padding="same", input_shape=(8, 8, 1)),
            BatchNormalization(momentum=0.9),
            MaxPooling2D((2, 2)),
            Conv2D(32, (3, 3), activation="relu"),
            Flatten(),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(Adam(lr=0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x.reshape(-1, 8, 8, 1), y, epochs=4, batch_size=32, verbose=0)
    _, accuracy = model.evaluate(x_test.reshape(-1, 8, 8, 1), y_test, verbose=0)
    assert accuracy > 0.95


def test_a_linear_model_finds_the_least_squares_solution() -> None:
    """The minimum has a closed form."""
    x = np.random.normal(size=(200, 3))
    y = x @ [[1.0], [-2.0], [0.5]] + 3.0 + 0.1 * np.random.normal(size=(200, 1))
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile(SGD(lr=0.1, momentum=0.9), "mse")
    model.fit(x, y, epochs=300, batch_size=200, verbose=0)
    best = np.linalg.lstsq(np.column_stack([x, np.ones(200)]), y, rcond=None)[0]
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(np.vstack([kernel, bias[None]]), best, atol=1e-4)


def test_an_lstm_adds_up_what_is_marked() -> None:
    """The adding problem: the sum of the two marked numbers of a sequence, whatever lies between.

    Who doesn't look at the marks can't do better than the variance of the sum, 1/6.
    """
    count, steps = 1000, 5
    numbers = np.random.uniform(size=(count, steps))
    marks = np.zeros((count, steps))
    for row in marks:
        row[np.random.choice(steps, 2, replace=False)] = 1.0
    x, y = np.stack([numbers, marks], axis=-1), (numbers * marks).sum(axis=1, keepdims=True)
    model = Sequential([LSTM(16, input_shape=(steps, 2)), Dense(1)])
    model.compile(Adam(lr=0.02, clipnorm=1.0), "mse")
    model.fit(x[:800], y[:800], epochs=12, batch_size=40, verbose=0)
    assert model.evaluate(x[800:], y[800:], verbose=0) < 0.02


def test_sequences_of_different_lengths() -> None:
    """The last word decides; zeros behind it are padding, which a mask hides."""
    count, steps = 600, 7
    words = np.random.randint(1, 5, size=(count, steps))
    lengths = np.random.randint(1, steps + 1, size=count)
    last = words[np.arange(count), lengths - 1]
    words[np.arange(steps) >= lengths[:, None]] = 0
    model = Sequential(
        [
            Embedding(5, 8, mask_zero=True, input_length=steps),
            LSTM(12),
            Dense(5, activation="softmax"),
        ]
    )
    model.compile(Adam(lr=0.03), "sparse_categorical_crossentropy", metrics=["acc"])
    model.fit(words[:500], last[:500], epochs=8, verbose=0)
    assert model.evaluate(words[500:], last[500:], verbose=0)[1] > 0.97


def test_several_inputs_and_outputs_with_weights_of_their_losses() -> None:
    """One body learns a number and a class; a loss of weight 0 teaches nothing."""
    a = np.random.normal(size=(400, 3)).astype("float32")
    b = np.random.normal(size=(400, 2)).astype("float32")
    total = (a.sum(axis=1, keepdims=True) - b[:, :1]).astype("float32")
    sign = (b[:, 1:] > a[:, :1]).astype("float32")

    def trained(weights: dict[str, float]) -> Any:
        x, z = Input((3,), name="numbers"), Input((2,), name="more")
        h = Dense(32, activation="tanh")(Concatenate()([x, z]))
        outputs = [Dense(1, name="total")(h), Dense(1, activation="sigmoid", name="sign")(h)]
        model = Model([x, z], outputs)
        model.compile(
            Adam(lr=0.02),
            {"total": "mse", "sign": "binary_crossentropy"},
            metrics={"sign": "accuracy"},
            loss_weights=weights,
        )
        data = {"numbers": a, "more": b}, {"total": total, "sign": sign}
        model.fit(*data, epochs=25, batch_size=50, verbose=0)
        found = model.evaluate(*data, verbose=0, batch_size=400)
        return dict(zip(model.metrics_names, found, strict=True))

    both = trained({"total": 1.0, "sign": 0.5})
    assert both["total_loss"] < 0.05
    assert both["sign_accuracy"] > 0.95
    expected = both["total_loss"] + 0.5 * both["sign_loss"]
    assert both["loss"] == pytest.approx(expected, rel=1e-5)
    one = trained({"total": 1.0, "sign": 0.0})
    assert one["total_loss"] < 0.05
    assert one["sign_accuracy"] < 0.9


def test_an_autoencoder_finds_the_principal_components() -> None:
    """A linear one of two units can't be better than the two largest singular values, and gets
    there."""
    basis = np.random.normal(size=(3, 8))
    x = np.random.normal(size=(300, 3)) * [3.0, 2.0, 0.3] @ basis
    x -= x.mean(axis=0)
    picture = Input((8,))
    code = Dense(2, use_bias=False, name="code")(picture)
    autoencoder = Model(picture, Dense(8, use_bias=False, name="picture")(code))
    autoencoder.compile(Adam(lr=0.03), "mse")
    autoencoder.fit(x, x, epochs=60, batch_size=60, verbose=0)
    spread = np.linalg.svd(x, compute_uv=False)
    best = float((spread[2:] ** 2).sum()) / x.size
    assert best <= autoencoder.evaluate(x, x, verbose=0) * (1 + 1e-4)
    assert autoencoder.evaluate(x, x, verbose=0) < 1.1 * best + 1e-3
    # Both halves are models of their own, which share the weights.
    encoder = Model(picture, code)
    z = Input((2,))
    decoder = Model(z, autoencoder.layers[-1](z))
    np.testing.assert_allclose(
        decoder.predict(encoder.predict(x)), autoencoder.predict(x), rtol=1e-3, atol=1e-4
    )


def test_what_was_learnt_is_carried_over(digits: Any) -> None:
    """A body learns the digits below 5; frozen, it serves a new head for the others."""
    (x, y), _ = digits
    small = y < 5
    body = Sequential(
        [Dense(64, activation="relu", input_shape=(64,)), Dense(32, activation="tanh")], name="body"
    )
    first = Sequential([body, Dense(5, activation="softmax")])
    first.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    first.fit(x[small], y[small], epochs=6, verbose=0)

    kept = body.get_weights()
    body.trainable = False
    second = Sequential([body, Dense(5, activation="softmax", name="head")])
    second.compile(Adam(lr=0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert [w.name for w in second.trainable_weights] == ["head/kernel:0", "head/bias:0"]
    head = second.get_layer("head").get_weights()[0]
    history = second.fit(x[~small], y[~small] - 5, epochs=10, verbose=0).history
    assert history["accuracy"][-1] > 0.85
    for before, after in zip(kept, body.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)
    assert (second.get_layer("head").get_weights()[0] != head).any()

    body.trainable = True  # fine tuning
    second.compile(SGD(lr=0.01), "sparse_categorical_crossentropy")
    second.fit(x[~small], y[~small] - 5, epochs=1, verbose=0)
    assert (body.get_weights()[0] != kept[0]).any()


def test_two_towers_of_one_layer() -> None:
    """A siamese network: near where the kinds are the same, far where they differ."""
    kinds = np.random.randint(0, 3, size=(400, 2))
    centres = np.random.normal(size=(3, 6)) * 2
    a, b = (centres[kinds[:, i]] + 0.3 * np.random.normal(size=(400, 6)) for i in (0, 1))
    same = (kinds[:, 0] == kinds[:, 1]).astype("float32")

    tower = Sequential([Dense(16, activation="relu", input_shape=(6,)), Dense(4)], name="tower")
    left, right = Input((6,)), Input((6,))
    distance = Lambda(
        lambda pair: K.sqrt(K.sum(K.square(pair[0] - pair[1]), axis=1, keepdims=True) + 1e-7)
    )([tower(left), tower(right)])
    model = Model([left, right], distance)
    assert len(model.trainable_weights) == 4

    def contrastive(y_true: Any, y_pred: Any) -> Any:
        """Hadsell, Chopra and LeCun (2006): pairs that differ are pushed 1 apart."""
        return K.mean(
            y_true * K.square(y_pred) + (1.0 - y_true) * K.square(K.maximum(1.0 - y_pred, 0.0))
        )

    model.compile(Adam(lr=0.01), contrastive)
    model.fit([a, b], same, epochs=10, verbose=0)
    found = model.predict([a, b])[:, 0] < 0.5
    assert np.mean(found == (same == 1)) > 0.97
    # The towers are one: which is left and which is right doesn't matter.
    np.testing.assert_allclose(model.predict([b, a]), model.predict([a, b]), rtol=1e-5)


def test_a_product_of_two_embeddings_factors_a_matrix() -> None:
    """Recommenders: users and films as vectors; a table of rank 2 is found again."""
    table = np.random.normal(size=(12, 2)) @ np.random.normal(size=(2, 10))
    users, films = np.indices(table.shape).reshape(2, -1, 1)
    user, film = Input((1,), dtype="int32"), Input((1,), dtype="int32")
    u, f = Flatten()(Embedding(12, 2)(user)), Flatten()(Embedding(10, 2)(film))
    model = Model([user, film], Dot(axes=1)([u, f]))
    model.compile(Adam(lr=0.05), "mse")
    model.fit([users, films], table.reshape(-1, 1), epochs=150, batch_size=120, verbose=0)
    got = model.predict([users, films]).reshape(table.shape)
    assert np.abs(got - table).max() < 0.1 * np.abs(table).max()

"""Functions that treat each sample on its own are told from those that don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K, layers
from keras.layers import Input, Lambda
from keras.models import Model, Sequential
from tests.layers import samples

RNG = np.random.RandomState(3)


def fits(model: Any) -> int | None:
    found: int | None = model.predict_step().function.row_bytes(0)
    return found


def lambda_model(function: Callable[[Any], Any], shape: tuple[int, ...] = (4,)) -> Any:
    x = Input(shape)
    return Model(x, Lambda(function)(x))


ACROSS: dict[str, Callable[[Any], Any]] = {
    "a mean over the batch": lambda x: x - K.mean(x, axis=0, keepdims=True),
    "a mean over everything": lambda x: x * K.mean(x),
    "the number of samples": lambda x: x / K.cast(K.shape(x)[0], "float32"),
    "all against all": lambda x: K.dot(x, K.transpose(x)),
    "a softmax over the batch": lambda x: K.softmax(x, axis=0),
    "a running sum over the batch": lambda x: K.cumsum(x, axis=0),
    "the batch turned round": lambda x: K.reverse(x, 0),
    "a part of the batch": lambda x: K.concatenate([x[1:], x[:1]], axis=0),
    "samples side by side": lambda x: K.reshape(x, (-1, 8)),
    "parts of samples side by side": lambda x: K.reshape(K.reshape(x, (-1, 3)), (-1, 4)),
    "samples' halves, softmax over all": lambda x: K.reshape(
        K.softmax(K.reshape(x, (-1, 2)), axis=0), (-1, 4)
    ),
    "as many numbers as rows": lambda x: K.reshape(K.reshape(x, (-1,)), (-1, 1)),
    "the batch twice": lambda x: K.tile(x, (2, 1)),
    "random numbers": lambda x: x + K.random_normal(K.shape(x)),
    "one number for each place in the batch": lambda x: x * K.expand_dims(
        K.arange(0, K.shape(x)[0], dtype="float32")
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", ACROSS)
def test_what_looks_across_samples(which: str) -> None:
    assert fits(lambda_model(ACROSS[which])) is None


APART: dict[str, Callable[[Any], Any]] = {
    "a mean over features": lambda x: x - K.mean(x, axis=-1, keepdims=True),
    "features in another order": lambda x: K.concatenate([x[:, 2:], x[:, :2]]),
    "products with itself": lambda x: K.batch_dot(x, x, axes=1),
    "zeros of its size": lambda x: x + K.zeros_like(x) + K.zeros((1, 4)),
    "halves on their own": lambda x: K.reshape(K.softmax(K.reshape(x, (-1, 2))), (-1, 4)),
    "a constant": lambda x: x * K.constant([1.0, 2.0, 3.0, 4.0]),
    "a loop over features": lambda x: K.rnn(
        lambda now, states: (now + states[0], [now + states[0]]),
        K.expand_dims(x),
        [K.zeros_like(x[:, :1])],
    )[1],
}


@pytest.mark.parametrize("which", APART)
def test_what_does_not(which: str) -> None:
    model = lambda_model(APART[which])
    assert fits(model) is not None
    x = RNG.normal(size=(6, 4)).astype("float32")
    parts = [model.predict_on_batch(x[i : i + 1]) for i in range(6)]
    np.testing.assert_allclose(model.predict_on_batch(x), np.concatenate(parts), rtol=1e-5)


def rows_of_layers() -> list[Any]:
    tables = [t for t in vars(samples).values() if isinstance(t, list)]
    found = {id(r): r for t in tables for r in t if isinstance(r, samples.Sample)}
    return list(found.values())


@pytest.mark.parametrize("row", rows_of_layers(), ids=lambda row: row.layer.__name__)
def test_layers(row: Any) -> None:
    """Whatever is said of a layer's samples holds: one at a time they give the same."""
    model = row.model(row.make())
    if fits(model) is None:
        return
    arrays = row.arrays()
    whole = K.function(model.inputs, model.outputs)(arrays)
    for i in range(len(arrays[0])):
        alone = K.function(model.inputs, model.outputs)([x[i : i + 1] for x in arrays])
        for y, part in zip(whole, alone, strict=True):
            np.testing.assert_allclose(part[0], y[i], rtol=1e-4, atol=1e-6)


def test_the_largest_value_counts() -> None:
    model = Sequential(
        [
            layers.Conv2D(8, 3, padding="same", activation="relu", input_shape=(6, 6, 2)),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    assert fits(model) == 6 * 6 * 8 * 4


def test_statistics_of_the_batch() -> None:
    x = Input((4,))
    assert fits(Model(x, layers.BatchNormalization()(x))) == 16
    assert fits(Model(x, layers.BatchNormalization()(x, training=True))) is None


def test_states_and_fixed_batches() -> None:
    assert fits(Sequential([layers.LSTM(3, input_shape=(5, 2))])) is not None
    assert fits(Sequential([layers.LSTM(3, stateful=True, batch_input_shape=(2, 5, 2))])) is None
    assert fits(Sequential([layers.Dense(3, batch_input_shape=(2, 5))])) is None


def test_predict_keeps_the_batches_where_they_matter() -> None:
    model = lambda_model(lambda x: x - K.mean(x, axis=0, keepdims=True))
    x = RNG.normal(size=(6, 4)).astype("float32")
    expected = (x.reshape(3, 2, 4) - x.reshape(3, 2, 4).mean(1, keepdims=True)).reshape(6, 4)
    np.testing.assert_allclose(model.predict(x, batch_size=2), expected, atol=1e-6)


def test_predict_takes_many_samples_at_once_where_they_do_not() -> None:
    seen: list[int] = []

    def note(outputs: Any) -> Any:
        seen.append(len(outputs[0]))
        return outputs

    x = Input((4,))
    plain = Model(x, layers.Dense(3)(x))
    data = RNG.normal(size=(500, 4)).astype("float32")
    step = plain.predict_step()
    run = step.run
    step.run = lambda arrays: note(run(arrays))  # type: ignore[method-assign]  # to look
    found = plain.predict(data, batch_size=2)
    assert seen == [500]
    heard: list[int] = []
    from keras.callbacks import LambdaCallback

    listener = LambdaCallback()
    listener.on_predict_batch_end = lambda batch, logs=None: heard.append(logs["size"])  # type: ignore[method-assign]  # of this one only
    again = plain.predict(data, batch_size=100, callbacks=[listener])
    assert heard == [100] * 5
    np.testing.assert_allclose(found, again, rtol=1e-5, atol=1e-6)

"""Embedding: rows by number, masks, lengths, dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import LSTM, Dense, Embedding, Flatten, Input
from keras.models import Model, Sequential
from tests.layers.numbers import apply

WORDS = np.array([[1, 2, 0], [3, 0, 0]])


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "uint8"])
def test_rows_by_number(dtype: str) -> None:
    layer = Embedding(4, 3)
    y = apply(layer, WORDS.astype(dtype))
    np.testing.assert_array_equal(y, layer.get_weights()[0][WORDS])


def test_the_mask_says_where_the_words_are() -> None:
    x = Input((3,))
    y = Embedding(4, 3, mask_zero=True)(x)
    np.testing.assert_array_equal(K.function([x], [y._keras_mask])([WORDS])[0], WORDS != 0)
    assert Embedding(4, 3)(x)._keras_mask is None


@pytest.mark.parametrize(
    ("given", "batch_input_shape"),
    [
        ({}, (None, None)),
        ({"input_length": 5}, (None, 5)),
        ({"input_length": (2, 5)}, (None, 2, 5)),
        ({"batch_size": 3, "input_length": 5}, (3, 5)),
        ({"input_shape": (7,)}, (None, 7)),
        ({"batch_input_shape": (2, 7)}, (2, 7)),
    ],
)
def test_first_layer_of_a_model(given: Any, batch_input_shape: Any) -> None:
    layer = Embedding(4, 3, **given)
    assert layer.batch_input_shape == batch_input_shape
    assert Sequential([layer]).output_shape == (*batch_input_shape, 3)
    again = Embedding.from_config(layer.get_config())
    assert again.batch_input_shape == batch_input_shape


def test_before_a_dense_layer() -> None:
    model = Sequential([Embedding(4, 3, input_length=3), Flatten(), Dense(2)])
    assert model.output_shape == (None, 2)
    assert model.predict(WORDS).shape == (2, 2)


def test_padding_changes_nothing_behind_a_mask() -> None:
    model = Sequential([Embedding(4, 3, mask_zero=True), LSTM(2)])
    longer = np.concatenate([WORDS, np.zeros((2, 4), dtype=int)], axis=1)
    np.testing.assert_allclose(model.predict(WORDS), model.predict(longer), rtol=1e-5)


def test_only_rows_that_occur_are_trained() -> None:
    x = Input((3,), dtype="int32")
    layer = Embedding(5, 2)
    model = Model(x, layer(x))
    model.compile("sgd", "mse")
    before = layer.get_weights()[0]
    model.train_on_batch(WORDS, np.ones((2, 3, 2)))
    changed = (layer.get_weights()[0] != before).any(axis=1)
    np.testing.assert_array_equal(changed, [True, True, True, True, False])


def test_a_dtype_of_integers_is_that_of_the_input() -> None:
    """Files of Keras 2.0 hold it."""
    layer = Embedding(4, 3, dtype="int32")
    layer.build_once((None, 3))
    assert layer.weights[0].dtype == "float32"

"""`Merge` and `merge`: every mode, models as branches, files, masks, states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    LSTM,
    BatchNormalization,
    Dense,
    Dropout,
    Embedding,
    Input,
    Merge,
    merge,
)
from keras.legacy.layers import Merge as Own
from keras.models import Model, Sequential, clone_model, load_model, model_from_json

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "float32")
B = np.array([[2.0, -1.0, 0.5], [1.0, 1.0, 2.0]], "float32")
UNIT = A / np.linalg.norm(A, axis=1, keepdims=True), B / np.linalg.norm(B, axis=1, keepdims=True)
MODES = {
    "sum": A + B,
    "mul": A * B,
    "ave": (A + B) / 2,
    "max": np.maximum(A, B),
    "concat": np.concatenate([A, B], axis=1),
    "dot": (A * B).sum(axis=1, keepdims=True),
    "cos": (UNIT[0] * UNIT[1]).sum(axis=1)[:, None, None],
}


def branches() -> list[Sequential]:
    return [Sequential([Dense(3, input_dim=4)]), Sequential([Dense(3, input_dim=5)])]


def data(n: int = 8) -> list[Any]:
    return [np.random.rand(n, 4), np.random.rand(n, 5)]


@pytest.mark.parametrize("mode", MODES)
def test_modes(mode: str) -> None:
    x, y = Input((3,)), Input((3,))
    merged = merge([x, y], mode=mode, dot_axes=1, name="merged")
    np.testing.assert_allclose(
        K.function([x, y], [merged])([A, B])[0], MODES[mode], rtol=1e-5, atol=1e-6
    )
    assert merged._keras_history[0].name == "merged"


def test_functions_as_modes() -> None:
    x, y = Input((3,)), Input((3,))

    def weighed(inputs: Any, factor: float) -> Any:
        return inputs[0] * factor - inputs[1]

    merged = merge([x, y], mode=weighed, arguments={"factor": 3.0}, output_shape=lambda s: s[0])
    np.testing.assert_allclose(K.function([x, y], [merged])([A, B])[0], 3 * A - B, rtol=1e-6)


def test_masks() -> None:
    """As the layers of today that do it; `output_mask` says another one."""
    x, y = Embedding(5, 2, mask_zero=True)(Input((3,))), Embedding(5, 2)(Input((3,)))
    assert merge([x, y], mode="concat")._keras_mask is not None
    assert merge([x, y], mode=lambda xs: xs[0])._keras_mask is None
    kept = merge([x, y], mode=lambda xs: xs[0], output_mask=lambda xs, masks: masks[0])
    assert kept._keras_mask is x._keras_mask


def test_a_model_begins_with_branches() -> None:
    """It is what the functional API makes of the same layers."""
    left, right = branches()
    made = Sequential([Merge([left, right], mode="concat"), Dense(1)])
    assert [x.shape for x in made.inputs] == [(None, 4), (None, 5)]
    assert (made.output_shape, len(made.layers), len(made.trainable_weights)) == ((None, 1), 2, 6)
    ends = [left.output, right.output]
    same = Model([left.input, right.input], made.layers[1](merge(ends, mode="concat")))
    x, y = data(), np.random.rand(8)
    np.testing.assert_allclose(made.predict(x), same.predict(x), rtol=1e-6)
    made.compile("sgd", "mse")
    before = left.get_weights()[0]
    history = made.fit(x, y, epochs=5, verbose=0, validation_split=0.25).history
    assert history["loss"][-1] < history["loss"][0]
    assert not np.array_equal(before, left.get_weights()[0])
    made.summary(print_fn=lambda line: None)


def test_the_branches_order_is_that_of_the_inputs() -> None:
    """However deep they are."""
    deep = Sequential([Dense(3, input_dim=4), Dense(3), Dense(3), Dropout(0.5)])
    made = Sequential([Merge([deep, Sequential([Dense(3, input_dim=5)])])])
    assert [x.shape[-1] for x in made.inputs] == [4, 5]
    nested = Sequential([Merge([made, Sequential([Dense(3, input_dim=6)])]), Dense(2)])
    assert [x.shape[-1] for x in nested.inputs] == [4, 5, 6]


def test_what_branches_bring_with_them() -> None:
    left = Sequential([Dense(3, input_dim=4, kernel_regularizer="l2"), BatchNormalization()])
    right = Sequential([LSTM(3, stateful=True, batch_input_shape=(2, 5, 1))])
    made = Sequential([Merge([left, right]), Dense(1)])
    assert (len(made.losses), made.stateful) == (1, True)
    assert len(made.updates) == 4  # two moving statistics, two states
    x = [np.random.rand(2, 4), np.random.rand(2, 5, 1)]
    first, second = made.predict(x, batch_size=2), made.predict(x, batch_size=2)
    assert not np.allclose(first, second)
    made.reset_states()
    np.testing.assert_allclose(made.predict(x, batch_size=2), first, rtol=1e-6)


def test_layers_are_taken_off_and_put_on_again() -> None:
    made = Sequential([Merge(branches()), Dense(2)])
    made.pop()
    assert made.output_shape == (None, 3)
    made.add(Dense(4))
    assert made.predict(data()).shape == (8, 4)
    made.pop()
    made.pop()
    assert (made.layers, made.inputs, made.built) == ([], [], False)
    made.add(Dense(1, input_dim=2))
    assert made.predict(np.ones((1, 2))).shape == (1, 1)


def test_copies_and_files(tmp_path: Path) -> None:
    made = Sequential([Merge(branches(), mode="mul"), Dense(2)])
    made.compile("sgd", "mse")
    x = data()
    made.train_on_batch(x, np.ones((8, 2)))
    made.save(tmp_path / "model.h5")
    made.save_weights(tmp_path / "weights.h5")
    expected = made.predict(x)
    np.testing.assert_allclose(load_model(tmp_path / "model.h5").predict(x), expected, rtol=1e-6)
    again = model_from_json(made.to_json())
    again.set_weights(made.get_weights())
    np.testing.assert_allclose(again.predict(x), expected, rtol=1e-6)
    copy = Sequential.from_config(made.get_config())
    copy.load_weights(tmp_path / "weights.h5")
    np.testing.assert_allclose(copy.predict(x), expected, rtol=1e-6)
    cloned = clone_model(made)
    cloned.set_weights(made.get_weights())
    np.testing.assert_allclose(cloned.predict(x), expected, rtol=1e-6)


def test_the_spelling_of_the_document() -> None:
    layer = Merge(branches(), mode="dot", dot_axis=1)
    assert layer.dot_axes == 1
    assert isinstance(layer, Own)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Merge(mode="product"), "`mode` is one of ave, concat, cos, dot"),
        (lambda: Merge(branches()[:1]), "needs at least two models, got 1"),
        (lambda: Merge([Dense(3), Dense(3)]), "has no output yet. Give its first layer"),
    ],
)
def test_messages(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()

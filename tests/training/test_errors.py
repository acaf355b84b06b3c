"""What a user is told when something can't be right: who, expected, got, what to do."""

from __future__ import annotations

import numpy as np
import pytest

from keras.layers import Activation, Conv2D, Dense, Input, Lambda
from keras.models import Model, Sequential

X = np.zeros((8, 3))
Y = np.eye(2)[[0, 1] * 4]


@pytest.fixture
def model() -> Sequential:
    made = Sequential(
        [Dense(4, activation="relu", input_shape=(3,)), Dense(2, activation="softmax")]
    )
    made.compile("sgd", "categorical_crossentropy", metrics=["acc"])
    return made


FIT = {
    "a wrong size": (np.zeros((8, 5)), Y, r"`dense_1_input` needs shape \(n, 3\), got .* \(8, 5\)"),
    "a wrong rank": (np.zeros((8, 3, 1)), Y, r"needs 2 dimensions, \(n, 3\), got .* \(8, 3, 1\)"),
    "no samples": (np.zeros((0, 3)), np.zeros((0, 2)), r"empty: an array of shape \(0, 3\)"),
    "no numbers, of the wrong rank": (
        X,
        np.full((8, 2, 2), np.nan),
        r"output `dense_2` needs 2 dim",
    ),
    "too few targets": (X, Y[:5], "8 inputs, 5 targets"),
    "class numbers": (X, np.arange(8) % 2, "to_categorical.*sparse loss"),
    "words": (np.array([["a", "b", "c"]] * 8), Y, "holds <U1, not numbers"),
    "lines of different lengths": ([[1, 2, 3], [1, 2]], Y, "different lengths.*pad_sequences"),
    "nothing": (None, Y, "needs data for the input `dense_1_input`, got None"),
    "another name": ({"inputs": X}, Y, "`dense_1_input` is missing"),
    "a list of samples": (list(X), Y, r"one input.*numpy.array\(data\)"),
}


@pytest.mark.parametrize("case", FIT)
def test_data_that_do_not_fit(model: Sequential, case: str) -> None:
    x, y, message = FIT[case]
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        model.fit(x, y, verbose=0)
    assert "sequential_1" in str(caught.value) or "dense_1_input" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 10  # far less than a screen


COMPILE = {
    "loss": (("sgd", "categorical_crosentropy"), {}, "did you mean `categorical_crossentropy`"),
    "metric": (("sgd", "mse"), {"metrics": ["acuracy"]}, "did you mean `accuracy`"),
    "optimizer": (("sdg", "mse"), {}, "did you mean `sgd`"),
    "loss dict": (("sgd", {"dense_3": "mse"}), {}, "`dense_3`, which is no output.*`dense_2`"),
    "too many losses": (("sgd", ["mse", "mae"]), {}, "2 losses for 1 outputs"),
    "metrics": (("sgd", "mse"), {"metrics": "acc"}, r"\['accuracy'\]"),
    "mode": (("sgd", "mse"), {"sample_weight_mode": "temporal"}, r"needs? \(batch, time"),
}


@pytest.mark.parametrize("case", COMPILE)
def test_arguments_of_compile(model: Sequential, case: str) -> None:
    args, kwargs, message = COMPILE[case]
    with pytest.raises((ValueError, TypeError), match=message):
        model.compile(*args, **kwargs)


def test_layers_called_on_the_wrong_thing() -> None:
    a, b = Input((3,)), Input((3,))
    with pytest.raises(
        ValueError, match=r"Dense `dense_1` takes 1 input tensor\(s\), got 2.*`concatenate`"
    ):
        Dense(3)([a, b])
    with pytest.raises(ValueError, match=r"Activation.*takes 1 input"):
        Activation("relu")([a, b])
    with pytest.raises(ValueError, match=r"ndarray of shape \(2, 3\).*symbolic tensors"):
        Dense(3)(X[:2])
    with pytest.raises(ValueError, match="at least 2 dimensions"):
        Dense(3)(Input(()))
    with pytest.raises(ValueError, match=r"Conv2D.*doesn't fit"):
        Conv2D(3, 9)(Input((4, 4, 1)))


def test_a_graph_with_an_input_left_out() -> None:
    with pytest.raises(ValueError, match="also depend on the input `input_2:0`"):
        Model(Input((3,)), Dense(2)(Input((3,))))


def test_a_model_that_was_not_compiled() -> None:
    with pytest.raises(RuntimeError, match=r"must be compiled.*model.compile"):
        Sequential([Dense(2, input_shape=(3,))]).fit(X, Y)


def test_a_step_that_fails_names_the_layer_and_this_file() -> None:
    from keras import backend as K

    model = Sequential([Lambda(lambda t: K.reshape(t, (-1, 2)), name="halves", input_shape=(3,))])
    with pytest.raises(K.ExecutionError, match=r"`halves`, `reshape` failed") as caught:
        model.predict(np.zeros((3, 3)))
    assert "test_errors.py" in str(caught.value)


def test_targets_that_are_no_numbers_are_reported(model: Sequential) -> None:
    with pytest.warns(
        RuntimeWarning, match="loss is nan: `dense_2` has 16 values that are nan or inf"
    ):
        model.fit(X, np.full((8, 2), np.nan), epochs=2, verbose=0)


def test_trainable_changed_after_compile_is_reported(model: Sequential) -> None:
    model.layers[0].trainable = False
    with pytest.warns(UserWarning, match="`trainable` was changed after `compile`"):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_batch_sizes(model: Sequential, size: object) -> None:
    with pytest.raises(ValueError, match="`batch_size` is a positive integer"):
        model.fit(X, Y, batch_size=size, verbose=0)


def test_weights_that_do_not_fit(model: Sequential) -> None:
    with pytest.raises(ValueError, match=r"`sample_weight`|sample weights of `dense_2` need 1"):
        model.fit(X, Y, sample_weight=np.ones((8, 2)), verbose=0)
    with pytest.raises(ValueError, match=r"no weight for the class\(es\) \[1\]"):
        model.fit(X, Y, class_weight={0: 1.0}, verbose=0)
    with pytest.raises(ValueError, match=r"validation_split=0.95.* of 8 samples"):
        model.fit(X, Y, validation_split=0.95, verbose=0)

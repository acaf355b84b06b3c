"""Models saved and loaded again are the same models, and go on training as if nothing had been."""

from __future__ import annotations

import copy
import io
import json
import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    TimeDistributed,
    add,
)
from keras.models import (
    Model,
    Sequential,
    load_model,
    model_from_config,
    model_from_json,
    model_from_yaml,
    save_model,
)


def stack() -> Any:
    layers = [Dense(5, activation="tanh", input_shape=(4,), name="first"), Dropout(0.5)]
    last = Dense(2, activation="softmax", name="last")
    return Sequential([*layers, BatchNormalization(name="between"), last], name="stack")


def graph() -> Any:
    """Two inputs, a shared layer, a model inside, two outputs."""
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(3, name="shared")
    inner = Sequential([Dense(3, input_shape=(3,)), BatchNormalization()], name="inner")
    joined = add([inner(shared(a)), shared(b)])
    return Model([a, b], [Dense(2, name="p")(joined), Dense(1, name="q")(joined)])


def sequences() -> Any:
    x = Input((6, 4))
    y = TimeDistributed(Dense(3))(x)
    return Model(x, Dense(2)(GRU(4)(LSTM(3, return_sequences=True)(y))))


def pictures() -> Any:
    return Sequential([Conv2D(2, 3, input_shape=(6, 6, 1)), Flatten(), Dense(2)])


MODELS = [stack, graph, sequences, pictures]


def data(model: Any) -> list[Any]:
    return [np.random.standard_normal((3, *x.shape[1:])).astype("float32") for x in model.inputs]


def predictions(model: Any, x: list[Any]) -> list[Any]:
    made = model.predict(x if len(x) > 1 else x[0])
    return made if isinstance(made, list) else [made]


def assert_same(one: Any, other: Any) -> None:
    """Of the same classes, with equal configs, weights and predictions."""
    assert type(one) is type(other)
    assert one.get_config() == other.get_config()
    for w, v in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(K.get_value(w), K.get_value(v))
    x = data(one)
    for p, q in zip(predictions(one, x), predictions(other, x), strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", MODELS)
def test_a_whole_model(make: Any, tmp_path: Path) -> None:
    model = make()
    model.save(tmp_path / "model.h5")
    assert_same(load_model(str(tmp_path / "model.h5")), model)


@pytest.mark.parametrize("make", MODELS)
def test_json_and_yaml(make: Any) -> None:
    model = make()
    for again in (
        model_from_json(model.to_json()),
        model_from_yaml(model.to_yaml()),
        model_from_config({"class_name": type(model).__name__, "config": model.get_config()}),
    ):
        again.set_weights(model.get_weights())
        assert_same(again, model)


def test_json_takes_the_arguments_of_dumps() -> None:
    assert "\n  " in stack().to_json(indent=2)
    assert set(json.loads(stack().to_json())) == {
        "class_name", "config", "keras_version", "backend",
    }  # fmt: skip


@pytest.mark.parametrize("make", MODELS)
def test_weights(make: Any, tmp_path: Path) -> None:
    model, other = make(), make()
    model.save_weights(str(tmp_path / "w.h5"))
    other.load_weights(tmp_path / "w.h5")
    for w, v in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(w, v)
    other = make()
    model.save(tmp_path / "model.h5")
    other.load_weights(tmp_path / "model.h5")  # a whole model has weights as well
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "nadam"])
@pytest.mark.parametrize("make", [stack, graph])
def test_training_goes_on(make: Any, optimizer: str, tmp_path: Path) -> None:
    model = make()
    model.compile(optimizer, "mse", metrics=["mae"], loss_weights=None)
    x = data(model)
    y = [np.ones_like(p) for p in predictions(model, x)]
    model.train_on_batch(x, y)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.metrics_names == model.metrics_names
    assert again.optimizer.get_config() == model.optimizer.get_config()
    np.random.seed(1)
    expected = model.test_on_batch(x, y)
    assert again.test_on_batch(x, y) == expected
    for w, v in zip(model.optimizer.get_weights(), again.optimizer.get_weights(), strict=True):
        np.testing.assert_array_equal(w, v)


def test_the_next_step_is_the_same(tmp_path: Path) -> None:
    model = sequences()
    model.compile("adam", "mse")
    x, y = data(model), np.ones((3, 2))
    model.fit(x, y, epochs=2, verbose=0)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.train_on_batch(x, y) == model.train_on_batch(x, y)
    for w, v in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(w, v)


def test_without_the_optimizer(tmp_path: Path) -> None:
    model = stack()
    model.compile("adam", "mse")
    save_model(model, tmp_path / "model.h5", include_optimizer=False)
    assert load_model(tmp_path / "model.h5").optimizer is None
    model.save(tmp_path / "model.h5")
    assert load_model(tmp_path / "model.h5", compile=False).optimizer is None
    assert load_model(tmp_path / "model.h5").optimizer is not None


def test_pickle_and_deepcopy() -> None:
    model = stack()
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 4)), np.ones((2, 2)))
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert_same(again, model)
        assert again.optimizer.get_config() == model.optimizer.get_config()
        again.set_weights([w + 1 for w in again.get_weights()])
        assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])


def test_to_file_objects_and_groups(tmp_path: Path) -> None:
    model = stack()
    memory = io.BytesIO()
    model.save(memory)
    memory.seek(0)
    assert_same(load_model(memory), model)
    with (tmp_path / "model.h5").open("wb") as stream:
        model.save(stream)
    with (tmp_path / "model.h5").open("rb") as stream:
        assert_same(load_model(stream), model)
    with h5py.File(tmp_path / "two.h5", "w") as file:
        model.save(file.create_group("one"))
        graph().save(file.create_group("other"))
        model.save(file["one"])  # again, in its place
        assert_same(load_model(file["one"]), model)
        model.save_weights(file.create_group("weights"))
        again = Sequential.from_config(model.get_config())
        again.load_weights(file["weights"])
        assert_same(again, model)

"""Classes and functions of the user, wherever a file names them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from keras import backend as K, constraints, initializers, optimizers, regularizers
from keras.layers import Dense, TimeDistributed
from keras.models import Sequential, load_model, model_from_json, model_from_yaml
from keras.saving import FileError
from keras.utils import CustomObjectScope, custom_object_scope, get_custom_objects
from tests.saving.damage import h5_bytes, keras_bytes


class Gate(Dense):
    """A layer."""

    def call(self, inputs: Any) -> Any:
        return K.sigmoid(super().call(inputs)) * 2.0


class Halves(initializers.Initializer):
    """An initializer."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return K.constant(0.5, shape=shape, dtype=dtype)


class Cubes(regularizers.Regularizer):
    """A regularizer."""

    def __call__(self, x: Any) -> Any:
        return K.sum(K.abs(x) ** 3)

    def get_config(self) -> dict[str, Any]:
        return {}


class AtMostOne(constraints.Constraint):
    """A constraint."""

    def __call__(self, w: Any) -> Any:
        return K.clip(w, -1.0, 1.0)


class Slower(optimizers.SGD):
    """An optimizer."""


def bend(x: Any) -> Any:
    return x / (1.0 + K.abs(x))


def off(y: Any, p: Any) -> Any:
    return K.mean(K.square(y - p) * 3.0, axis=-1)


def worst(y: Any, p: Any) -> Any:
    return K.max(K.abs(y - p))


OWN = {each.__name__: each for each in (Gate, Halves, Cubes, AtMostOne, Slower, bend, off, worst)}


def model_of_mine() -> Any:
    made = Sequential(
        [
            TimeDistributed(
                Gate(3, kernel_initializer=Halves(), kernel_regularizer=Cubes()),
                input_shape=(4, 2),
            ),
            TimeDistributed(Dense(2, activation=bend, bias_constraint=AtMostOne())),
        ]
    )
    made.compile(Slower(0.1), off, metrics=[worst, "mae"])
    made.train_on_batch(np.ones((2, 4, 2)), np.zeros((2, 4, 2)))
    return made


@contextmanager
def everywhere() -> Iterator[None]:
    get_custom_objects().update(OWN)
    try:
        yield
    finally:
        for name in OWN:
            del get_custom_objects()[name]


def test_whole_models() -> None:
    model = model_of_mine()
    data = h5_bytes(model)
    x, y = np.ones((2, 4, 2)), np.zeros((2, 4, 2))
    for scope, given in (
        (custom_object_scope(), OWN),
        (CustomObjectScope(OWN), None),
        (custom_object_scope(OWN), None),
        (everywhere(), None),
    ):
        with scope:
            again = load_model(io.BytesIO(data), given)
        assert isinstance(again.layers[0].layer, Gate)
        assert isinstance(again.optimizer, Slower)
        assert again.test_on_batch(x, y) == model.test_on_batch(x, y)
    assert not set(OWN) & set(get_custom_objects())


@pytest.mark.parametrize("name", OWN)
def test_each_is_missed_by_its_name(name: str) -> None:
    own = {key: found for key, found in OWN.items() if key != name}
    with pytest.raises(FileError, match=f"(?i)`{name}`.*custom_object"):
        load_model(io.BytesIO(h5_bytes(model_of_mine())), own)


def test_architectures() -> None:
    model = model_of_mine()
    for read, text in ((model_from_json, model.to_json()), (model_from_yaml, model.to_yaml())):
        assert read(text, OWN).get_config() == model.get_config()
        with custom_object_scope(OWN):
            assert read(text).get_config() == model.get_config()


def test_in_files_of_keras_3() -> None:
    model = model_of_mine()
    model.compile("sgd", off, metrics=[worst])
    again = load_model(io.BytesIO(keras_bytes(model)), OWN)
    assert isinstance(again.layers[0].layer, Gate)
    x, y = np.ones((2, 4, 2)), np.zeros((2, 4, 2))
    assert again.test_on_batch(x, y) == model.test_on_batch(x, y)


def test_registered_names() -> None:
    """Later versions write `Package>Name`; either name is found, the whole one first."""
    config = json.loads(Sequential([Gate(2, input_shape=(3,))]).to_json())
    entry = config["config"]["layers"][0]
    for said in (
        {**entry, "class_name": "mine>Gate"},
        {**entry, "module": None, "registered_name": "mine>Gate"},
    ):
        config["config"]["layers"][0] = said
        for own in ({"mine>Gate": Gate}, {"Gate": Gate}, {"mine>Gate": Gate, "Gate": Dense}):
            assert type(model_from_json(json.dumps(config), own).layers[0]) is Gate

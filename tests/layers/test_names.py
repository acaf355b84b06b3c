"""What the classic rooms offer besides their layers, and objects to configs and back."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from keras import layers
from keras.layers import Dense, Layer, TimeDistributed
from keras.models import Model, Sequential

ROOMS = [
    "advanced_activations",
    "convolutional",
    "convolutional_recurrent",
    "core",
    "embeddings",
    "merge",
    "noise",
    "normalization",
    "recurrent",
    "wrappers",
]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_the_base(room: str) -> None:
    """Old code takes it from wherever it is: `from keras.layers.core import Layer`."""
    found = importlib.import_module(f"keras.layers.{room}")
    assert found.Layer is Layer
    if room not in ("embeddings", "merge", "noise"):
        assert found.InputSpec is layers.InputSpec


class Doubled(Layer):
    def call(self, inputs: Any) -> Any:
        return 2 * inputs


class TestConfigs:
    def test_there_and_back(self) -> None:
        written = layers.serialize(Dense(3, activation="relu", name="d"))
        assert written["class_name"] == "Dense"
        again = layers.deserialize(written)
        assert isinstance(again, Dense)
        assert again.get_config() == written["config"]

    def test_inner_layers_and_models(self) -> None:
        inner = Sequential([Dense(2, input_shape=(3,))])
        again = layers.deserialize(layers.serialize(TimeDistributed(inner)))
        assert isinstance(again.layer, Sequential)
        x = layers.Input((3,))
        again = layers.deserialize(layers.serialize(Model(x, Dense(2)(x))))
        assert isinstance(again, Model)
        assert len(again.layers) == 2

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_custom_layers(self, wrapped: bool) -> None:
        layer = TimeDistributed(Doubled()) if wrapped else Doubled()
        written = layers.serialize(layer)
        with pytest.raises(ValueError, match="Unknown layer `Doubled`"):
            layers.deserialize(written)
        again = layers.deserialize(written, custom_objects={"Doubled": Doubled})
        assert isinstance(again.layer if wrapped else again, Doubled)
        again = type(layer).from_config(
            written["config"], **({"custom_objects": {"Doubled": Doubled}} if wrapped else {})
        )
        assert type(again) is type(layer)


def test_dumps_of_functions() -> None:
    from keras.layers.core import func_dump, func_load

    offset = 3
    function = lambda x, y=2: x + y + offset  # noqa: E731
    assert func_load(*func_dump(function)) is function
    assert func_load("f", globs={"f": function}) is function
    code, defaults, closure = func_dump(function)
    with pytest.raises(ValueError, match="runs no code that another process dumped"):
        func_load(code[::-1], defaults, closure)

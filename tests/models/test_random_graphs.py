"""Models drawn at random, with shared layers and models in models, against numpy, call by call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.layers import Add, BatchNormalization, Concatenate, Dense, Dropout, Input
from keras.models import Model, clone_model, load_model

Rng = np.random.Generator


def drawn(rng: Rng, depth: int = 0) -> Any:
    """A model of one to three inputs and outputs."""
    inputs = [Input((4,)) for _ in range(rng.integers(1, 4))]
    pool, shared = list(inputs), [Dense(4, activation="tanh") for _ in range(2)]
    inner: Any = None
    for _ in range(rng.integers(3, 9)):
        kind = rng.integers(0, 7)
        a, b = (pool[rng.integers(len(pool))] for _ in range(2))
        if kind == 0:
            pool.append(Dense(4)(a))
        elif kind == 1:
            pool.append(shared[rng.integers(2)](a))
        elif kind == 2:
            pool.append(Add()([a, b]))
        elif kind == 3:
            pool.append(Dense(4)(Concatenate()([a, b])))
        elif kind == 4:
            pool.append(BatchNormalization()(a))
        elif kind == 5:
            pool.append(Dropout(0.5)(a))
        elif depth < 2:
            if inner is None or rng.random() < 0.5:
                inner = drawn(rng, depth + 1)
            given = [pool[rng.integers(len(pool))] for _ in inner.inputs]
            made = inner(given if len(given) > 1 else given[0])
            pool += made if isinstance(made, list) else [made]
    chosen = rng.choice(len(pool), size=min(len(pool), rng.integers(1, 4)), replace=False)
    return Model(inputs, [pool[i] for i in chosen])


def by_numpy(model: Any, arrays: list[Any]) -> list[Any]:
    """The outputs, found by following the calls of layers back from them."""
    known = {id(t): x for t, x in zip(model.inputs, arrays, strict=True)}

    def value(tensor: Any) -> Any:
        if id(tensor) not in known:
            layer, number, _ = tensor._keras_history
            call = layer._inbound_nodes[number]
            results = computed(layer, [value(t) for t in call.input_tensors])
            pairs = zip(call.output_tensors, results, strict=True)
            known.update((id(own), result) for own, result in pairs)
        return known[id(tensor)]

    return [value(t) for t in model.outputs]


def computed(layer: Any, given: list[Any]) -> list[Any]:
    """What a layer returns for arrays."""
    if isinstance(layer, Model):
        return by_numpy(layer, given)
    if isinstance(layer, Dense):
        kernel, bias = layer.get_weights()
        product = given[0] @ kernel + bias
        return [np.tanh(product) if layer.get_config()["activation"] == "tanh" else product]
    if isinstance(layer, BatchNormalization):
        gamma, beta, mean, variance = layer.get_weights()
        return [(given[0] - mean) / np.sqrt(variance + layer.epsilon) * gamma + beta]
    if isinstance(layer, Add):
        return [given[0] + given[1]]
    if isinstance(layer, Concatenate):
        return [np.concatenate(given, axis=-1)]
    assert isinstance(layer, Dropout)
    return given


def predictions(model: Any, arrays: list[Any]) -> list[Any]:
    made = model.predict(arrays)
    return made if isinstance(made, list) else [made]


@pytest.mark.parametrize("seed", range(30))
def test_a_random_graph(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    model = drawn(rng)
    model.set_weights([np.abs(rng.normal(size=w.shape)) + 0.1 for w in model.get_weights()])
    arrays = [rng.normal(size=(3, 4)) for _ in model.inputs]
    got = predictions(model, arrays)
    for y, wanted in zip(got, by_numpy(model, arrays), strict=True):
        np.testing.assert_allclose(y, wanted, rtol=1e-3, atol=1e-3)

    config = json.loads(json.dumps(model.get_config()))
    copies = [Model.from_config(config), clone_model(model)]
    for copy in copies:
        copy.set_weights(model.get_weights())
        assert copy.get_config() == model.get_config()
    model.save(tmp_path / "model.h5")
    for copy in [*copies, load_model(tmp_path / "model.h5")]:
        assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
        for y, wanted in zip(predictions(copy, arrays), got, strict=True):
            np.testing.assert_array_equal(y, wanted)

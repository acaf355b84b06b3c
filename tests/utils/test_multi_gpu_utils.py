"""One model for several devices; here they are one CPU, named more than once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.backend.graph import runtime
from keras.layers import BatchNormalization, Concatenate, Dense, Input, concatenate
from keras.models import Model, Sequential, load_model
from keras.utils import multi_gpu_model, multi_gpu_utils

CPUS = ["/cpu:0", "/cpu:0"]


def template() -> Any:
    return Sequential([Dense(5, activation="tanh", input_dim=4), Dense(3, name="y")])


@pytest.mark.parametrize("parts", [2, 3, 5])
@pytest.mark.parametrize("rows", [1, 7, 12])
def test_parts_are_joined_in_order(parts: int, rows: int) -> None:
    """However many rows there are; the last part gets what remains."""
    model = template()
    parallel = multi_gpu_model(model, gpus=CPUS[:1] * parts)
    x = np.random.standard_normal((rows, 4))
    np.testing.assert_allclose(parallel.predict(x), model.predict(x), rtol=1e-5, atol=1e-6)


def test_layers_and_names() -> None:
    """As in the original: slices, the model itself, and what its outputs are joined by."""
    model = template()
    parallel = multi_gpu_model(model, gpus=CPUS)
    kinds = [type(layer).__name__ for layer in parallel.layers]
    assert kinds == ["InputLayer", "Lambda", "Lambda", "Sequential", "Concatenate"]
    assert parallel.layers[3] is model
    assert parallel.output_names == model.output_names == ["y"]
    assert parallel.count_params() == model.count_params()


def test_training_trains_the_model() -> None:
    """One step on the whole batch is that of the model alone."""
    x, y = np.random.standard_normal((8, 4)), np.random.standard_normal((8, 3))
    alone, model = template(), template()
    alone.set_weights(model.get_weights())
    parallel = multi_gpu_model(model, gpus=CPUS)
    for each in (alone, parallel):
        each.compile("sgd", "mse")
        each.train_on_batch(x, y)
    for ours, theirs in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_each_part_is_normalized_by_itself() -> None:
    model = Sequential([BatchNormalization(momentum=0.5, input_shape=(1,))])
    parallel = multi_gpu_model(model, gpus=CPUS)
    parallel.compile("sgd", "mse")
    x = np.array([[0.0], [0.0], [4.0], [4.0]])
    parallel.train_on_batch(x, np.zeros((4, 1)))
    # No part has any variance, so each takes away half of the 1 in the beginning.
    assert model.layers[0].get_weights()[3] == pytest.approx(0.0, abs=1e-6)


def test_several_inputs_and_outputs() -> None:
    a, b = Input((4,)), Input((2,))
    model = Model([a, b], [Dense(3, name="one")(concatenate([a, b])), Dense(1, name="two")(b)])
    parallel = multi_gpu_model(model, gpus=CPUS)
    assert parallel.output_names == ["one", "two"]
    assert sum(isinstance(layer, Concatenate) for layer in parallel.layers) == 2
    xs = [np.random.standard_normal((5, 4)), np.random.standard_normal((5, 2))]
    for ours, theirs in zip(parallel.predict(xs), model.predict(xs), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_relocation_makes_a_copy() -> None:
    model = template()
    parallel = multi_gpu_model(model, gpus=CPUS, cpu_relocation=True)
    x = np.random.standard_normal((6, 4))
    expected = model.predict(x)
    np.testing.assert_allclose(parallel.predict(x), expected, rtol=1e-5, atol=1e-6)
    assert model not in parallel.layers
    parallel.set_weights([w + 1 for w in parallel.get_weights()])
    np.testing.assert_array_equal(model.predict(x), expected)


def test_saved_and_loaded(tmp_path: Path) -> None:
    parallel = multi_gpu_model(template(), gpus=CPUS)
    parallel.save(tmp_path / "parallel.h5")
    x = np.random.standard_normal((5, 4))
    again = load_model(tmp_path / "parallel.h5")
    np.testing.assert_allclose(again.predict(x), parallel.predict(x), rtol=1e-5, atol=1e-6)


def test_several_gpus_are_told_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a machine with GPUs says; the programs still run here."""
    engine = runtime.engine()
    names = ["/cpu:0", "/gpu:0", "/gpu:1", "/gpu:2"]
    monkeypatch.setattr(engine, "device_names", lambda: names, raising=False)
    model = template()
    for gpus, parts in ((None, 3), (2, 2), ([0, 2], 2)):
        with pytest.warns(UserWarning, match="programs run on one device"):
            parallel = multi_gpu_model(model, gpus=gpus)
        assert len(parallel.layers) == parts + 3
    with pytest.raises(ValueError, match="needs the devices /gpu:0, /gpu:3; this machine has"):
        multi_gpu_model(model, gpus=[0, 3])


@pytest.mark.parametrize("gpus", [0, 1, None, [0], [], ["/cpu:0"]])
def test_fewer_than_two(gpus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.engine(), "device_names", lambda: ["/cpu:0"], raising=False)
    with pytest.raises(ValueError, match="two GPUs or more"):
        multi_gpu_model(template(), gpus=gpus)


def test_more_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.engine(), "device_names", lambda: ["/cpu:0"], raising=False)
    with pytest.raises(ValueError, match=r"needs the devices /gpu:0, .*/gpu:7; this machine has"):
        multi_gpu_model(template(), gpus=8)


def test_the_engine_names_its_devices() -> None:
    names = runtime.engine().device_names()
    assert names[0] == "/cpu:0"
    assert len(set(names)) == len(names)


def test_a_script_may_say_which_devices_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["/cpu:0", *(f"/gpu:{number}" for number in range(8))]
    monkeypatch.setattr(multi_gpu_utils, "_get_available_devices", lambda: names)
    model = template()
    with pytest.warns(UserWarning, match="one after the other"):
        parallel = multi_gpu_model(model, gpus=8)
    x = np.random.standard_normal((16, 4))
    np.testing.assert_allclose(parallel.predict(x), model.predict(x), rtol=1e-5, atol=1e-6)

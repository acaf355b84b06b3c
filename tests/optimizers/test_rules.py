"""Every optimizer against its rule in numpy, on its way down a bowl."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from keras import backend as K, optimizers
from tests.optimizers.samples import SAMPLES, Rule

START = [np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([0.3, -0.7, 4.0]), np.array(2.0)]
SLOPES = [np.array([[2.0, 0.5], [1.0, 3.0]]), np.array([1.0, 0.2, 0.1]), np.array(0.5)]
WIDTH = 6


def bowl(params: list[Any]) -> Any:
    """`sum(slope * p**2)`; its gradient is `2 * slope * p`."""
    return sum(K.sum(s * K.square(p)) for s, p in zip(SLOPES, params, strict=True))


def trained(optimizer: Any, steps: int = WIDTH, **variable: Any) -> list[Any]:
    params = [K.variable(p, **variable) for p in START]
    train = K.function([], [], updates=optimizer.get_updates(bowl(params), params))
    for _ in range(steps):
        train([])
    return [K.get_value(p) for p in params]


def test_weights_in_another_order_of_memory() -> None:
    """Orthogonal kernels, for one, come transposed: a fused kernel must not walk them crosswise."""
    kept = []
    for value in (START[0], np.asfortranarray(START[0]), K.transpose(K.constant(START[0].T))):
        p, optimizer = K.variable(value, dtype="float32"), optimizers.Adam(lr=0.1)
        K.function([], [], updates=optimizer.get_updates(K.sum(SLOPES[0] * K.square(p)), [p]))([])
        kept.append([K.get_value(p), *optimizer.get_weights()])
    for found in kept:
        np.testing.assert_allclose(found[2], 0.1 * 2 * SLOPES[0] * START[0], rtol=1e-6)
        np.testing.assert_array_equal(found[0], kept[0][0])


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("rate", [0.25, 1e-5, 1e-9, 1e-30, 0.0, -0.25])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rates_of_all_sizes(rate: float, momentum: float, nesterov: bool, dtype: str) -> None:
    """The velocity shows what of a small rate the kernel keeps."""
    before = K.floatx()
    K.set_floatx(dtype)
    try:
        p, optimizer = K.variable(START[0]), optimizers.SGD(rate, momentum, nesterov=nesterov)
    finally:
        K.set_floatx(before)
    step = K.function([], [], updates=optimizer.get_updates(K.sum(SLOPES[0] * p), [p]))
    place, velocity = START[0], np.zeros((2, 2))
    rate, momentum = (float(np.asarray(number, dtype)) for number in (rate, momentum))
    for _ in range(3):
        step([])
        velocity = momentum * velocity - rate * SLOPES[0]
        place = place + (momentum * velocity - rate * SLOPES[0] if nesterov else velocity)
    precise = 1e-6 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(optimizer.get_weights()[1], velocity, rtol=precise)
    np.testing.assert_allclose(K.get_value(p), place, rtol=precise)


def by_hand(rule: Rule, rate: float, steps: int = WIDTH, decay: float = 0.0) -> list[Any]:
    params, kept = list(START), [{} for _ in START]
    for t in range(1, steps + 1):
        lr = rate / (1 + decay * (t - 1))
        params = [
            rule(p, 2 * slope * p, s, lr, t)
            for p, slope, s in zip(params, SLOPES, kept, strict=True)
        ]
    return params


@pytest.mark.parametrize(("name", "arguments", "rate", "rule"), SAMPLES)
def test_rule(name: str, arguments: dict[str, Any], rate: float, rule: Rule) -> None:
    got = trained(getattr(optimizers, name)(**arguments))
    for a, b in zip(got, by_hand(rule, rate), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "rate", "rule"),
    [row for row in SAMPLES if row[0] != "Nadam"],  # it has a schedule in place of decay
)
def test_decay(name: str, arguments: dict[str, Any], rate: float, rule: Rule) -> None:
    optimizer = getattr(optimizers, name)(decay=0.3, **arguments)
    assert optimizer.initial_decay == 0.3
    for a, b in zip(trained(optimizer), by_hand(rule, rate, decay=0.3), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "rate", "rule"), SAMPLES)
def test_config(name: str, arguments: dict[str, Any], rate: float, rule: Rule) -> None:
    optimizer = getattr(optimizers, name)(clipnorm=2.0, **arguments)
    config = json.loads(json.dumps(optimizers.serialize(optimizer)))
    again = optimizers.deserialize(config)
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
    assert config["config"]["learning_rate"] == pytest.approx(rate)
    assert config["config"]["clipnorm"] == 2.0
    assert "clipvalue" not in config["config"]


@pytest.mark.parametrize(("name", "arguments", "rate", "rule"), SAMPLES)
def test_state_carries_on(name: str, arguments: dict[str, Any], rate: float, rule: Rule) -> None:
    """Three steps, and three more with the state in a new optimizer, are six."""
    make = getattr(optimizers, name)
    whole = trained(make(**arguments))
    first, second = make(**arguments), make(**arguments)
    params = [K.variable(p) for p in START]
    for optimizer, before in [(first, None), (second, first)]:
        train = K.function([], [], updates=optimizer.get_updates(bowl(params), params))
        if before is not None:
            optimizer.set_weights(before.get_weights())
        for _ in range(3):
            train([])
    assert int(second.get_weights()[0]) == 6
    for p, w in zip(params, whole, strict=True):
        np.testing.assert_allclose(K.get_value(p), w, rtol=1e-6)


def test_each_optimizer_has_a_sample() -> None:
    classes = {
        kind.__name__
        for kind in vars(optimizers).values()
        if isinstance(kind, type) and issubclass(kind, optimizers.Optimizer)
    }
    assert classes - {"Optimizer", "TFOptimizer"} == {row[0] for row in SAMPLES}


@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [
        (optimizers.SGD(), ["v"]),
        (optimizers.RMSprop(), ["a"]),
        (optimizers.Adagrad(), ["a"]),
        (optimizers.Adadelta(), ["a", "d"]),
        (optimizers.Adam(), ["m", "v", "vhat"]),
        (optimizers.Adamax(), ["m", "u"]),
        (optimizers.Nadam(), ["m", "v"]),
    ],
)
def test_order_of_weights(optimizer: Any, slots: list[str]) -> None:
    """The step, shared numbers, then slot after slot, each for all parameters: as files have it."""
    trained(optimizer, steps=1)
    shapes = [array.shape for array in optimizer.get_weights()]
    kept = [[(1,)] * 3 if slot == "vhat" else [(2, 2), (3,), ()] for slot in slots]
    shared = [()] * len(optimizer.scalars)
    assert shapes == [(), *shared, *(shape for slot in kept for shape in slot)]
    assert optimizer.get_weights()[0].dtype == "int64"


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_parameters_of_another_dtype(dtype: str) -> None:
    for p in trained(optimizers.Adam(), dtype=dtype):
        assert p.dtype == dtype


def test_parameters_of_several_dtypes() -> None:
    params = [K.variable(START[0], dtype="float32"), K.variable(START[1], dtype="float64")]
    loss = K.sum(K.square(params[0])) + K.cast(K.sum(K.square(params[1])), "float32")
    for optimizer in (optimizers.Nadam(lr=0.1), optimizers.SGD(lr=0.1, momentum=0.5)):
        train = K.function([], [loss], updates=optimizer.get_updates(loss, params))
        first, second = train([])[0], train([])[0]
        assert second < first
        assert [K.get_value(p).dtype for p in params] == ["float32", "float64"]

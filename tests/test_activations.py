"""Activation functions against formulas in numpy and against the original."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import activations, backend as K
from keras.configured import Configured
from tests.golden.calls import results
from tests.golden.loader import Case, cases, check

X = np.linspace(-4, 4, 24, dtype="float32").reshape(2, 3, 4)


def elu(x: Any, alpha: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(x))


def relu(x: Any, alpha: float = 0.0, max_value: float = np.inf, threshold: float = 0.0) -> Any:
    return np.where(x >= threshold, np.minimum(x, max_value), alpha * (x - threshold))


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "elu": elu,
    "selu": lambda x: 1.05070098 * elu(x, 1.67326324),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "relu": relu,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "hard_sigmoid6": lambda x: np.minimum(np.maximum(x + 3, 0), 6) / 6,
    "exponential": np.exp,
    "linear": lambda x: x,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    got = K.eval(activations.get(name)(K.variable(X)))
    np.testing.assert_allclose(got, FORMULAS[name](X), rtol=1e-5, atol=1e-6)


def test_each_name_has_a_formula() -> None:
    assert set(activations.registry.names()) == set(FORMULAS)


@pytest.mark.parametrize("case", cases("named_things2", ids="^activation"))
def test_golden(case: Case) -> None:
    check(case, results(case))


@pytest.mark.parametrize(
    "arguments",
    [{"alpha": 0.2}, {"max_value": 1.5}, {"threshold": 0.7}, {"alpha": 0.1, "threshold": 1.0}],
)
def test_relu_arguments(arguments: dict[str, float]) -> None:
    got = K.eval(activations.relu(K.variable(X), **arguments))
    np.testing.assert_allclose(got, relu(X, **arguments), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_sums_to_one_along_its_axis(axis: int) -> None:
    got = K.eval(activations.softmax(K.variable(X), axis=axis))
    np.testing.assert_allclose(got.sum(axis), 1.0, rtol=1e-5)


def test_softmax_of_large_numbers() -> None:
    got = K.eval(activations.softmax(K.variable([[1000.0, 1000.0, -1000.0]])))
    np.testing.assert_allclose(got, [[0.5, 0.5, 0.0]])


def test_selu_keeps_mean_and_variance() -> None:
    drawn = np.random.RandomState(0).standard_normal(200_000).astype("float32")
    got = K.eval(activations.selu(K.variable(drawn)))
    assert abs(got.mean()) < 0.01
    assert abs(got.var() - 1) < 0.02


def test_names_configs_and_functions() -> None:
    def mine(x: Any) -> Any:
        return x

    assert activations.get(None) is activations.linear
    assert activations.get(mine) is mine
    assert activations.get("tanh") is activations.tanh
    assert activations.serialize(activations.tanh) == "tanh"
    assert activations.deserialize("mine", custom_objects={"mine": mine}) is mine
    with pytest.raises(ValueError, match=r"Unknown activation `rleu`; did you mean `relu`\?"):
        activations.get("rleu")
    with pytest.raises(ValueError, match="Expected an activation or the name of one, got 3"):
        activations.get(3)


def test_a_layer_is_no_activation() -> None:
    class LeakyReLU(Configured):
        def __call__(self, x: Any) -> Any:
            return x

    layer = LeakyReLU()
    with pytest.warns(UserWarning, match=r"LeakyReLU\(\) is a layer, not an activation function"):
        assert activations.get(layer) is layer

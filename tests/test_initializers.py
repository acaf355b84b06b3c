"""Initializers: distributions, seeds, configs, and the original's statistics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from keras import backend as K, initializers
from tests.golden.loader import Case, cases, check


def drawn(initializer: Any, shape: Any = (3, 4), dtype: str | None = None) -> Any:
    return K.eval(initializer(shape, dtype=dtype))


@pytest.mark.parametrize("case", cases("initializers2"))
def test_golden(case: Case) -> None:
    """The distribution is the original's; what doesn't depend on chance is equal."""
    made = case.decode(case["initializer"])
    values = drawn(made, tuple(case["shape"])).astype("float64")
    mean, std, _, _ = case["expect"]["stats"]
    if not case.get("exact"):
        assert values.mean() == pytest.approx(mean, abs=9 * std / math.sqrt(values.size) + 1e-7)
        assert values.std() == pytest.approx(std, rel=max(0.04, 6 / math.sqrt(values.size)))
    if "bound" in case.spec:
        low, high = case["bound"]
        margin = 0.1 * (high - low)
        assert low <= values.min() + 1e-6
        assert values.max() - 1e-6 <= high
        assert values.size < 400 or values.min() < low + margin < high - margin < values.max()
    matrix = values.reshape(-1, values.shape[-1])
    wide = matrix.shape[0] < matrix.shape[1]
    got = {
        "shape": list(values.shape),
        "config": made.get_config(),
        "out": values.astype("float32"),
        "gram": matrix @ matrix.T if wide else matrix.T @ matrix,
    }
    check(case, got, skip="stats")


@pytest.mark.parametrize(
    ("name", "scale", "mode", "distribution"),
    [
        ("glorot_uniform", 1.0, "fan_avg", "uniform"),
        ("glorot_normal", 1.0, "fan_avg", "normal"),
        ("he_normal", 2.0, "fan_in", "normal"),
        ("he_uniform", 2.0, "fan_in", "uniform"),
        ("lecun_normal", 1.0, "fan_in", "normal"),
        ("lecun_uniform", 1.0, "fan_in", "uniform"),
    ],
)
def test_variance(name: str, scale: float, mode: str, distribution: str) -> None:
    made = initializers.get(name)
    config = {"scale": scale, "mode": mode, "distribution": distribution, "seed": None}
    assert initializers.serialize(made) == {"class_name": "VarianceScaling", "config": config}
    inputs, outputs = 300, 200
    count = {"fan_in": inputs, "fan_avg": (inputs + outputs) / 2}[mode]
    assert drawn(made, (inputs, outputs)).var() == pytest.approx(scale / count, rel=0.03)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3, 4), (3, 4)), ((5, 8, 64), (40, 320)), ((2, 3, 4, 5, 6), (120, 144)), ((9,), (3, 3))],
)
def test_fans(shape: Any, expected: Any) -> None:
    assert initializers._compute_fans(shape) == expected


def test_fans_of_channels_first_kernels() -> None:
    assert initializers._compute_fans((64, 8, 3, 3), "channels_first") == (72, 576)


RANDOM = [
    initializers.RandomNormal,
    initializers.RandomUniform,
    initializers.TruncatedNormal,
    initializers.VarianceScaling,
    initializers.Orthogonal,
]


@pytest.mark.parametrize("kind", RANDOM)
def test_seeds(kind: Any) -> None:
    first, again = kind(seed=4), kind(seed=4)
    values = drawn(first)
    np.testing.assert_array_equal(values, drawn(again))
    assert not np.array_equal(values, drawn(first)), "the second weight differs from the first"
    np.testing.assert_array_equal(drawn(again), drawn(kind(seed=5)))
    assert again.get_config()["seed"] == 6


@pytest.mark.parametrize("kind", RANDOM)
def test_numpys_seed_decides_without_a_seed(kind: Any) -> None:
    np.random.seed(3)
    first = [drawn(kind()) for _ in range(2)]
    np.random.seed(3)
    again = [drawn(kind()) for _ in range(2)]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kind", [*RANDOM, initializers.Zeros, initializers.Constant])
def test_dtypes(kind: Any, dtype: str) -> None:
    assert drawn(kind(), dtype=dtype).dtype == dtype


def test_the_result_is_symbolic() -> None:
    for kind in RANDOM:
        made = kind()((2, 3))
        assert K.is_tensor(made)
        assert K.int_shape(made) == (2, 3)


def test_orthogonal_matrices_prefer_no_direction() -> None:
    signs = [np.sign(drawn(initializers.Orthogonal(seed=i), (2, 2))[0, 0]) for i in range(200)]
    assert abs(np.mean(signs)) < 0.25


def test_orthogonal_matrices_are_drawn_when_read(monkeypatch: pytest.MonkeyPatch) -> None:
    weight = K.variable(initializers.Orthogonal()((3, 3)))
    with monkeypatch.context() as patched:
        patched.setattr(np.linalg, "qr", None)
        K.set_value(weight, np.ones((3, 3)))
        assert K.eval(weight).sum() == 9


def test_a_constant_may_be_an_array() -> None:
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(drawn(initializers.Constant(values), (2, 3)), values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.VarianceScaling(scale=0.0), "needs a positive `scale`, got 0.0"),
        (lambda: initializers.VarianceScaling(mode="fan"), "'fan_in', 'fan_out' or 'fan_avg'"),
        (lambda: initializers.VarianceScaling(distribution="x"), "'normal' or 'uniform', got 'x'"),
        (lambda: initializers.Orthogonal()((3,)), r"at least 2 dimensions, got \(3,\)"),
        (lambda: initializers.Identity()((3, 3, 3)), r"needs a shape of 2 dimensions"),
        (lambda: initializers.get("glorot"), "Unknown initializer `glorot`; did you mean `glorot_"),
    ],
)
def test_messages(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_names() -> None:
    for name in initializers.registry.names():
        assert callable(initializers.get(name)), name
    assert type(initializers.get("zero")) is initializers.Zeros
    assert type(initializers.get("uniform")) is initializers.RandomUniform


def test_a_function_of_the_user() -> None:
    def mine(shape: Any, dtype: Any = None) -> Any:
        return K.ones(shape, dtype=dtype)

    assert initializers.get(mine) is mine
    assert initializers.serialize(mine) == "mine"
    assert initializers.deserialize("mine", {"mine": mine}) is mine

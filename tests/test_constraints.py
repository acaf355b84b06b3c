"""Constraints against their formulas, what they promise, and the original."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, constraints
from tests.golden.calls import results
from tests.golden.loader import Case, cases, check

W = np.random.RandomState(3).uniform(-2, 2, (5, 4)).astype("float32")


def applied(constraint: Any, w: Any = W) -> Any:
    return K.eval(constraint(K.variable(w)))


def norms(w: Any, axis: Any = 0) -> Any:
    return np.sqrt((w**2).sum(axis))


@pytest.mark.parametrize("axis", [0, 1])
def test_max_norm(axis: int) -> None:
    got = applied(constraints.MaxNorm(1.5, axis))
    expected = W * np.minimum(1, 1.5 / np.sqrt((W**2).sum(axis, keepdims=True)))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_max_norm_leaves_small_weights() -> None:
    np.testing.assert_allclose(applied(constraints.MaxNorm(100.0)), W, rtol=1e-6)
    np.testing.assert_array_equal(applied(constraints.MaxNorm(1.0), np.zeros((3, 2))), 0)


def test_non_neg() -> None:
    np.testing.assert_array_equal(applied(constraints.NonNeg()), np.maximum(W, 0))


def test_unit_norm() -> None:
    np.testing.assert_allclose(norms(applied(constraints.UnitNorm())), 1, rtol=1e-5)


def test_min_max_norm() -> None:
    got = norms(applied(constraints.MinMaxNorm(1.9, 2.1)))
    np.testing.assert_allclose(got, np.clip(norms(W), 1.9, 2.1), rtol=1e-5)


def test_min_max_norm_goes_part_of_the_way() -> None:
    got = norms(applied(constraints.MinMaxNorm(0.5, 1.0, rate=0.25)))
    expected = 0.25 * np.clip(norms(W), 0.5, 1.0) + 0.75 * norms(W)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_convolution_kernels() -> None:
    w = np.random.RandomState(0).uniform(-2, 2, (3, 3, 2, 4)).astype("float32")
    got = applied(constraints.UnitNorm(axis=[0, 1, 2]), w)
    np.testing.assert_allclose(norms(got, (0, 1, 2)), 1, rtol=1e-5)


@pytest.mark.parametrize("case", cases("named_things2", ids="^constraint"))
def test_golden(case: Case) -> None:
    check(case, results(case))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("max_norm", "MaxNorm"),
        ("maxnorm", "MaxNorm"),
        ("non_neg", "NonNeg"),
        ("unit_norm", "UnitNorm"),
        ("MinMaxNorm", "MinMaxNorm"),
    ],
)
def test_names(name: str, kind: str) -> None:
    made = constraints.get(name)
    assert type(made).__name__ == kind
    assert constraints.deserialize(constraints.serialize(made)).get_config() == made.get_config()


def test_config_and_none() -> None:
    assert constraints.serialize(constraints.MaxNorm(1.5, [0, 1])) == {
        "class_name": "MaxNorm",
        "config": {"max_value": 1.5, "axis": [0, 1]},
    }
    assert constraints.get(None) is None
    assert constraints.serialize(None) is None

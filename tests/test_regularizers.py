"""Penalties against their formulas and against the original."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from keras import backend as K, regularizers
from tests.golden.calls import results
from tests.golden.loader import Case, cases, check

X = np.array([[1.0, -2.0], [0.0, 3.0]], dtype="float32")


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (regularizers.l1(0.5), 0.5 * 6),
        (regularizers.l2(0.5), 0.5 * 14),
        (regularizers.l1_l2(0.1, 0.2), 0.1 * 6 + 0.2 * 14),
        (regularizers.L1L2(), 0.0),
        (regularizers.get("l1"), 0.01 * 6),
        (regularizers.get("l2"), 0.01 * 14),
        (regularizers.Regularizer(), 0.0),
    ],
)
def test_formula(penalty: Any, expected: float) -> None:
    assert float(K.eval(penalty(K.variable(X)))) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("case", cases("named_things2", ids="^regularizer"))
def test_golden(case: Case) -> None:
    check(case, results(case))


def test_configs() -> None:
    config = regularizers.serialize(regularizers.l1_l2(np.float32(0.25), 1))
    assert json.loads(json.dumps(config)) == {"class_name": "L1L2", "config": {"l1": 0.25, "l2": 1}}
    assert regularizers.deserialize(config).get_config() == config["config"]
    assert regularizers.get(None) is None
    assert regularizers.serialize(None) is None


def test_a_function_is_a_regularizer() -> None:
    def mine(x: Any) -> Any:
        return 2.0 * K.sum(x)

    assert regularizers.get(mine) is mine
    assert regularizers.deserialize("mine", {"mine": mine}) is mine
    assert regularizers.serialize(mine) == "mine"


def test_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"Unknown regularizer `L1L3`; did you mean `L1L2`"):
        regularizers.get("L1L3")

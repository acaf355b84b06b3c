"""The loader finds what is wrong: a comparison that can't fail is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.golden.loader import Case, cases, check

SPEC = {"id": "x", "expect": {"out": {"$a": "=out"}, "config": {"a": [1, 2.0], "b": None}}}
GOOD = {"out": np.array([1.0, 200.0]), "config": {"a": (1, 2.0), "b": None}}


@pytest.fixture
def case() -> Case:
    return Case(SPEC, {"x/=out": np.array([1.0, 200.0])}, {})


def test_what_agrees_passes(case: Case) -> None:
    check(case, GOOD)
    check(case, {**GOOD, "out": GOOD["out"] + 1e-3})  # far below 1e-5 of the largest


@pytest.mark.parametrize(
    "wrong",
    [
        {"out": np.array([1.0, 201.0])},
        {"out": np.array([[1.0, 200.0]])},
        {"out": np.array([1.0, np.nan])},
        {"config": {"a": [1, 2.0]}},
        {"config": {"a": [1, 2.1], "b": None}},
        {"config": {"a": [1, 2.0, 3], "b": None}},
        {"config": {"a": [True, 2.0], "b": None}},
        {"config": {"a": [1, 2.0], "b": 0}},
    ],
)
def test_what_differs_fails(case: Case, wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check(case, {**GOOD, **wrong})


def test_what_is_missing_fails(case: Case) -> None:
    with pytest.raises(AssertionError, match="config was not produced"):
        check(case, {"out": GOOD["out"]})
    check(case, {"out": GOOD["out"]}, skip="config")


def test_a_tolerance_of_the_case_counts() -> None:
    loose = Case({**SPEC, "tol": {"out": [0.1, 0.0]}}, {"x/=out": np.array([1.0, 200.0])}, {})
    check(loose, {**GOOD, "out": np.array([1.05, 210.0])})


def test_no_case_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no case of named_things2"):
        cases("named_things2", ids="no such case")

"""Helpers for sequences, texts and images give what the original gave."""

from __future__ import annotations

import pytest

from tests.golden.loader import Case, cases, check
from tests.golden.steps import in_any_order, results


# A generator that needs something else switched on says so; one recorded parameter is misspelt.
@pytest.mark.filterwarnings("ignore:`ImageDataGenerator`.*switched on:UserWarning")
@pytest.mark.filterwarnings(
    "ignore:`apply_transform` knows no 'channel_shift_intencity':UserWarning"
)
@pytest.mark.parametrize("case", cases("preprocessing2"))
def test_helper(case: Case) -> None:
    got = {name: in_any_order(value) for name, value in results(case).items()}
    case.spec["expect"] = {n: in_any_order(v) for n, v in case.spec["expect"].items()}
    check(case, got)

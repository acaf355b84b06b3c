"""Functions of K against what the original computed: values, static shapes, gradients."""

from __future__ import annotations

import pytest

from tests.golden.calls import results
from tests.golden.loader import Case, cases, check


@pytest.mark.parametrize("case", cases("backend2"))
def test_call(case: Case) -> None:
    check(case, results(case))

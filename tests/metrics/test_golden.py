"""Metrics batch by batch against the original."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from tests.golden.loader import Case, cases, check


@pytest.mark.parametrize(
    "case", [*cases("losses_metrics2", kind="metric"), *cases("metrics_more2", kind="metric")]
)
def test_golden(case: Case) -> None:
    K.reset_uids()  # names are numbered
    metric = case.decode(case["metric"])
    got: dict[str, Any] = {}
    for i, update in enumerate(case["updates"]):
        weight = update.get("sample_weight")
        called = metric(*case.decode(update["args"]), sample_weight=case.decode(weight))
        got[f"call{i}"] = K.eval(called)
        got[f"result{i}"] = K.eval(metric.result())
    got |= {f"state{i}": array for i, array in enumerate(metric.get_weights())}
    got |= {"config": metric.get_config(), "name": metric.name}
    metric.reset_states()
    got["after_reset"] = K.eval(metric.result())
    check(case, {name: _plain(value) for name, value in got.items()})


def _plain(value: Any) -> Any:
    """The original's scalars were recorded as arrays of no dimension or as numbers."""
    return np.asarray(value) if isinstance(value, np.generic) else value

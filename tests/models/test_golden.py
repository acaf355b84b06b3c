"""Summaries and configs of models, as the original Keras printed and returned them."""

from __future__ import annotations

import json

import pytest

from tests.golden.loader import Case, cases, check
from tests.golden.models import built


@pytest.mark.parametrize("case", cases("summary2"))
def test_summary_and_config(case: Case) -> None:
    model = built(case["model"], case)
    for name, trainable in case.get("trainable", {}).items():
        model.get_layer(name).trainable = trainable
    if case.get("compile"):
        model.compile(**case.decode(case["compile"]))
    lines: list[str] = []
    model.summary(print_fn=lines.append, **case.get("kwargs", {}))
    described = json.loads(model.to_json())
    del described["keras_version"], described["backend"]
    got = {
        "summary": lines,
        "count_params": model.count_params(),
        "config": model.get_config(),
        "json": described,
    }
    check(case, got)

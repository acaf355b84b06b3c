"""Whole trainings: histories, returned values and final weights as the original recorded them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.backend import config
from keras.callbacks import History
from tests.golden.loader import Case, cases, check
from tests.golden.models import built

# The original's `evaluate_generator` gives the last batch's loss in place of the mean, and so does
# its validation on generators. `test_generators.py` has what is right.
LAST_BATCH = {
    "fit_generator-00": "s1",
    "fit_generator-01": "s1",
    "fit_generator-03": "s1",
    "fit_generator-04": "s1|s0.val_loss",
}


def trained(case: Case) -> dict[str, Any]:
    """What the methods of a model returned, and its weights in the end."""
    np.random.seed(case["seed"])
    model = built(case["model"], case)
    for name, flag in case.get("trainable", {}).items():
        model.get_layer(name).trainable = flag
    model.compile(**case.decode(case["compile"]))
    model.set_weights([case.array(name) for name in case["weights"]])
    got: dict[str, Any] = {}
    for number, step in enumerate(case["steps"]):
        args, kwargs = case.decode(step.get("args", [])), case.decode(step.get("kwargs", {}))
        value = getattr(model, step["do"])(*args, **kwargs)
        if not step.get("ignore"):
            got.update(named(f"s{number}", value))
    got["metrics_names"] = model.metrics_names
    return {**got, **{f"final{i}": w for i, w in enumerate(model.get_weights())}}


def named(key: str, value: Any) -> dict[str, Any]:
    """A result under the names by which it was recorded."""
    if isinstance(value, History):
        found = {f"{key}.{name}": np.asarray(v) for name, v in value.history.items()}
        return {**found, f"{key}.keys": sorted(value.history), f"{key}.epoch": value.epoch}
    if isinstance(value, list) and any(isinstance(each, np.ndarray) for each in value):
        return {f"{key}.{i}": each for i, each in enumerate(value)}
    return {key: np.asarray(value)}


@pytest.mark.parametrize("case", cases("training2"))
def test_training(case: Case) -> None:
    check(case, trained(case), skip=LAST_BATCH.get(case["id"], "$^"))


@pytest.mark.parametrize("case", cases("training2", ids="|".join(f"^{n}$" for n in LAST_BATCH)))
def test_training_as_wrong_as_it_was(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config._settings, "classic_defects", True)
    check(case, trained(case))


def test_a_training_that_differs_is_noticed() -> None:
    (case,) = (c.values[0] for c in cases("training2", ids="^loss-00$"))
    got = trained(case)
    check(case, got)
    got["final0"] = got["final0"] + 1e-3
    with pytest.raises(AssertionError, match="final0"):
        check(case, got)

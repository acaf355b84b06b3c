"""Files that the originals saved: each loads, predicts what it did there, and goes on training."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers.base.calls import one_or_list
from keras.models import load_model, model_from_json, model_from_yaml
from keras.saving.pieces import leaves
from tests.golden import functions
from tests.golden.loader import HERE, Case, cases, check
from tests.golden.models import built

GROUPS = ("files", "files_later")
OWN = {
    "my_loss": functions.my_loss,
    "my_metric": functions.my_metric,
    "my_scalar_metric": functions.my_scalar_metric,
}


def loaded(case: Case, folder: Path) -> Any:
    """The model of a case, from its files."""
    path = folder / case["file"]
    # Files of Keras 1 don't say this; the other ones do, and it is they that are believed.
    backend = case.get("saved_on")
    if case["how"] == "load_model":
        return load_model(path, OWN, original_backend=backend)
    if case["how"] == "yaml":
        model = model_from_yaml(path.read_text("utf-8"))
        model.set_weights([case.array(name) for name in case["weights"]])
        return model
    if "json_file" in case.spec:
        model = model_from_json((folder / case["json_file"]).read_text("utf-8"))
    else:
        model = built(case["model"], case)
    model.load_weights(path, **case.get("kwargs", {}), original_backend=backend)
    return model


@contextmanager
def image_data_format(name: str | None) -> Iterator[None]:
    before = K.image_data_format()
    K.set_image_data_format(name or before)
    try:
        yield
    finally:
        K.set_image_data_format(before)


# What loading says of these, each for a reason.
EXPECTED_WARNINGS = (
    "`.*` is called in the terms of Keras 1",
    "The layers `.*` return zeros for masked steps",
    "`RMSprop` has its `epsilon` under the root",
)


@pytest.mark.parametrize(
    ("group", "case"),
    [pytest.param(group, *p.values, id=p.id) for group in GROUPS for p in cases(group)],
)
def test_golden(group: str, case: Case) -> None:
    with image_data_format(case.get("image_data_format")), warnings.catch_warnings():
        for message in EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message)
        model = loaded(case, HERE / group)
        x = one_or_list([case.array(name) for name in case["x"]])
        outputs = model.predict(x, batch_size=len(case.array("x0")))
        outputs = outputs if isinstance(outputs, list) else [outputs]
        got: dict[str, Any] = {f"out{i}": y for i, y in enumerate(outputs)}
        if case.get("train"):
            model.reset_states()
            y = one_or_list([case.array(name) for name in case["train"]["y"]])
            got["train_loss"] = np.asarray(model.train_on_batch(x, y))
            after = model.get_weights()
            if case.get("by_leaf"):  # later versions: the first number, and weights layer by layer
                got["train_loss"] = got["train_loss"].reshape(-1)[0]
                after = [K.get_value(w) for leaf in leaves(model) for w in leaf.weights]
            got |= {f"after{i}": w for i, w in enumerate(after)}
    check(case, got)

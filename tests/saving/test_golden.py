"""Files that the originals saved: each loads, predicts what it did there, and goes on training."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers.base.calls import one_or_list
from keras.models import load_model, model_from_json, model_from_yaml
from tests.golden import functions
from tests.golden.loader import HERE, Case, cases, check
from tests.golden.models import built

FILES = HERE / "files"
OWN = {
    "my_loss": functions.my_loss,
    "my_metric": functions.my_metric,
    "my_scalar_metric": functions.my_scalar_metric,
}


def loaded(case: Case) -> Any:
    """The model of a case, from its files."""
    path = FILES / case["file"]
    # Files of Keras 1 don't say this; the other ones do, and it is they that are believed.
    backend = case.get("saved_on")
    if case["how"] == "load_model":
        return load_model(path, OWN, original_backend=backend)
    if case["how"] == "yaml":
        model = model_from_yaml(path.read_text("utf-8"))
        model.set_weights([case.array(name) for name in case["weights"]])
        return model
    if "json_file" in case.spec:
        model = model_from_json((FILES / case["json_file"]).read_text("utf-8"))
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


@pytest.mark.parametrize("case", cases("files"))
def test_golden(case: Case) -> None:
    with image_data_format(case.get("image_data_format")), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`.*` is called in the terms of Keras 1")
        model = loaded(case)
        x = one_or_list([case.array(name) for name in case["x"]])
        outputs = model.predict(x, batch_size=len(case.array("x0")))
        outputs = outputs if isinstance(outputs, list) else [outputs]
        got: dict[str, Any] = {f"out{i}": y for i, y in enumerate(outputs)}
        if case.get("train"):
            model.reset_states()
            y = one_or_list([case.array(name) for name in case["train"]["y"]])
            got["train_loss"] = np.asarray(model.train_on_batch(x, y))
            got |= {f"after{i}": w for i, w in enumerate(model.get_weights())}
    check(case, got)

"""Metrics that later versions left out, and functions whose result is a dict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K, metrics
from keras.layers import Dense, Input
from keras.legacy import metrics as own
from keras.models import Model, Sequential, load_model

TRUE = np.array([1, 0, 1, 1, 0, 0, 1, 0], "float32")
SAID = np.array([0.9, 0.8, 0.2, 0.7, 0.1, 0.4, 0.6, 0.3], "float32")
TP, FP, FN, TN = 3, 1, 1, 3  # counted by hand


def f(beta: float) -> float:
    p, r = TP / (TP + FP), TP / (TP + FN)
    return (1 + beta**2) * p * r / (beta**2 * p + r)


VALUES: dict[str, float] = {
    "f1score": f(1),
    "fbeta_score": f(1),
    "fmeasure": f(1),
    "fscore": f(1),
    "matthews_correlation": (TP * TN - FP * FN) / 16,
    "precision": TP / (TP + FP),
    "recall": TP / (TP + FN),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    function = getattr(metrics, name)
    made = K.eval(function(K.constant(TRUE), K.constant(SAID)))
    assert float(made) == pytest.approx(VALUES[name], abs=1e-5)
    assert metrics.get(name) is function


@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_beta(beta: float) -> None:
    made = K.eval(metrics.fbeta_score(K.constant(TRUE), K.constant(SAID), beta))
    assert float(made) == pytest.approx(f(beta), abs=1e-5)


def test_without_positives_and_with_a_wrong_beta() -> None:
    assert float(K.eval(metrics.fmeasure(K.zeros((4,)), K.ones((4,))))) == 0
    with pytest.raises(ValueError, match="`beta` isn't negative, got -1"):
        metrics.fbeta_score(TRUE, SAID, -1)


def through() -> Sequential:
    """A model that returns its inputs."""
    return Sequential([Dense(1, use_bias=False, kernel_initializer="ones", input_dim=1)])


def test_they_are_averaged_over_batches_by_samples() -> None:
    """As Keras 1 did: not what all samples together would give."""
    model = through()
    model.compile("sgd", "mse", metrics=["precision", own.recall])
    x, y = SAID[:, None], TRUE[:, None]
    _, precision, recall = model.evaluate(x, y, batch_size=6, verbose=0)
    assert model.metrics_names == ["loss", "precision", "recall"]
    assert precision == pytest.approx((2 / 3 * 6 + 1 * 2) / 8, abs=1e-5)
    assert recall == pytest.approx((2 / 3 * 6 + 1 * 2) / 8, abs=1e-5)


def rates(y_true: Any, y_pred: Any) -> Any:
    return {
        "false_neg": K.mean(y_true * (1 - y_pred)),
        "false_pos": K.mean((1 - y_true) * y_pred),
    }


def test_a_function_that_returns_a_dict() -> None:
    model = through()
    model.compile("sgd", "mse", metrics=["mae", rates, "acc"])
    x, y = SAID[:, None], TRUE[:, None]
    assert model.metrics_names == ["loss", "mae", "false_neg", "false_pos", "acc"]
    found = dict(
        zip(model.metrics_names, model.evaluate(x, y, batch_size=3, verbose=0), strict=True)
    )
    assert found["false_neg"] == pytest.approx((y * (1 - x)).mean(), abs=1e-5)
    assert found["false_pos"] == pytest.approx(((1 - y) * x).mean(), abs=1e-5)
    assert {"false_neg", "val_false_pos"} <= model.fit(
        x, y, validation_split=0.5, verbose=0
    ).history.keys()


@pytest.mark.parametrize(
    "given", [[rates], {"b": rates}, [["mae"], [rates]], {"a": ["mae"], "b": [rates, "mae"]}]
)
def test_several_outputs(given: Any) -> None:
    x = Input((1,))
    model = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    model.compile("sgd", "mse", metrics=given)
    assert {"b_false_neg", "b_false_pos"} <= set(model.metrics_names)
    assert ("a_false_neg" in model.metrics_names) == (given == [rates])


def test_files_name_them(tmp_path: Path) -> None:
    model = through()
    model.compile("sgd", "mse", metrics=["fmeasure"])
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    x, y = SAID[:, None], TRUE[:, None]
    assert again.metrics_names == ["loss", "fmeasure"]
    assert again.evaluate(x, y, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0))

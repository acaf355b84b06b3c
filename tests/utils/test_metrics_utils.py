"""Counts of decisions at thresholds, by the classic path, against counts in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.utils import metrics_utils
from keras.utils.metrics_utils import (
    AUCCurve,
    AUCSummationMethod,
    ConfusionMatrix,
    update_confusion_matrix_variables,
    weighted_assign_add,
)


def run(updates: Any) -> None:
    K.function([], [], updates=updates)([])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("options", [{}, {"class_id": 1}, {"top_k": 2}])
def test_counts(weighted: bool, options: dict[str, Any]) -> None:
    true = np.random.randint(0, 2, (6, 4)).astype("float32")
    pred = np.random.permutation(24).reshape(6, 4).astype("float32") / 24
    thresholds = [0.2, 0.65]
    weight = np.random.uniform(0.5, 2, 6).astype("float32") if weighted else None
    variables = {kind: K.zeros((2,)) for kind in ConfusionMatrix}
    for _ in range(2):  # they add up
        run(
            update_confusion_matrix_variables(
                variables,
                K.constant(true),
                K.constant(pred),
                thresholds,
                sample_weight=None if weight is None else K.constant(weight),
                **options,
            )
        )
    kept = np.argsort(np.argsort(-pred, axis=1), axis=1) < options.get("top_k", 4)
    columns = [options["class_id"]] if "class_id" in options else slice(None)
    each = np.ones(6) if weight is None else weight
    for number, threshold in enumerate(thresholds):
        above = ((pred > threshold) & kept)[:, columns]
        real = true[:, columns] == 1
        expected = {
            "TRUE_POSITIVES": above & real,
            "FALSE_POSITIVES": above & ~real,
            "TRUE_NEGATIVES": ~above & ~real,
            "FALSE_NEGATIVES": ~above & real,
        }
        for name, which in expected.items():
            found = K.get_value(variables[ConfusionMatrix[name]])[number]
            assert found == pytest.approx(2 * (which * each[:, None]).sum(), rel=1e-5)


def test_variables_for_something_else() -> None:
    for variables in ({}, {"tp": K.zeros((1,))}):
        with pytest.raises(ValueError, match="members of `ConfusionMatrix`"):
            update_confusion_matrix_variables(variables, K.ones((2,)), K.ones((2,)))


@pytest.mark.parametrize("weights", [None, np.array([[1.0, 2.0], [0.5, 4.0]])])
def test_weighted_addition(weights: Any) -> None:
    label, pred = np.array([[1, 1], [1, 1]], bool), np.array([[1, 0], [1, 1]], bool)
    total = K.variable([10.0, 20.0])
    weight = None if weights is None else K.constant(weights)
    run([weighted_assign_add(K.constant(label, "bool"), K.constant(pred, "bool"), weight, total)])
    expected = ((label & pred) * (1 if weights is None else weights)).sum(axis=1)
    np.testing.assert_allclose(K.get_value(total) - [10, 20], expected)


def test_names_of_curves() -> None:
    assert AUCCurve.from_str("pr") is AUCCurve.PR
    assert AUCSummationMethod.from_str("Interpolation") is AUCSummationMethod.INTERPOLATION
    with pytest.raises(ValueError, match="`AUCCurve` is one of 'ROC', 'PR', got 'f1'"):
        AUCCurve.from_str("f1")


def test_thresholds() -> None:
    assert metrics_utils.parse_init_thresholds(None, 0.7) == [0.7]
    assert metrics_utils.parse_init_thresholds(0.3) == [0.3]
    metrics_utils.assert_thresholds_range([0, 0.5, 1])
    for wrong in ([-0.1], [0.3, 1.2], [None], None):
        with pytest.raises(ValueError, match="between 0 and 1"):
            metrics_utils.assert_thresholds_range(wrong)


def test_decorators_leave_methods_as_they_are() -> None:
    def method(self: Any) -> int:
        return 3

    assert metrics_utils.update_state_wrapper(method)(None) == 3
    assert metrics_utils.result_wrapper(method)(None) == 3

"""Counts at thresholds, rates and areas, against straightforward loops and known curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from keras import backend as K, metrics

RANDOM = np.random.RandomState(5)
T = RANDOM.randint(0, 2, 300)
P = np.clip(0.35 * T + RANDOM.uniform(0, 0.65, 300), 0, 1)
W = RANDOM.uniform(0, 2, 300)


def value(metric: Any, t: Any = T, p: Any = P, weight: Any = None) -> Any:
    weight = None if weight is None else K.variable(weight)
    return K.eval(metric(K.variable(t), K.variable(p), sample_weight=weight))


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9])
def test_counts(threshold: float) -> None:
    above, positive = threshold < P, T == 1
    for kind, decided in [
        (metrics.TruePositives, above & positive),
        (metrics.TrueNegatives, ~above & ~positive),
        (metrics.FalsePositives, above & ~positive),
        (metrics.FalseNegatives, ~above & positive),
    ]:
        assert float(value(kind(threshold))) == decided.sum()
        assert float(value(kind(threshold), weight=W)) == pytest.approx(W[decided].sum(), rel=1e-5)


def test_several_thresholds_give_several_numbers() -> None:
    got = value(metrics.TruePositives([0.2, 0.8]))
    np.testing.assert_array_equal(got, [(T[P > 0.2] == 1).sum(), (T[P > 0.8] == 1).sum()])


def test_precision_and_recall() -> None:
    above = P > 0.5
    assert float(value(metrics.Precision())) == pytest.approx(T[above].mean(), rel=1e-6)
    assert float(value(metrics.Recall())) == pytest.approx(above[T == 1].mean(), rel=1e-6)
    assert float(value(metrics.Precision(), T, np.zeros(300))) == 0.0


def test_top_k_and_class() -> None:
    scores, hot = RANDOM.uniform(size=(50, 6)), np.eye(6)[RANDOM.randint(0, 6, 50)]
    best = np.zeros_like(scores)
    np.put_along_axis(best, np.argsort(-scores)[:, :2], 1, -1)
    got = value(metrics.Precision(top_k=2), hot, scores)
    assert float(got) == pytest.approx((best * hot).sum() / best.sum(), rel=1e-6)
    got = value(metrics.Recall(top_k=2, class_id=3), hot, scores)
    assert float(got) == pytest.approx((best * hot)[:, 3].sum() / hot[:, 3].sum(), rel=1e-6)


def test_of_equal_scores_the_first_are_the_largest() -> None:
    got = value(metrics.TruePositives(), [[1, 0, 0]], [[0.9, 0.9, 0.9]])
    assert float(got) == 1.0
    one = metrics.Precision(top_k=1)
    assert float(value(one, [[1, 0, 0]], [[0.9, 0.9, 0.9]])) == 1.0
    assert float(value(metrics.Precision(top_k=1), [[0, 1, 0]], [[0.9, 0.9, 0.9]])) == 0.0


def test_area_under_roc() -> None:
    assert float(value(metrics.AUC(2000))) == pytest.approx(roc_auc_score(T, P), abs=1e-3)
    weighted = roc_auc_score(T, P, sample_weight=W)
    assert float(value(metrics.AUC(2000), weight=W)) == pytest.approx(weighted, abs=1e-3)


def test_area_under_pr() -> None:
    got = float(value(metrics.AUC(2000, curve="PR")))
    assert got == pytest.approx(average_precision_score(T, P), abs=5e-3)


@pytest.mark.parametrize("curve", ["ROC", "PR"])
def test_minoring_and_majoring_enclose_interpolation(curve: str) -> None:
    low, mid, high = (
        float(value(metrics.AUC(50, curve, method)))
        for method in ("minoring", "interpolation", "majoring")
    )
    assert low < mid < high


def test_perfect_and_useless_predictions() -> None:
    assert float(value(metrics.AUC(), T, T * 0.8 + 0.1)) == pytest.approx(1.0)
    assert float(value(metrics.AUC(), T, np.full(300, 0.4))) == pytest.approx(0.5)
    assert float(value(metrics.AUC(curve="PR"), T, T * 0.8 + 0.1)) == pytest.approx(1.0)


def test_thresholds_of_the_user() -> None:
    auc = metrics.AUC(thresholds=[0.7, 0.1])
    assert auc.get_config()["thresholds"] == [0.1, 0.7]
    assert auc.get_config()["num_thresholds"] == 4
    again = metrics.deserialize(metrics.serialize(auc))
    assert again.thresholds == auc.thresholds


def test_rate_at_rate() -> None:
    thresholds = [-1e-7, *(np.arange(1, 199) / 199), 1 + 1e-7]
    sensitivity = np.array([(t < P)[T == 1].mean() for t in thresholds])
    specificity = np.array([(t >= P)[T == 0].mean() for t in thresholds])
    wanted = sensitivity[np.argmin(abs(specificity - 0.7))]
    assert float(value(metrics.SensitivityAtSpecificity(0.7))) == pytest.approx(wanted, rel=1e-5)
    wanted = specificity[np.argmin(abs(sensitivity - 0.7))]
    assert float(value(metrics.SpecificityAtSensitivity(0.7))) == pytest.approx(wanted, rel=1e-5)


def test_mean_iou() -> None:
    t, p = RANDOM.randint(0, 3, 100), RANDOM.randint(0, 3, 100)
    table = confusion_matrix(t, p)
    each = np.diag(table) / (table.sum(0) + table.sum(1) - np.diag(table))
    assert float(value(metrics.MeanIoU(3), t, p)) == pytest.approx(each.mean(), rel=1e-6)
    # A class that never occurs doesn't count.
    assert float(value(metrics.MeanIoU(5), t, p)) == pytest.approx(each.mean(), rel=1e-6)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_accuracy(k: int) -> None:
    scores, classes = RANDOM.uniform(size=(40, 6)), RANDOM.randint(0, 6, 40)
    right = np.mean([c in np.argsort(-s)[:k] for s, c in zip(scores, classes, strict=True)])
    sparse = metrics.SparseTopKCategoricalAccuracy(k)
    assert float(value(sparse, classes, scores)) == pytest.approx(right, rel=1e-6)
    hot = metrics.TopKCategoricalAccuracy(k)
    assert float(value(hot, np.eye(6)[classes], scores)) == pytest.approx(right, rel=1e-6)


def test_targets_may_be_columns() -> None:
    column = value(metrics.SparseCategoricalAccuracy(), T[:, None], np.stack([1 - P, P], -1))
    row = value(metrics.SparseCategoricalAccuracy(), T, np.stack([1 - P, P], -1))
    assert float(column) == float(row) == pytest.approx(((P > 0.5) == T).mean())
    assert float(value(metrics.BinaryAccuracy(), T[:, None], P[:, None])) == float(row)


def test_sequences() -> None:
    """Accuracy of classes at each step of a sequence: (batch, time, classes)."""
    scores, classes = RANDOM.uniform(size=(4, 5, 3)), RANDOM.randint(0, 3, (4, 5))
    right = (scores.argmax(-1) == classes).mean()
    got = value(metrics.SparseCategoricalAccuracy(), classes, scores)
    assert float(got) == pytest.approx(right, rel=1e-6)
    got = value(metrics.SparseCategoricalAccuracy(), classes[..., None], scores)
    assert float(got) == pytest.approx(right, rel=1e-6)

"""What every metric does: names, weights, configs, calls, subclasses of the user."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from keras import backend as K, metrics

T = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
P = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.3, 0.6], [0.3, 0.4, 0.3]])

REQUIRED: dict[str, dict[str, Any]] = {
    "MeanIoU": {"num_classes": 3},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "Reduce": {"reduction": "sum_over_batch_size", "name": "reduce"},
}
ABSTRACT = {"Metric", "SensitivitySpecificityBase", "MeanMetricWrapper"}
CLASSES = {
    name: kind
    for name, kind in vars(metrics).items()
    if inspect.isclass(kind) and issubclass(kind, metrics.Metric) and name not in ABSTRACT
}


def made(name: str, /, **more: Any) -> Any:
    return CLASSES[name](**{**REQUIRED.get(name, {}), **more})


def call(metric: Any) -> Any:
    """A call with a batch that suits the metric."""
    if type(metric) in (metrics.Sum, metrics.Mean, metrics.Reduce):
        return metric(K.variable(P))
    if isinstance(metric, metrics.MeanIoU):
        return metric(K.variable(T.argmax(-1)), K.variable(P.argmax(-1)))
    targets = T.argmax(-1) if type(metric).__name__.startswith("Sparse") else T
    return metric(K.variable(targets), K.variable(P))


@pytest.mark.parametrize("name", CLASSES)
def test_contract(name: str) -> None:
    metric = made(name)
    called = call(metric)
    assert K.is_tensor(called)
    assert all(K.int_shape(w) is not None for w in metric.weights)
    before = metric.get_weights()
    first = K.eval(called)
    np.testing.assert_allclose(first, K.eval(metric.result()), rtol=1e-6)
    changed = [not np.array_equal(a, b) for a, b in zip(before, metric.get_weights(), strict=True)]
    assert any(changed)
    if name not in ("Sum", "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"):
        np.testing.assert_allclose(K.eval(called), first, rtol=1e-5)  # the same batch once more
    metric.reset_states()
    assert all(not array.any() for array in metric.get_weights())
    np.testing.assert_allclose(K.eval(called), first, rtol=1e-5)
    saved = metric.get_weights()
    metric.reset_states()
    metric.set_weights(saved)
    np.testing.assert_allclose(K.eval(metric.result()), first, rtol=1e-6)


@pytest.mark.parametrize("name", CLASSES)
def test_configs(name: str) -> None:
    metric = made(name, name="mine", dtype="float64")
    assert metric.get_config() | {"name": "mine", "dtype": "float64"} == metric.get_config()
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    assert metrics.clone_metric(metric).get_config() == metric.get_config()
    assert call(metric).dtype == "float64"


def test_names_are_numbered() -> None:
    K.reset_uids()
    assert [metrics.Precision().name for _ in range(2)] == ["precision_1", "precision_2"]
    assert [metrics.AUC().name, metrics.TruePositives().name] == ["auc_1", "true_positives_1"]
    assert [metrics.MeanIoU(2).name for _ in range(2)] == ["mean_io_u", "mean_io_u_1"]
    assert metrics.MeanSquaredError().name == "mean_squared_error"


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("BinaryAccuracy", ["name", "dtype", "threshold"]),
        ("TopKCategoricalAccuracy", ["k", "name", "dtype"]),
        ("MeanIoU", ["num_classes", "name", "dtype"]),
        ("Precision", ["thresholds", "top_k", "class_id", "name", "dtype"]),
        ("SensitivityAtSpecificity", ["specificity", "num_thresholds", "name", "dtype"]),
        (
            "AUC",
            ["num_thresholds", "curve", "summation_method", "name", "dtype", "thresholds"],
        ),
        ("CosineSimilarity", ["name", "dtype", "axis"]),
        ("BinaryCrossentropy", ["name", "dtype", "from_logits", "label_smoothing"]),
        ("Reduce", ["reduction", "name", "dtype"]),
        ("Mean", ["name", "dtype"]),
    ],
)
def test_classic_order_of_arguments(kind: str, arguments: list[str]) -> None:
    assert list(inspect.signature(CLASSES[kind]).parameters) == arguments


def test_batches_come_together() -> None:
    metric = metrics.MeanSquaredError()
    x, y = K.placeholder((None, 3)), K.placeholder((None, 3))
    step = K.function([x, y], [metric(x, y)])
    step([T[:3], P[:3]])
    got = step([T[3:], P[3:]])[0]
    assert float(got) == pytest.approx(((T - P) ** 2).mean(), rel=1e-6)
    assert len(metric.updates) == 2


def test_sample_weights() -> None:
    weight = np.array([1.0, 0.0, 2.0, 0.5])
    metric = metrics.CategoricalAccuracy()
    got = K.eval(metric(K.variable(T), K.variable(P), sample_weight=K.variable(weight)))
    right = T.argmax(-1) == P.argmax(-1)
    assert float(got) == pytest.approx((right * weight).sum() / weight.sum())


def test_mean_over_no_numbers_is_nan() -> None:
    assert np.isnan(K.eval(metrics.Mean().result()))


def test_sums_and_means_of_numbers() -> None:
    values, weight = K.variable([1.0, 3.0, 5.0, 7.0]), K.variable([1.0, 1.0, 0.0, 0.0])
    assert float(K.eval(metrics.Mean()(values))) == 4.0
    assert float(K.eval(metrics.Mean()(values, sample_weight=weight))) == 2.0
    assert float(K.eval(metrics.Sum()(values, sample_weight=weight))) == 4.0
    by_size = metrics.Reduce("sum_over_batch_size", "r")
    assert float(K.eval(by_size(values, sample_weight=weight))) == 1.0


def test_wrapper() -> None:
    def distance(y_true: Any, y_pred: Any, power: int = 1) -> Any:
        return K.mean(K.abs(y_true - y_pred) ** power, axis=-1)

    metric = metrics.MeanMetricWrapper(distance, power=2)
    assert metric.name == "distance"
    got = K.eval(metric(K.variable(T), K.variable(P)))
    assert float(got) == pytest.approx(((T - P) ** 2).mean(), rel=1e-5)
    assert metric.get_config() == {"name": "distance", "dtype": "float32", "power": 2}


# ---- metrics of the user


class BinaryTruePositives(metrics.Metric):
    """As classic documents write them."""

    def __init__(self, name: str = "binary_true_positives", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(name="tp", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        both = K.cast(K.greater(y_true * y_pred, 0.5), "float32")
        return K.update_add(self.true_positives, K.sum(both))

    def result(self) -> Any:
        return self.true_positives


def test_a_users_metric() -> None:
    metric = BinaryTruePositives()
    called = metric(K.variable(T), K.variable(P))
    assert [float(K.eval(called)), float(K.eval(called))] == [2.0, 4.0]
    assert float(K.eval(metric.result())) == 4.0
    assert metrics.get(metric) is metric
    again = metrics.deserialize(
        metrics.serialize(metric), {"BinaryTruePositives": BinaryTruePositives}
    )
    assert again.name == "binary_true_positives"


def test_updates_that_the_result_does_not_need_are_carried_out() -> None:
    class Counting(BinaryTruePositives):
        def __init__(self) -> None:
            super().__init__()
            self.state = {"calls": self.add_weight("calls"), "pairs": [self.add_weight("pair")]}

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            self.add_update((self.state["calls"], self.state["calls"] + 1.0))
            return [super().update_state(y_true, y_pred), [K.update(self.state["pairs"][0], 7.0)]]

        def result(self) -> Any:
            return self.true_positives + 100 * self.state["pairs"][0]

    metric = Counting()
    assert float(K.eval(metric(K.variable(T), K.variable(P)))) == 702.0
    assert [float(w) for w in metric.get_weights()] == [2.0, 1.0, 7.0]
    assert len(metric.updates) == 3


def test_functions_are_metrics() -> None:
    def mean_pred(y_true: Any, y_pred: Any) -> Any:
        return K.mean(y_pred)

    assert metrics.get(mean_pred) is mean_pred
    assert metrics.clone_metrics([mean_pred]) == [mean_pred]
    assert metrics.get("mse") is metrics.mean_squared_error


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: metrics.get("acuracy"), ValueError, "Unknown metric `acuracy`; did you mean"),
        (lambda: metrics.Reduce("max", "r"), ValueError, "'weighted_mean', got 'max'"),
        (lambda: metrics.Precision(thresholds=1.5), ValueError, "thresholds between 0 and 1, got"),
        (lambda: metrics.AUC(curve="X"), ValueError, "`curve` is 'ROC' or 'PR', got 'X'"),
        (lambda: metrics.AUC(summation_method="X"), ValueError, "'majoring', got 'X'"),
        (lambda: metrics.AUC(num_thresholds=1), ValueError, "at least 2, got 1"),
        (lambda: metrics.AUC(thresholds=[0.5, 2.0]), ValueError, r"got \[0.5, 2.0\]"),
        (lambda: metrics.SensitivityAtSpecificity(1.5), ValueError, "between 0 and 1, got 1.5"),
        (lambda: metrics.SpecificityAtSensitivity(0.5, 0), ValueError, "above 0, got 0"),
        (lambda: metrics.Mean().set_weights([1.0]), ValueError, "has 2 weight.* got 1 array"),
        (lambda: metrics.Metric().result(), NotImplementedError, "needs a method `result`"),
        (lambda: metrics.Metric()(1), NotImplementedError, "needs a method `update_state`"),
    ],
)
def test_messages(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()

"""Loss objects: weights, reductions, configs, names."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from keras import backend as K, losses
from keras.losses import Reduction

T = np.random.RandomState(1).uniform(0.1, 0.9, (4, 3)).astype("float32")
P = np.random.RandomState(2).uniform(0.1, 0.9, (4, 3)).astype("float32")
W = np.array([0.5, 0.0, 2.0, 1.0], dtype="float32")
EACH = ((P - T) ** 2).mean(-1)

CLASSES = [
    kind
    for kind in vars(losses).values()
    if inspect.isclass(kind) and issubclass(kind, losses.Loss) and kind.function is not None
]


def value(loss: Any, weight: Any = None) -> Any:
    return K.eval(loss(K.variable(T), K.variable(P), sample_weight=weight))


@pytest.mark.parametrize(
    ("reduction", "weight", "expected"),
    [
        ("none", None, EACH),
        ("none", W, EACH * W),
        ("sum", None, EACH.sum()),
        ("sum", W, (EACH * W).sum()),
        ("sum_over_batch_size", None, EACH.mean()),
        ("sum_over_batch_size", W, (EACH * W).sum() / 4),
        ("sum_over_batch_size", W[:, None], (EACH * W).sum() / 4),
        ("sum", 2.5, 2.5 * EACH.sum()),
    ],
)
def test_weights_and_reductions(reduction: str, weight: Any, expected: Any) -> None:
    weight = K.variable(weight) if isinstance(weight, np.ndarray) else weight
    got = value(losses.MeanSquaredError(reduction), weight)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_weights_of_elementwise_losses() -> None:
    each = (P - T) ** 2 / 2  # all errors are below delta
    got = value(losses.Huber(), K.variable(W))
    np.testing.assert_allclose(got, (each * W[:, None]).mean(), rtol=1e-5)


@pytest.mark.parametrize("kind", CLASSES)
def test_names_and_configs(kind: Any) -> None:
    loss = kind()
    assert loss.name == kind.function.__name__
    config = losses.serialize(loss)
    assert config["class_name"] == kind.__name__
    again = losses.deserialize(config)
    assert type(again) is kind
    assert again.get_config() == loss.get_config()
    assert type(losses.get(kind.__name__)) is kind


@pytest.mark.parametrize("kind", CLASSES)
def test_classic_order_of_arguments(kind: Any) -> None:
    arguments = list(inspect.signature(kind).parameters)
    assert arguments[-2:] == ["reduction", "name"]
    own = [p for p in inspect.signature(kind.function).parameters if p not in ("y_true", "y_pred")]
    assert set(arguments[:-2]) <= set(own)


def test_arguments_reach_the_function() -> None:
    loss = losses.BinaryCrossentropy(True, 0.2, Reduction.SUM, "mine")
    expected = K.eval(losses.binary_crossentropy(K.variable(T), K.variable(P), True, 0.2)).sum()
    assert value(loss) == pytest.approx(expected, rel=1e-5)
    assert loss.get_config() == {
        "reduction": "sum",
        "name": "mine",
        "from_logits": True,
        "label_smoothing": 0.2,
    }


def test_classic_subclass() -> None:
    class Mine(losses.Loss):
        def __init__(self, factor: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return self.factor * K.mean(K.square(y_pred - y_true), axis=-1)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    assert value(Mine(3.0, reduction="sum", name="m")) == pytest.approx(3 * EACH.sum(), rel=1e-5)
    again = losses.deserialize(losses.serialize(Mine(3.0)), {"Mine": Mine})
    assert again.factor == 3.0


def test_wrapper() -> None:
    loss = losses.LossFunctionWrapper(losses.huber_loss, name="h", delta=0.1)
    assert value(loss) == pytest.approx(value(losses.Huber(0.1)), rel=1e-6)
    assert loss.get_config() == {
        "reduction": "sum_over_batch_size",
        "name": "h",
        "delta": 0.1,
    }


def test_is_categorical_crossentropy() -> None:
    yes = [
        "categorical_crossentropy",
        losses.categorical_crossentropy,
        losses.CategoricalCrossentropy(),
        losses.LossFunctionWrapper(losses.categorical_crossentropy),
    ]
    assert all(losses.is_categorical_crossentropy(loss) for loss in yes)
    assert not losses.is_categorical_crossentropy("mse")
    assert not losses.is_categorical_crossentropy(losses.BinaryCrossentropy())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.Huber(reduction="mean"), "A reduction is one of none, sum, sum_over_batch"),
        (lambda: losses.get("mean_square_error"), "Unknown loss `mean_square_error`; did you mean"),
        (lambda: losses.get(7), "Expected a loss or the name of one, got 7"),
    ],
)
def test_messages(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_loss_without_call_says_so() -> None:
    with pytest.raises(
        NotImplementedError, match=r"`Loss` needs a method `call\(y_true, y_pred\)`"
    ):
        losses.Loss()(K.variable(T), K.variable(P))


def test_none() -> None:
    assert losses.get(None) is None
    assert losses.serialize(None) is None

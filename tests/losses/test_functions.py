"""Loss functions against formulas in numpy and against the original."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K, losses
from tests.golden.calls import results
from tests.golden.loader import Case, cases, check

EPSILON = 1e-7
RANDOM = np.random.RandomState(7)
ANY = (RANDOM.uniform(-2, 2, (4, 3)), RANDOM.uniform(-2, 2, (4, 3)))
SHARES = (RANDOM.dirichlet([1, 1, 1], 4), RANDOM.dirichlet([1, 1, 1], 4))
HOT = (np.eye(3)[[0, 2, 1, 1]], SHARES[1])
SIGNS = (RANDOM.choice([-1.0, 1.0], (4, 3)), ANY[1])
NUMBERS = (np.array([0, 2, 1, 1]), SHARES[1])


def cosine(t: Any, p: Any) -> Any:
    return -(t * p).sum(-1) / (np.linalg.norm(t, axis=-1) * np.linalg.norm(p, axis=-1))


SAMPLES: dict[str, tuple[tuple[Any, Any], Callable[[Any, Any], Any]]] = {
    "mean_squared_error": (ANY, lambda t, p: ((p - t) ** 2).mean(-1)),
    "mean_absolute_error": (ANY, lambda t, p: abs(p - t).mean(-1)),
    "mean_absolute_percentage_error": (ANY, lambda t, p: 100 * abs((p - t) / t).mean(-1)),
    "mean_squared_logarithmic_error": (
        ANY,
        lambda t, p: ((np.log1p(p.clip(EPSILON)) - np.log1p(t.clip(EPSILON))) ** 2).mean(-1),
    ),
    "squared_hinge": (SIGNS, lambda t, p: (np.maximum(1 - t * p, 0) ** 2).mean(-1)),
    "hinge": (SIGNS, lambda t, p: np.maximum(1 - t * p, 0).mean(-1)),
    "categorical_hinge": (
        HOT,
        lambda t, p: np.maximum(((1 - t) * p).max(-1) - (t * p).sum(-1) + 1, 0),
    ),
    "logcosh": (ANY, lambda t, p: np.log(np.cosh(p - t)).mean(-1)),
    "huber_loss": (
        ANY,
        lambda t, p: np.where(abs(p - t) <= 1, (p - t) ** 2 / 2, abs(p - t) - 0.5),
    ),
    "categorical_crossentropy": (HOT, lambda t, p: -(t * np.log(p)).sum(-1)),
    "sparse_categorical_crossentropy": (
        NUMBERS,
        lambda t, p: -np.log(np.take_along_axis(p, t[:, None], -1))[:, 0],
    ),
    "binary_crossentropy": (
        SHARES,
        lambda t, p: -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(-1),
    ),
    "kullback_leibler_divergence": (SHARES, lambda t, p: (t * np.log(t / p)).sum(-1)),
    "poisson": (SHARES, lambda t, p: (p - t * np.log(p)).mean(-1)),
    "cosine_proximity": (ANY, cosine),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_formula(name: str) -> None:
    (t, p), formula = SAMPLES[name]
    got = K.eval(losses.get(name)(K.variable(t), K.variable(p)))
    np.testing.assert_allclose(got, formula(t, p), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", SAMPLES)
def test_arrays_are_computed_at_once(name: str) -> None:
    (t, p), formula = SAMPLES[name]
    np.testing.assert_allclose(np.asarray(losses.get(name)(t, p)), formula(t, p), atol=1e-6)


def test_each_function_has_a_sample() -> None:
    aliases = {"mse", "mae", "mape", "msle", "kld", "cosine", "cosine_similarity"}
    functions = {name for name in losses.registry.names() if name.islower()} - aliases
    helpers = {"broadcast_weights", "compute_weighted_loss", "is_categorical_crossentropy"}
    assert functions - helpers == set(SAMPLES)


@pytest.mark.parametrize("case", cases("losses_metrics2", kind="call"))
def test_golden(case: Case) -> None:
    check(case, results(case))


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_hinge_takes_zero_for_minus_one(name: str) -> None:
    t, p = SIGNS
    loss = losses.get(name)
    from_zeros = K.eval(loss(K.variable((t + 1) / 2), K.variable(p)))
    np.testing.assert_allclose(from_zeros, K.eval(loss(K.variable(t), K.variable(p))), rtol=1e-6)


def test_label_smoothing() -> None:
    t, p = HOT
    got = losses.categorical_crossentropy(K.variable(t), K.variable(p), label_smoothing=0.3)
    expected = SAMPLES["categorical_crossentropy"][1](0.7 * t + 0.1, p)
    np.testing.assert_allclose(K.eval(got), expected, rtol=1e-5)
    got = losses.binary_crossentropy(K.variable(t), K.variable(p), label_smoothing=0.2)
    expected = SAMPLES["binary_crossentropy"][1](0.8 * t + 0.1, p)
    np.testing.assert_allclose(K.eval(got), expected, rtol=1e-5)


def test_logits_and_probabilities_agree() -> None:
    t, x = K.variable(HOT[0]), K.variable(ANY[0])
    for loss, link in [
        (losses.categorical_crossentropy, K.softmax),
        (losses.binary_crossentropy, K.sigmoid),
    ]:
        from_logits = K.eval(loss(t, x, from_logits=True))
        np.testing.assert_allclose(K.eval(loss(t, link(x))), from_logits, rtol=1e-5)


def test_integer_targets() -> None:
    t = K.variable(HOT[0].astype("int32"), dtype="int32")
    got = K.eval(losses.mean_squared_error(t, K.variable(HOT[1])))
    np.testing.assert_allclose(got, ((HOT[1] - HOT[0]) ** 2).mean(-1), rtol=1e-5)


def test_shapes_without_a_batch_size() -> None:
    t, p = K.placeholder((None, 5, 3)), K.placeholder((None, 5, 3))
    assert K.int_shape(losses.mse(t, p)) == (None, 5)
    assert K.int_shape(losses.huber_loss(t, p)) == (None, 5, 3)

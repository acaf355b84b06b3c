"""Noise: what it keeps on average, and that there is none while testing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.layers import AlphaDropout, GaussianDropout, GaussianNoise
from tests.layers.numbers import apply, draw

LAYERS = [GaussianNoise(0.5), GaussianDropout(0.5), AlphaDropout(0.5)]


@pytest.mark.parametrize("layer", LAYERS)
def test_none_while_testing(layer: Any) -> None:
    x = draw(4, 5)
    np.testing.assert_array_equal(apply(layer, x), x)


@pytest.mark.parametrize("layer", LAYERS)
def test_drawn_anew_at_each_call(layer: Any) -> None:
    x = draw(4, 5)
    assert (apply(layer, x, phase=1) != apply(layer, x, phase=1)).any()


@pytest.mark.parametrize("layer", [GaussianDropout(0), GaussianDropout(1), AlphaDropout(0)])
def test_rates_that_change_nothing(layer: Any) -> None:
    x = draw(4, 5)
    np.testing.assert_array_equal(apply(layer, x, phase=1), x)


def test_gaussian_noise_is_added() -> None:
    x = np.full((300, 100), 3.0, dtype="float32")
    y = apply(GaussianNoise(0.25), x, phase=1)
    assert y.mean() == pytest.approx(3.0, abs=0.01)
    assert y.std() == pytest.approx(0.25, rel=0.03)


def test_gaussian_dropout_multiplies() -> None:
    x = np.full((300, 100), 3.0, dtype="float32")
    y = apply(GaussianDropout(0.2), x, phase=1)
    assert y.mean() == pytest.approx(3.0, abs=0.03)
    assert y.std() == pytest.approx(3.0 * np.sqrt(0.2 / 0.8), rel=0.03)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_alpha_dropout_keeps_mean_and_variance(rate: float) -> None:
    y = apply(AlphaDropout(rate), draw(1000, 200), phase=1)
    assert y.mean() == pytest.approx(0.0, abs=0.02)
    assert y.var() == pytest.approx(1.0, rel=0.03)


def test_alpha_dropout_sets_one_value() -> None:
    x = draw(100, 50)
    y = apply(AlphaDropout(0.3, seed=1), x, phase=1)
    values, counts = np.unique(y, return_counts=True)
    assert counts.max() / y.size == pytest.approx(0.3, abs=0.03)
    dropped = y == values[counts.argmax()]
    slope, shift = np.polyfit(x[~dropped], y[~dropped], 1)
    np.testing.assert_allclose(y[~dropped], slope * x[~dropped] + shift, atol=1e-4)
    # Where a scaled exponential unit tends to, mapped like everything else.
    assert values[counts.argmax()] == pytest.approx(slope * -1.7580993 + shift, rel=1e-4)


def test_alpha_dropout_of_rows() -> None:
    y = apply(AlphaDropout(0.5, (None, 1), seed=1), np.ones((30, 4), dtype="float32"), phase=1)
    np.testing.assert_array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert len(np.unique(y)) == 2


def test_what_the_config_holds() -> None:
    assert set(AlphaDropout(0.5).get_config()) == {"name", "trainable", "dtype", "rate"}
    layer = AlphaDropout(0.5, (None, 1), 3)
    again = AlphaDropout.from_config(layer.get_config())
    assert (again.noise_shape, again.seed) == ((None, 1), 3)

"""With the same weights, the networks compute what the original's compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import applications
from tests.applications.published import FEATURES


def drawn(number: int, weight: Any) -> Any:
    """The values of the weight with this number, drawn so that activations stay of one size."""
    draw = np.random.RandomState(number)
    kind = weight.name.split("/")[-1].split(":")[0]
    shape = tuple(weight.shape)
    if kind in ("gamma", "moving_variance"):
        return draw.uniform(0.5, 1.5, shape)
    if kind in ("beta", "moving_mean", "bias"):
        return draw.uniform(-0.1, 0.1, shape)
    inputs = shape[:2] if kind == "depthwise_kernel" else shape[:-1]
    return draw.uniform(-1, 1, shape) * np.sqrt(6.0 / np.prod(inputs))


@pytest.mark.parametrize("name", FEATURES)
def test_features(name: str) -> None:
    wanted = FEATURES[name]
    network = getattr(applications, name)(
        weights=None, include_top=False, pooling="avg", input_shape=wanted.shape, **wanted.arguments
    )
    weights = [weight for layer in network.layers for weight in layer.weights]
    network.set_weights([drawn(i, weight).astype("float32") for i, weight in enumerate(weights)])
    image = np.random.RandomState(7).uniform(-1, 1, (1, *wanted.shape)).astype("float32")
    (found,) = network.predict(image)
    scale = wanted.mean + wanted.std
    np.testing.assert_allclose(found[:12], wanted.first, rtol=1e-3, atol=1e-3 * scale)
    np.testing.assert_allclose([found.mean(), found.std()], [wanted.mean, wanted.std], rtol=1e-4)

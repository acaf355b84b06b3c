"""Gradients of gradients, as gradient penalties and saliency maps of losses need them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from tests.backend.ops import table
from tests.backend.ops.samples import SAMPLES
from tests.backend.ops.table import Sample, every


@pytest.fixture(autouse=True)
def double() -> Any:
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")


# Torch has no second derivative of its kernel for it.
ONCE_ONLY = {"ctc_loss", "ctc_batch_cost"}
SLOPED = [s for s in SAMPLES if table.differentiable(s) and s.name not in ONCE_ONLY]
TWICE = list({s.name: s for s in reversed(SLOPED)}.values())  # the first sample of each function


@every(TWICE)
def test_gradient_of_a_gradient(sample: Sample) -> None:
    fed, arrays, wrt = sample.placeholders(), sample.arrays(), sample.wrt()
    variables = [fed[i] for i in wrt]
    loss = table.loss(sample.with_arrays(sample.function, fed), table.weights(sample.expected()))
    first = [g for g in K.gradients(loss, variables) if g is not None]
    if not first:
        return
    draw = np.random.RandomState(11).uniform
    penalty = sum(K.sum(g * draw(-1.0, 1.0, g.shape)) for g in first)
    value = K.function(fed, [penalty])
    second = K.gradients(penalty, variables)
    got = K.function(
        fed, [K.zeros_like(v) if g is None else g for v, g in zip(variables, second, strict=True)]
    )

    def moved(floats: list[np.ndarray]) -> float:
        everything = list(arrays)
        for i, a in zip(wrt, floats, strict=True):
            everything[i] = a
        return float(value(everything)[0])

    wanted = table.slopes(moved, [arrays[i].copy() for i in wrt])
    for slope, expected in zip(got(arrays), wanted, strict=True):
        table.compare(slope, expected, 2e-5)

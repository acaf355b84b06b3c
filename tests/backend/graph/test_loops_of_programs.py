"""Loops as the engine refines them: no stack that only another loop reads, no zeros in between."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from keras import backend as K

RNG = np.random.default_rng(2)
ON_TORCH = pytest.mark.skipif(K.backend() != "torch", reason="how the torch engine refines")


def cell(x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
    """A cell whose inputs are cut into three, as gates are."""
    (h,) = states
    gates = x + K.concatenate([h, h, h])
    made = K.tanh(gates[:, :2]) * K.sigmoid(gates[:, 2:4]) + 0.5 * gates[:, 4:]
    return made, [made]


def gradients(x: Any, unroll: bool) -> list[Any]:
    """The last outputs and all of them, and the slopes of both."""
    start = K.zeros_like(x[:, 0, :2])
    last, outputs, _ = K.rnn(cell, x, [start], unroll=unroll)
    slopes = K.gradients([K.sum(last * last), K.sum(outputs * outputs)], [x])
    return [last, outputs, *slopes]


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_loop_is_its_steps_one_after_the_other(steps: int) -> None:
    given = K.placeholder((None, steps, 6))
    value = RNG.normal(size=(3, steps, 6)).astype("float32")
    looped = K.function([given], gradients(given, unroll=False))([value])
    unrolled = K.function([given], gradients(given, unroll=True))([value])
    for a, b in zip(looped, unrolled, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_loop_of_no_steps_has_no_slope() -> None:
    given = K.placeholder((3, None, 6))
    last, outputs, slope = K.function([given], gradients(given, unroll=False))(
        [np.zeros((3, 0, 6), "float32")]
    )
    assert outputs.shape == (3, 0, 2)
    assert slope.shape == (3, 0, 6)
    np.testing.assert_array_equal(last, np.zeros((3, 2)))


@ON_TORCH
def test_the_way_back_takes_the_steps_as_they_are() -> None:
    given = K.placeholder((None, 4, 6))
    source = K.function([given], gradients(given, unroll=False)).source
    assert "apart=" in source
    assert "put_slice" not in source
    assert re.search(r"= concatenate(_\d+)?\(.*\(None, 6\)", source)


def test_what_is_also_a_result_is_stacked() -> None:
    """The outputs of all steps are read by the way back, and by the caller."""
    given = K.placeholder((None, 4, 6))
    value = RNG.normal(size=(3, 4, 6)).astype("float32")
    _, outputs, _ = K.function([given], gradients(given, unroll=False))([value])
    h = np.zeros((3, 2))
    for time in range(4):
        gates = value[:, time] + np.concatenate([h, h, h], 1)
        h = np.tanh(gates[:, :2]) / (1 + np.exp(-gates[:, 2:4])) + 0.5 * gates[:, 4:]
        np.testing.assert_allclose(outputs[:, time], h, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "cuts",
    [
        [slice(0, 2), slice(2, 6)],
        [slice(4, 6), slice(0, 2), slice(2, 4)],
        [slice(None, -3), slice(-3, None)],
        [slice(0, 4), slice(2, 6)],  # they overlap
        [slice(0, 2), slice(4, 6)],  # something between them
        [slice(0, 6, 2), slice(1, 6, 2)],  # one beside the other
    ],
)
@pytest.mark.parametrize("more", [False, True])
def test_slopes_of_slices_are_put_together(cuts: list[slice], more: bool) -> None:
    x = K.placeholder((None, 6))
    value = RNG.normal(size=(3, 6)).astype("float32")
    total = sum(K.sum(K.square(x[:, cut]) * float(i + 1)) for i, cut in enumerate(cuts))
    wanted = np.zeros_like(value)
    for i, cut in enumerate(cuts):
        wanted[:, cut] += 2 * (i + 1) * value[:, cut]
    if more:  # besides the slices, the whole
        total += K.sum(K.exp(x))
        wanted += np.exp(value)
    (slope,) = K.function([x], K.gradients(total, [x]))([value])
    np.testing.assert_allclose(slope, wanted, rtol=1e-5)


def test_what_a_loop_was_given_stays() -> None:
    """Steps may write over what they made themselves, never over what they were given."""
    x, start = K.placeholder((2, 3, 4)), K.placeholder((2, 4))
    values = [RNG.normal(size=s).astype("float32") for s in ((2, 3, 4), (2, 4))]
    kept = [v.copy() for v in values]

    def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        doubled = now * 2.0
        new = K.tanh(doubled + states[0]) * 3.0
        return doubled + 1.0, [new]

    _, outputs, (state,) = K.rnn(step, x, [start])
    found = K.function([x, start], [outputs, state, x + 0.0, start + 0.0])(values)
    h = kept[1]
    for time in range(3):
        h = np.tanh(2 * kept[0][:, time] + h) * 3
    for a, b in zip(found, [2 * kept[0] + 1, h, *kept], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    for given, before in zip(values, kept, strict=True):
        np.testing.assert_array_equal(given, before)

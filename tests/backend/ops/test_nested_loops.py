"""Loops in the steps of loops, against the same steps written one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from tests.backend.ops.table import real, truth

ARRAYS = [real(2, 3, 4, 3), real(2, 3), real(3, 3, low=-0.8, high=0.9), real(3)]
SHAPES = [(None, None, None, 3), (None, 3), (3, 3), (3,)]
Loop = Callable[
    [Any, Any, Any, Any, bool], Any
]  # x (batch, 4, 3), h (batch, 3), w, b -> (batch, 3)


@pytest.fixture(autouse=True)
def double() -> Any:
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")


# ---- loops inside: what of them is used, where their states come from


def simple(x: Any, first: Any, w: Any, b: Any, unroll: bool, **arguments: Any) -> Any:
    def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        made = K.tanh(K.dot(now, w) + states[0] * b)
        return made, [made]

    return K.rnn(step, x, [first], unroll=unroll, **arguments)


def last_output(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    return simple(x, h, w, b, unroll)[0]


def all_outputs(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    return K.sum(simple(x, K.zeros((2, 3)), w, b, unroll)[1], axis=1)


def one_output(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    return simple(x, h, w, b, unroll, go_backwards=True)[1][:, 2]


def everything(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    last, outputs, (state,) = simple(x * K.expand_dims(h, 1), K.zeros_like(h), w, b, unroll)
    return K.max(outputs, axis=1) * last + state


def masked(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    outputs = simple(x, h, w, b, unroll, mask=K.constant(truth(2, 4)))[1]
    return K.mean(outputs, axis=1)


def outer_state_in_each_step(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        made = K.sin(K.dot(states[0], w) + now * h)
        return made * b, [made]

    _, outputs, states = K.rnn(step, x, [K.zeros_like(h)], unroll=unroll)
    return K.sum(outputs, axis=1) + states[0]


def along_the_states(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    rows = K.stack([h, x[:, 0], h * x[:, 1]], axis=1)
    return K.sum(simple(rows, h, w, b, unroll)[1], axis=1)


def same_rows_each_time(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    rows = K.constant(real(2, 4, 3))
    return K.sum(simple(rows, h, w, b, unroll)[1], axis=1) + x[:, 0]


def one_after_the_other(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    _, first, (state,) = simple(x, h, w, b, unroll)
    _, second, _ = simple(K.sin(first), state, w, b, unroll)
    return K.sum(first * second, axis=1)


def three_deep(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        rows = K.stack([now, states[0]], axis=1)
        made = K.sum(simple(rows, states[0], w, b, unroll)[1], axis=1)
        return made, [K.tanh(made)]

    return K.sum(K.rnn(step, x, [h], unroll=unroll)[1], axis=1)


def slope_of_a_loop(x: Any, h: Any, w: Any, b: Any, unroll: bool) -> Any:
    last, outputs, _ = simple(x, h, w, b, unroll)
    return h - K.gradients(K.sum(K.square(outputs)) + K.sum(last), [h])[0]


LOOPS: list[Loop] = [
    last_output,
    all_outputs,
    one_output,
    everything,
    masked,
    outer_state_in_each_step,
    along_the_states,
    same_rows_each_time,
    one_after_the_other,
    three_deep,
    slope_of_a_loop,
]


def quantities(loop: Loop, fed: list[Any], unroll: bool, order: int, **arguments: Any) -> list[Any]:
    """What the outer loop gives and its gradients; then those of its loss and of the gradients'
    squares together."""
    x, h, w, b = fed

    def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        made = K.tanh(loop(now, states[0], w, b, unroll) + states[0])
        return made, [made]

    last, outputs, states = K.rnn(step, x, [h], unroll=unroll, **arguments)
    loss = K.sum(outputs * K.constant(real(2, 3, 3))) + K.sum(last * states[0])
    made = [last, outputs, *states]
    for _ in range(order):
        slopes = K.gradients(loss, fed)
        loss = loss + sum(K.sum(K.square(g)) for g in slopes if g is not None)
        made += [K.zeros_like(t) if g is None else g for t, g in zip(fed, slopes, strict=True)]
    return made


def check(loop: Loop, order: int, open_sizes: bool = False, **arguments: Any) -> None:
    results = []
    for unroll in (False, True):
        fed = [K.placeholder(s) for s in SHAPES] if open_sizes and not unroll else None
        fed = fed or [K.placeholder(a.shape) for a in ARRAYS]
        made = quantities(loop, fed, unroll, order, **arguments)
        results.append(K.function(fed, made)(ARRAYS))
    for number, (looped, written) in enumerate(zip(*results, strict=True)):
        np.testing.assert_allclose(
            looped, written, rtol=1e-8, atol=1e-9, err_msg=f"quantity {number}"
        )


@pytest.mark.parametrize("loop", LOOPS)
def test_gradients(loop: Loop) -> None:
    check(loop, 1)


@pytest.mark.parametrize("loop", LOOPS)
def test_gradients_backwards_with_open_sizes(loop: Loop) -> None:
    check(loop, 1, open_sizes=True, go_backwards=True)


@pytest.mark.parametrize("loop", LOOPS)
def test_gradients_of_gradients(loop: Loop) -> None:
    check(loop, 2)


@pytest.mark.parametrize("loop", [everything, all_outputs, masked])
def test_with_a_mask_outside(loop: Loop) -> None:
    mask = np.array([[True, False, True], [False, True, True]])
    check(loop, 1, mask=K.constant(mask))


def test_slope_through_a_loop_before_this_one() -> None:
    """A gradient asked for inside of a step, with respect to what an earlier loop was given."""

    def described(unroll: bool) -> list[np.ndarray]:
        x, h, w, b = fed = [K.placeholder(a.shape) for a in ARRAYS]
        _, before, _ = simple(x[:, 0], h, w, b, unroll)

        def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            share = K.stop_gradient(states[0]) * now  # written out, a state depends on w itself
            loss = K.sum(K.square(before) * K.expand_dims(share, 1))
            made = K.tanh(K.dot(states[0], K.gradients(loss, [w])[0]))
            return made, [made]

        _, outputs, _ = K.rnn(step, x[:, :, 0], [h], unroll=unroll)
        slopes = K.gradients(K.sum(outputs) + K.sum(before), fed)
        return K.function(fed, [outputs, before, *slopes])(ARRAYS)

    for looped, written in zip(described(False), described(True), strict=True):
        np.testing.assert_allclose(looped, written, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("lazy", [True, False])
def test_slope_in_a_branch(lazy: bool) -> None:
    """What a gradient asked for inside of a branch needs from outside has gradients, too."""
    _, h, w, b = fed = [K.placeholder(a.shape) for a in ARRAYS]
    y = K.tanh(K.dot(h, w))

    def branch() -> Any:
        return K.sum(K.square(K.gradients(K.sum(K.square(y)), [w])[0]))

    chosen = K.switch(K.sum(h) < 1e9, branch if lazy else branch(), lambda: K.sum(b))
    slopes = K.gradients(chosen, [h, w])
    made = K.function(fed, [*slopes, *K.gradients(branch(), [h, w])])(ARRAYS)
    for found, expected in zip(made[:2], made[2:], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_against_differences() -> None:
    fed = [K.placeholder(a.shape) for a in ARRAYS]

    def step(now: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        made = K.tanh(everything(now, states[0], fed[2], fed[3], False) + states[0])
        return made, [made]

    loss = K.sum(K.square(K.rnn(step, fed[0], [fed[1]])[1]))
    value = K.function(fed, [loss])
    found = K.function(fed, K.gradients(loss, fed))(ARRAYS)
    for place, slope in enumerate(found):
        way = np.random.RandomState(place).normal(size=slope.shape)
        ends = []
        for length in (1e-5, -1e-5):
            moved = [a + length * way if i == place else a for i, a in enumerate(ARRAYS)]
            ends.append(value(moved)[0])
        np.testing.assert_allclose(np.sum(slope * way), (ends[0] - ends[1]) / 2e-5, rtol=1e-6)

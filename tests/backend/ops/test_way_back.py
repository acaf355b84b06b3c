"""Loops against the same steps written one after the other: values, gradients, second gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from tests.backend.ops.table import real, truth

Step = Callable[[Any, list[Any], Any, Any], tuple[Any, list[Any]]]


@pytest.fixture(autouse=True)
def double() -> Any:
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")


# ---- steps: x and both states (batch, 3), w (3, 3), b (3,) -> output, new states


def plain(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    y = K.tanh(x + K.dot(states[0], w) + b)
    return y, [y, states[1]]


def output_is_no_state(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    h = K.sigmoid(K.dot(x * states[0], w))
    return K.square(h) * b, [h, states[1] + x]


def mixed_states(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    c = states[1] * K.sigmoid(K.dot(x, w)) + K.tanh(K.dot(states[0], w) + b)
    return states[0] * c, [K.tanh(c), c]


def no_state_is_used(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    return K.dot(K.sin(x), w) + b, states


def states_only(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    return K.dot(states[0], w), [states[0] * 0.9 + 0.1, states[1] * b]


def states_change_places(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    return states[0] - states[1] * x, [states[1] * b, K.tanh(K.dot(states[0], w))]


def reductions(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    scores = K.softmax(K.dot(x, w) + states[0])
    mean = K.mean(scores * b, axis=-1, keepdims=True)
    return scores * mean, [K.max(scores, axis=-1, keepdims=True) * x, states[1] + K.sum(scores)]


def gathers(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    place = K.argmax(x, axis=-1)
    row = K.gather(w, place)
    y = K.concatenate([row[:, 1:], x[:, :1]]) * states[0]
    return y, [K.stack([y[:, 0], y[:, 2], y[:, 1]], axis=1) + b, states[1] * row]


def another_loop_inside(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    before = K.tanh(K.dot(x, w))
    mapped = K.map_fn(lambda row: K.sin(row * b) * states[1][0], before)
    folded = K.foldl(lambda held, row: K.tanh(held * row + b), mapped * states[0])
    after = K.exp(-K.square(mapped)) * folded
    return K.square(after) + states[0], [after + before, states[1] * folded]


def matrices_of_three_axes(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    outer = K.expand_dims(x, 2) * K.expand_dims(states[0], 1)
    y = K.batch_dot(K.dot(outer, w), states[1], axes=[2, 1])
    return y * b, [K.tanh(y), K.tanh(states[1] + x)]


def weights_in_many_places(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    y = K.dot(x, w) + K.dot(states[0], K.transpose(w)) * K.sum(w) + K.sum(b) * b
    return K.tanh(y) * w[0], [K.tanh(K.dot(K.tanh(y), K.square(w))), states[1] / (1.5 + y * y)]


def kernels(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    kernel = K.reshape(w, (3, 1, 3))
    y = K.conv1d(K.expand_dims(x, 2), kernel, padding="same") + K.reshape(b, (1, 1, 3))
    y = K.tanh(K.sum(y, axis=1) * states[0])
    return y, [y, states[1] + K.mean(y)]


def branches(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    large = K.sum(states[0]) > 0.0
    y = K.switch(large, lambda: K.dot(x, w), lambda: K.sin(x) * b)
    return y, [K.switch(x > 0.0, y, states[0] * 0.5), states[1] * y]


def nothing_differentiable(x: Any, states: list[Any], w: Any, b: Any) -> Any:
    counted = K.cast(states[0] > x, "float64")
    return counted + K.dot(states[1], w), [states[0] + counted, states[1] * x]


STEPS: list[Step] = [
    plain,
    output_is_no_state,
    mixed_states,
    no_state_is_used,
    states_only,
    states_change_places,
    reductions,
    gathers,
    another_loop_inside,
    matrices_of_three_axes,
    weights_in_many_places,
    kernels,
    branches,
    nothing_differentiable,
]
ARRAYS = [real(2, 4, 3), real(2, 3), real(2, 3, low=0.3), real(3, 3, low=-0.8, high=0.9), real(3)]


def quantities(step: Step, fed: list[Any], unroll: bool, **arguments: Any) -> list[Any]:
    """What a loop gives, its gradients, and the gradients of a function of these."""
    x, h, c, w, b = fed
    last, outputs, states = K.rnn(
        lambda now, held: step(now, held, w, b), x, [h, c], unroll=unroll, **arguments
    )
    shares = K.constant(real(*ARRAYS[0].shape))
    loss = K.sum(outputs * shares) + K.sum(K.square(last)) + K.sum(states[0] * states[1])
    first = K.gradients(loss, fed)
    total = sum(K.sum(K.square(g)) for g in first if g is not None)
    second = K.gradients(total, fed)
    slopes = zip([*fed, *fed], [*first, *second], strict=True)
    return [last, outputs, *states, *(K.zeros_like(x) if g is None else g for x, g in slopes)]


def check(step: Step, open_sizes: bool = False, **arguments: Any) -> None:
    shapes = [(None, None, 3), (None, 3), (None, 3), (3, 3), (3,)] if open_sizes else None
    results = []
    for unroll in (False, True):
        own = shapes if shapes and not unroll else [a.shape for a in ARRAYS]
        fed = [K.placeholder(s) for s in own]
        masks = {k: K.constant(v) for k, v in arguments.items() if isinstance(v, np.ndarray)}
        made = quantities(step, fed, unroll, **{**arguments, **masks})
        results.append(K.function(fed, made)(ARRAYS))
    for number, (looped, written) in enumerate(zip(*results, strict=True)):
        np.testing.assert_allclose(
            looped, written, rtol=1e-9, atol=1e-10, err_msg=f"quantity {number}"
        )


@pytest.mark.parametrize("step", STEPS)
def test_forwards(step: Step) -> None:
    check(step)


@pytest.mark.parametrize("step", STEPS)
def test_backwards_with_open_sizes(step: Step) -> None:
    check(step, open_sizes=True, go_backwards=True)


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("step", [plain, mixed_states, another_loop_inside, gathers])
def test_with_a_mask(step: Step, zeros: bool) -> None:
    check(step, mask=truth(2, 4), zero_output_for_mask=zeros)
    check(step, mask=truth(2, 4), zero_output_for_mask=zeros, go_backwards=True)


def test_two_losses_of_one_loop() -> None:
    """Each wants other values of the steps; the loop that gives out both serves both."""

    def described(unroll: bool) -> Any:
        fed = [K.placeholder(a.shape) for a in ARRAYS]
        x, h, c, w, b = fed
        _, outputs, states = K.rnn(
            lambda now, held: mixed_states(now, held, w, b), x, [h, c], unroll=unroll
        )
        one = K.gradients(K.sum(K.square(outputs)), [w, x])
        other = K.gradients(K.sum(states[1] * states[0]), [h, b])
        return K.function(fed, [*one, *other, outputs])(ARRAYS)

    for looped, written in zip(described(False), described(True), strict=True):
        np.testing.assert_allclose(looped, written, rtol=1e-9)


def test_a_loop_after_a_loop() -> None:
    def described(unroll: bool) -> Any:
        fed = [K.placeholder(a.shape) for a in ARRAYS]
        x, h, c, w, b = fed
        for step in (mixed_states, plain, output_is_no_state):
            last, x, (h, c) = K.rnn(
                lambda now, held, step=step: step(now, held, w, b), x, [h, c], unroll=unroll
            )
        slopes = K.gradients(K.sum(last) + K.sum(c), fed)
        again = K.gradients(sum(K.sum(K.sin(g)) for g in slopes), fed)
        return K.function(fed, [*slopes, *again])(ARRAYS)

    for looped, written in zip(described(False), described(True), strict=True):
        np.testing.assert_allclose(looped, written, rtol=1e-9, atol=1e-10)


def test_what_is_drawn_in_a_step_is_the_same_on_the_way_back() -> None:
    x, w = K.placeholder((2, 5, 3)), K.placeholder((3,))
    _, outputs, _ = K.rnn(lambda now, held: (K.dropout(now * w, 0.5), []), x, [])
    slope = K.gradients(K.sum(outputs), w)[0]
    a, scale = real(2, 5, 3), np.array([1.0, 2.0, 3.0])
    drawn, found = K.function([x, w], [outputs, slope])([a, scale])
    assert 0 < np.mean(drawn == 0) < 1
    np.testing.assert_allclose(found * scale, drawn.sum((0, 1)), rtol=1e-9)


def test_map_over_one_row_and_fold_of_one() -> None:
    x = K.placeholder((1, 3))
    mapped = K.map_fn(K.square, x)
    folded = K.foldl(lambda held, row: held * row, x)
    slopes = K.gradients(K.sum(mapped) + K.sum(folded), x)
    got = K.function([x], [mapped, folded, *slopes])([[[1.0, 2.0, 3.0]]])
    np.testing.assert_allclose(got[0], [[1, 4, 9]])
    np.testing.assert_allclose(got[1], [1, 2, 3])
    np.testing.assert_allclose(got[2], [[3, 5, 7]])


def test_no_steps_at_all() -> None:
    x, start = K.placeholder((None, 3)), K.placeholder((3,))
    mapped = K.map_fn(lambda row: K.concatenate([row, row]), x)
    folded = K.foldr(lambda held, row: held * row, x, start)
    slopes = K.gradients(K.sum(mapped) + K.sum(folded), [x, start])
    got = K.function([x, start], [mapped, folded, *slopes])([np.zeros((0, 3)), [1.0, 2.0, 3.0]])
    assert [a.shape for a in got] == [(0, 6), (3,), (0, 3), (3,)]
    np.testing.assert_allclose(got[1], [1, 2, 3])
    np.testing.assert_allclose(got[3], [1, 1, 1])


def test_a_step_without_a_rule() -> None:
    """The engine plays such a loop backwards as a whole."""
    x, start = K.placeholder((2, 4)), K.placeholder((4,))

    def doubled(v: Any) -> Any:
        return K.while_loop(lambda v: K.sum(v) < 3.0, lambda v: v * 2.0, [v])[0]

    y = K.foldl(lambda held, row: held * doubled(row), x, doubled(start))
    slopes = K.gradients(K.sum(y), [x, start])
    got = K.function([x, start], [y, *slopes])([np.full((2, 4), 0.5), np.full(4, 0.5)])
    for value, wanted in zip(got, (1.0, 2.0, 2.0), strict=True):
        np.testing.assert_allclose(value, np.full(value.shape, wanted))


def test_loops_over_arrays_return_arrays() -> None:
    x, h = real(2, 4, 3), real(2, 3)

    def step(now: Any, held: list[Any]) -> Any:
        return now * held[0], [held[0] + now]

    written, state = [], h
    for t in range(4):
        written.append(x[:, t] * state)
        state = state + x[:, t]
    mask = np.ones((2, 4))
    for arguments in ({}, {"unroll": True}, {"mask": mask}, {"mask": mask, "unroll": True}):
        last, outputs, states = K.rnn(step, x, [h], **arguments)
        assert not any(map(K.is_tensor, (last, outputs, *states)))
        np.testing.assert_allclose(K.eval(outputs), np.stack(written, 1))
        np.testing.assert_allclose(K.eval(last), written[-1])
        np.testing.assert_allclose(K.eval(states[0]), state)
    (found,) = K.while_loop(lambda v: v < 5.0, lambda v: v * 2.0, [1.0])
    assert not K.is_tensor(found)
    assert K.eval(found) == 8.0
    w = K.variable(np.ones(3))
    assert K.is_tensor(K.map_fn(lambda row: row * w, h))

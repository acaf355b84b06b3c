"""Branches and loops against Python's own, with their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.ops.outside import outside
from tests.backend.ops.table import real, slopes, truth


@pytest.fixture(autouse=True)
def double() -> Any:
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")


def placeholders(arrays: list[np.ndarray], open_sizes: bool = False) -> list[Any]:
    shapes = [(None,) * a.ndim if open_sizes else a.shape for a in arrays]
    return [K.placeholder(s, dtype=a.dtype.name) for s, a in zip(shapes, arrays, strict=True)]


def check_gradient(
    described: Callable[..., Any], written: Callable[..., Any], arrays: list[np.ndarray]
) -> None:
    """Value and gradient of a scalar function of K against numpy's."""
    fed = placeholders(arrays)
    result = described(*fed)
    wrt = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    found = K.gradients(result, [fed[i] for i in wrt])
    value, *got = K.function(fed, [result, *found])(arrays)
    np.testing.assert_allclose(value, written(*arrays), rtol=1e-9)

    def moved(floats: list[np.ndarray]) -> float:
        everything = list(arrays)
        for i, a in zip(wrt, floats, strict=True):
            everything[i] = a
        return float(written(*everything))

    for slope, wanted in zip(got, slopes(moved, [arrays[i].copy() for i in wrt]), strict=True):
        np.testing.assert_allclose(slope, wanted, rtol=1e-6, atol=1e-7)


def counted(calls: list[str], name: str) -> Callable[[Any], Any]:
    """`x`, noting when it is computed."""

    def look(x: Any) -> tuple[Any]:
        calls.append(name)
        return (x,)

    return lambda x: outside(look, [x], (tuple(x.shape), x.dtype))[0]


# ---- branches


def test_switch_computes_one_branch_only() -> None:
    calls: list[str] = []
    x, yes = K.placeholder((2,)), K.placeholder((), dtype="bool")
    first, second = counted(calls, "then"), counted(calls, "else")
    chosen = K.switch(yes, lambda: first(x) * 2.0, lambda: second(x) - 1.0)
    run = K.function([x, yes], [chosen])
    np.testing.assert_array_equal(run([[1.0, 2.0], True])[0], [2.0, 4.0])
    assert calls == ["then"]
    np.testing.assert_array_equal(run([[1.0, 2.0], False])[0], [0.0, 1.0])
    assert calls == ["then", "else"]


@pytest.mark.parametrize("yes", [True, False])
def test_switch_has_the_gradient_of_the_branch_taken(yes: bool) -> None:
    def described(x: Any, w: Any) -> Any:
        condition = K.constant(yes, dtype="bool")
        return K.sum(K.switch(condition, lambda: K.square(x) * w, lambda: K.sin(x)))

    def written(x: np.ndarray, w: np.ndarray) -> Any:
        return np.sum(x**2 * w if yes else np.sin(x))

    check_gradient(described, written, [real(3), real(3, low=0.5)])


def test_switch_by_element_and_by_row() -> None:
    x, y, c = real(3, 4), -real(3, 4), truth(3, 4)
    fed = placeholders([x, y, c])
    got = K.function(fed, [K.switch(fed[2], fed[0], fed[1])])([x, y, c])[0]
    np.testing.assert_array_equal(got, np.where(c, x, y))
    row = np.array([True, False, True])
    fed = placeholders([x, y, row])
    got = K.function(fed, [K.switch(fed[2], fed[0], fed[1])])([x, y, row])[0]
    np.testing.assert_array_equal(got, np.where(row[:, None], x, y))


def test_switch_of_several_values() -> None:
    x = K.placeholder(())
    low, high = K.switch(x > 0.0, lambda: [x, x + 1.0], lambda: [-x, x * 2.0])
    run = K.function([x], [low, high])
    assert run([3.0]) == [3.0, 4.0]
    assert run([-3.0]) == [3.0, -6.0]


def test_switch_by_a_plain_truth_value() -> None:
    assert K.switch(True, lambda: 1, lambda: 2) == 1
    assert K.switch(0, 1, 2) == 2


def test_switch_says_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"branches of a switch have shapes \(2,\) and \(\)"):
        K.switch(K.placeholder(()) > 0.0, lambda: K.ones((2,)), lambda: K.ones(()))
    with pytest.raises(ValueError, match="more dimensions than its branches"):
        K.switch(K.placeholder((2, 2)) > 0.0, K.ones((2,)), K.ones((2,)))


# ---- the learning phase


def test_learning_phase_is_folded() -> None:
    x = K.placeholder((2,))
    y = K.in_train_phase(x * 10.0, x)
    z = K.in_test_phase(lambda: x + 1.0, lambda: x)
    run = K.function([x, K.learning_phase()], [y, z])
    np.testing.assert_array_equal(run([[1.0, 2.0], 0]), [[1.0, 2.0], [2.0, 3.0]])
    np.testing.assert_array_equal(run([[1.0, 2.0], 1]), [[10.0, 20.0], [1.0, 2.0]])
    assert y._uses_learning_phase
    assert (y + 1.0)._uses_learning_phase
    assert not x._uses_learning_phase
    assert "10.0" not in run.variant(0).source
    assert "10.0" in run.variant(1).source


def test_learning_phase_that_was_set() -> None:
    x = K.placeholder((1,))
    y = K.in_train_phase(x * 10.0, x)
    run = K.function([x], [y])
    K.set_learning_phase(1)
    assert K.learning_phase() == 1
    assert K.in_train_phase("training", "testing") == "training"
    assert run([[2.0]])[0] == [20.0]
    K.set_learning_phase(0)
    assert run([[2.0]])[0] == [2.0]
    with pytest.raises(ValueError, match="got 2"):
        K.set_learning_phase(2)


def test_training_argument_decides() -> None:
    x, now = K.placeholder((1,)), K.placeholder((), dtype="bool")
    assert K.in_train_phase(1, 2, training=True) == 1
    y = K.in_train_phase(x * 3.0, x, training=now)
    run = K.function([x, now], [y])
    assert [run([[1.0], True])[0][0], run([[1.0], False])[0][0]] == [3.0, 1.0]
    assert not K.in_train_phase(x, x + 1.0, training=0)._uses_learning_phase


# ---- rnn

W = real(3, 3) * 0.4


def step(x: Any, states: list[Any]) -> Any:
    h = K.tanh(x + K.dot(states[0], K.constant(W, dtype="float64")))
    return 2.0 * h, [h]


def run_by_hand(
    x: np.ndarray, h: np.ndarray, backwards: bool = False, mask: Any = None, zeros: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    outputs: list[np.ndarray] = []
    times = range(x.shape[1])
    shown = carried = np.zeros_like(h)
    for t in reversed(times) if backwards else times:
        new = np.tanh(x[:, t] + h @ W)
        keep = np.ones((len(x), 1), bool) if mask is None else mask[:, t : t + 1]
        carried = np.where(keep, 2 * new, carried)
        shown = np.where(keep, 2 * new, 0.0) if zeros else carried
        h = np.where(keep, new, h)
        outputs.append(shown)
    return (carried if zeros else shown), np.stack(outputs, 1), h


MASK = np.array([[True, True, False, True], [False, True, True, False]])
RNNS: list[dict[str, Any]] = [
    {},
    {"go_backwards": True},
    {"mask": MASK},
    {"mask": MASK, "go_backwards": True},
    {"mask": MASK, "zero_output_for_mask": True},
]


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("arguments", RNNS)
def test_rnn(arguments: dict[str, Any], unroll: bool) -> None:
    mask = arguments.get("mask")
    given = dict(arguments, mask=None if mask is None else K.constant(mask, dtype="bool"))

    def described(x: Any, h: Any) -> Any:
        last, outputs, states = K.rnn(step, x, [h], unroll=unroll, **given)
        return K.sum(outputs * outputs) + 3.0 * K.sum(last) + 5.0 * K.sum(K.sin(states[0]))

    def written(x: np.ndarray, h: np.ndarray) -> Any:
        last, outputs, state = run_by_hand(
            x, h, "go_backwards" in arguments, mask, "zero_output_for_mask" in arguments
        )
        return np.sum(outputs**2) + 3 * np.sum(last) + 5 * np.sum(np.sin(state))

    check_gradient(described, written, [real(2, 4, 3), real(2, 3)])


def test_rnn_of_open_sizes_and_static_shapes() -> None:
    x, h = real(2, 4, 3), real(2, 3)
    fed = [K.placeholder((None, None, 3)), K.placeholder((None, 3))]
    last, outputs, states = K.rnn(step, fed[0], [fed[1]])
    assert [tuple(t.shape) for t in (last, outputs, states[0])] == [
        (None, 3),
        (None, None, 3),
        (None, 3),
    ]
    got = K.function(fed, [last, outputs, states[0]])([x, h])
    for value, wanted in zip(got, run_by_hand(x, h), strict=True):
        np.testing.assert_allclose(value, wanted)


@pytest.mark.parametrize("of_engine", [False, True])
@pytest.mark.parametrize("mask", [None, MASK])
def test_rnn_of_arrays(mask: Any, of_engine: bool) -> None:
    x, h = real(2, 4, 3), real(2, 3)
    given = K.variable(x).value if of_engine else x
    last, outputs, states = K.rnn(step, given, [h], mask=mask)
    for value, wanted in zip((last, outputs, states[0]), run_by_hand(x, h, mask=mask), strict=True):
        np.testing.assert_allclose(K.eval(value), wanted)


def test_rnn_with_constants_and_several_inputs() -> None:
    def several(now: Any, states: list[Any]) -> Any:
        a, b = now
        h, c = states
        new = a * c + b + h
        return new, [new]

    a, b, c = real(2, 3, 2), real(2, 3, 2, low=0), real(2, 2)
    fed = placeholders([a, b, c])
    _, outputs, _ = K.rnn(several, fed[:2], [K.zeros((2, 2))], constants=[fed[2]])
    got = K.function(fed, [outputs])([a, b, c])[0]
    np.testing.assert_allclose(got, np.cumsum(a * c[:, None] + b, 1))


def test_what_a_loop_does_not_change_is_computed_once() -> None:
    calls: list[str] = []
    look = counted(calls, "once")
    x, c = K.placeholder((2, 5, 3)), K.placeholder((3,))
    _, outputs, _ = K.rnn(lambda now, s: (now * look(c), s), x, [K.zeros((2, 3))])
    run = K.function([x, c], [outputs])
    run([real(2, 5, 3), real(3)])
    assert calls == ["once"]


def test_rnn_inside_of_rnn() -> None:
    def outer(row: Any, states: list[Any]) -> Any:
        last, _, _ = K.rnn(
            lambda now, s: (now + s[0], [now + s[0]]), row, [K.zeros_like(row[:, 0])]
        )
        return last + states[0], [last + states[0]]

    x = real(2, 3, 4, 2)
    fed = K.placeholder(x.shape)
    _, outputs, _ = K.rnn(outer, fed, [K.zeros((2, 2))])
    slope = K.gradients(K.sum(outputs), [fed])[0]
    got, found = K.function([fed], [outputs, slope])([x])
    np.testing.assert_allclose(got, np.cumsum(x.sum(2), 1))
    np.testing.assert_allclose(found, np.broadcast_to(np.array([3, 2, 1])[:, None, None], x.shape))


def test_gradient_of_a_gradient_through_a_loop() -> None:
    x = real(1, 3, 2)
    fed = K.placeholder(x.shape)
    last, _, _ = K.rnn(lambda now, s: (now * s[0], [now * s[0]]), fed, [K.ones((1, 2))])
    slope = K.gradients(K.sum(last), [fed])[0]
    second = K.gradients(K.sum(K.square(slope)), [fed])[0]
    got = K.function([fed], [second])([x])[0]

    def penalty(arrays: list[np.ndarray]) -> float:
        (a,) = arrays
        parts = [np.prod(np.delete(a, t, 1), 1) for t in range(3)]
        return float(sum(np.sum(p**2) for p in parts))

    np.testing.assert_allclose(got, slopes(penalty, [x.copy()])[0], rtol=1e-6)


def test_rnn_says_what_it_needs() -> None:
    with pytest.raises(
        ValueError, match=r"rnn needs inputs \(batch, time, ...\), got \[\(2, 3\)\]"
    ):
        K.rnn(step, K.placeholder((2, 3)), [K.zeros((2, 3))])
    with pytest.raises(ValueError, match="Unrolling needs a known number of time steps"):
        K.rnn(step, K.placeholder((2, None, 3)), [K.zeros((2, 3))], unroll=True)
    with pytest.raises(
        ValueError, match=r"state has shape \(2, 3\) before a step and \(2,\) after"
    ):
        K.rnn(lambda x, s: (x, [K.sum(x, 1)]), K.placeholder((2, 4, 3)), [K.zeros((2, 3))])


# ---- other loops


def test_scan_returns_last_all_and_states() -> None:
    x = real(4, 3)
    fed = K.placeholder(x.shape)
    last, stacked, states = K.scan(
        lambda now, held: ([now[0] * 2.0], [held[0] + now[0]]), [fed], [K.zeros((3,))], axis=0
    )
    got = K.function([fed], [last[0], stacked[0], states[0]])([x])
    for value, wanted in zip(got, [x[-1] * 2, x * 2, x.sum(0)], strict=True):
        np.testing.assert_allclose(value, wanted)


def test_while_loop() -> None:
    x = K.placeholder(())
    n, total = K.while_loop(
        lambda n, total: total < 100.0, lambda n, total: [n + 1, total * x], [K.constant(0), x]
    )
    run = K.function([x], [n, total])
    assert run([3.0]) == [4.0, 243.0]
    assert run([200.0]) == [0.0, 200.0]
    few = K.while_loop(lambda v: v < 100.0, lambda v: v + x, [x], maximum_iterations=3)
    assert K.function([x], few)([1.0]) == [4.0]


def test_while_loop_has_a_gradient() -> None:
    def described(x: Any) -> Any:
        return K.sum(K.while_loop(lambda v: K.max(v) < 10.0, lambda v: v * x, [x])[0])

    def written(x: np.ndarray) -> Any:
        v = x
        while v.max() < 10.0:
            v = v * x
        return np.sum(v)

    check_gradient(described, written, [np.array([1.5, 2.0])])


def test_while_loop_has_a_gradient_of_its_gradient() -> None:
    """v * x ** n, with a whole number beside, a weight, and something drawn at random."""
    x, w, v = (K.placeholder(()) for _ in range(3))
    count, made, _ = K.while_loop(
        lambda n, v, _: v < 10.0,
        lambda n, v, noise: [n + 1, v * x, noise + w * K.random_uniform(())],
        [K.constant(0, dtype="int32"), v, w],
    )
    (slope,) = K.gradients(K.square(made), x)
    (again,) = K.gradients(slope * w, x)
    got = K.function([x, w, v], [count, made, slope, again])([1.5, 2.0, 1.0])
    # 1.5 ** 6 is the first power above 10; (x ** 12)' = 12 x ** 11, (12 x ** 11)' = 132 x ** 10
    expected = [6, 1.5**6, 12 * 1.5**11, 2 * 132 * 1.5**10]
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_map_fn() -> None:
    check_gradient(
        lambda x: K.sum(K.square(K.map_fn(lambda row: K.cumsum(row) * 2.0, x))),
        lambda x: np.sum((np.cumsum(x, 1) * 2) ** 2),
        [real(3, 4)],
    )
    check_gradient(
        lambda x, y: K.sum(K.sin(K.map_fn(lambda pair: pair[0] * pair[1], [x, y]))),
        lambda x, y: np.sum(np.sin(x * y)),
        [real(3, 2), real(3, 2, low=0.1)],
    )


@pytest.mark.parametrize("function", [K.foldl, K.foldr])
@pytest.mark.parametrize("initial", [False, True])
def test_folds(function: Any, initial: bool) -> None:
    backwards = function is K.foldr

    def written(x: np.ndarray) -> Any:
        rows = list(x[::-1] if backwards else x)
        held = np.full(2, 0.3) if initial else rows.pop(0)
        for row in rows:
            held = held * row + 0.5
        return np.sum(held)

    def described(x: Any) -> Any:
        start = K.constant([0.3, 0.3]) if initial else None
        return K.sum(function(lambda held, row: held * row + 0.5, x, initializer=start))

    check_gradient(described, written, [real(4, 2)])


def test_loops_over_arrays_run_at_once() -> None:
    x = real(2, 3)
    np.testing.assert_allclose(K.eval(K.map_fn(lambda row: row * 2.0, x)), x * 2)
    np.testing.assert_allclose(K.eval(K.foldl(lambda a, row: a + row, x)), x.sum(0))

"""Gradients as nodes: of anything, of each other, and where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K

RNG = np.random.default_rng(2)


def evaluated(tensors: list, feeds: list | None = None) -> list:  # type: ignore[type-arg]  # tensors and arrays
    pairs = feeds or []
    return K.function([t for t, _ in pairs], tensors)([v for _, v in pairs])


def test_none_where_no_path_leads() -> None:
    a, b = K.variable(1.0), K.variable(2.0)
    assert K.gradients(a * 3.0, [a, b])[1] is None
    assert K.gradients(K.cast(K.argmax(K.stack([a, b])), "float32"), [a]) == [None]
    assert K.gradients(K.stop_gradient(a) * 2.0, [a]) == [None]


def test_with_respect_to_inputs_and_what_is_in_between() -> None:
    x = K.placeholder((None, 3))
    h = K.square(x)
    to_x, to_h = K.gradients(K.sum(h * 3.0), [x, h])
    value = RNG.normal(size=(2, 3))
    a, b = evaluated([to_x, to_h], [(x, value)])
    np.testing.assert_allclose(a, 6 * value, rtol=1e-5)
    np.testing.assert_allclose(b, np.full((2, 3), 3.0))


def test_second_and_third_order() -> None:
    x = K.variable(1.5)
    first = K.gradients(K.pow(x, 4), [x])[0]
    second = K.gradients(first, [x])[0]
    third = K.gradients(second, [x])[0]
    got = evaluated([first, second, third])
    np.testing.assert_allclose(got, [4 * 1.5**3, 12 * 1.5**2, 24 * 1.5], rtol=1e-5)


def test_a_penalty_on_a_gradient_trains() -> None:
    """The gradient of a gradient's norm with respect to a weight, as WGANs need it."""
    w, x = K.variable([[2.0], [-1.0]]), K.placeholder((None, 2))
    y = K.tanh(K.dot(x, w))
    slope = K.gradients(K.sum(y), [x])[0]
    penalty = K.sum(K.square(slope))
    to_w = K.gradients(penalty, [w])[0]
    value = np.array([[0.3, -0.2]])
    got = evaluated([to_w], [(x, value)])[0]

    def norm(weights: np.ndarray) -> float:
        s = (1 - np.tanh(value @ weights) ** 2) @ weights.T
        return float((s**2).sum())

    base = np.array([[2.0], [-1.0]])
    for i in range(2):
        step = np.zeros((2, 1))
        step[i] = 1e-5
        expected = (norm(base + step) - norm(base - step)) / 2e-5
        np.testing.assert_allclose(got[i, 0], expected, rtol=1e-3)


def test_through_a_loop_twice() -> None:
    """Loops go through the engine's tape; a gradient of such a gradient works as well."""
    x, w = K.variable(RNG.normal(size=(1, 4, 2))), K.variable(0.7)

    def step(now, states):  # type: ignore[no-untyped-def]  # as users write it
        h = K.tanh(now * w + states[0])
        return h, [h]

    last, _, _ = K.rnn(step, x, [K.zeros((1, 2))])
    first = K.gradients(K.sum(last), [w])[0]
    second = K.gradients(first, [w])[0]
    values = K.get_value(x).astype("float64")

    def total(weight: float) -> float:
        h = np.zeros((1, 2))
        for t in range(4):
            h = np.tanh(values[:, t] * weight + h)
        return float(h.sum())

    e = 1e-3
    slope = (total(0.7 + e) - total(0.7 - e)) / (2 * e)
    bend = (total(0.7 + e) - 2 * total(0.7) + total(0.7 - e)) / e**2
    got = evaluated([first, second])
    np.testing.assert_allclose(got[0], slope, rtol=1e-3)
    np.testing.assert_allclose(got[1], bend, rtol=2e-2)


@pytest.mark.parametrize(
    ("a", "b"), [((3, 4), (4,)), ((3, 1), (3, 4)), ((), (2, 3)), ((1, 4), (3, 4))]
)
def test_broadcast_operands_get_gradients_of_their_own_shape(a: tuple, b: tuple) -> None:  # type: ignore[type-arg]
    x, y = K.variable(RNG.normal(size=a)), K.variable(RNG.normal(size=b))
    got = evaluated(K.gradients(K.sum(K.square(x * y)), [x, y]))
    p, q = K.get_value(x), K.get_value(y)

    def back(g: np.ndarray, shape: tuple) -> np.ndarray:  # type: ignore[type-arg]
        g = g.sum(axis=tuple(range(g.ndim - len(shape))))
        axes = tuple(i for i, s in enumerate(shape) if s == 1)
        return g.sum(axis=axes, keepdims=True)

    np.testing.assert_allclose(got[0], back(2 * p * q * q, a), rtol=1e-4)
    np.testing.assert_allclose(got[1], back(2 * p * q * p, b), rtol=1e-4)


def test_unknown_sizes_that_turn_out_to_be_stretched() -> None:
    """Two unknown batch sizes may differ: one sample against many."""
    x, y = K.placeholder((None, 2)), K.placeholder((None, 2))
    to_x, to_y = K.gradients(K.sum(x * y), [x, y])
    one, many = np.ones((1, 2)), np.arange(6.0).reshape(3, 2)
    a, b = evaluated([to_x, to_y], [(x, one), (y, many)])
    np.testing.assert_allclose(a, many.sum(axis=0, keepdims=True))
    np.testing.assert_allclose(b, np.ones((3, 2)))


def test_sizes_known_to_be_equal_cost_nothing() -> None:
    x = K.placeholder((None, 3))
    h = K.relu(x) * K.sigmoid(x)
    f = K.function([x], K.gradients(K.mean(h), [x]))
    assert "sum_to_shape" not in f.source


def test_only_tensors_are_taken() -> None:
    with pytest.raises(TypeError, match=r"K.gradients.*symbolic tensors, got float"):
        K.gradients(1.0, [K.variable(1.0)])


def test_of_a_mean_of_nothing() -> None:
    x = K.placeholder((None, 3))
    empty = K.mean(x[:, 3:]) + K.mean(x)
    np.testing.assert_array_equal(
        K.function([x], K.gradients(empty, x))([np.ones((2, 3))])[0], np.full((2, 3), 1 / 6, "f4")
    )


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (lambda x: x[1, 2], [[0, 0, 0], [0, 0, 1]]),
        (lambda x: x[0][0], [[1, 0, 0], [0, 0, 0]]),
        (lambda x: K.gather(K.flatten(x), 4), [[0, 0, 0], [0, 1, 0]]),
        (lambda x: K.relu(x[0, 1]), [[0, 1, 0], [0, 0, 0]]),
        (lambda x: K.relu(K.sum(x)), [[1, 1, 1], [1, 1, 1]]),
        (lambda x: K.sigmoid(K.sum(x) - 15.0), np.full((2, 3), 0.25)),
        (lambda x: K.tanh(K.sum(x) - 15.0), np.ones((2, 3))),
    ],
)
def test_of_a_single_number(of: Any, wanted: Any) -> None:
    x = K.placeholder((2, 3))
    slope = K.function([x], K.gradients(of(x), x))([np.arange(6.0).reshape(2, 3)])[0]
    np.testing.assert_allclose(slope, wanted, atol=1e-6)


@pytest.mark.parametrize("by", ["a number's array", "a tensor", "a sum"])
def test_a_gradient_has_the_dtype_of_its_variable(by: str) -> None:
    """Where dtypes are mixed, the gradient is first of the wider one, or of the other operand's."""
    wide, narrow = K.variable(np.ones((2, 2)), "float64"), K.variable(np.ones((2, 2)), "float32")
    slopes = np.array([[2.0, 0.5], [1.0, 3.0]])
    loss = {
        "a number's array": K.sum(slopes * wide) + K.sum(slopes * narrow),
        "a tensor": K.sum(wide * narrow * slopes),
        "a sum": K.sum(slopes * (K.sum(wide, axis=0, keepdims=True) + narrow)),
    }[by]
    found = K.function([], K.gradients(loss, [wide, narrow]))([])
    assert [g.dtype.name for g in found] == ["float64", "float32"]
    columns = np.broadcast_to(slopes.sum(axis=0), (2, 2))
    for got, expected in zip(found, (columns if by == "a sum" else slopes, slopes), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)

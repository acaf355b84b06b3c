"""From a graph to a program: what is computed, how often, and in which memory."""

from __future__ import annotations

import re

import numpy as np
import pytest

from keras import backend as K

RNG = np.random.default_rng(1)


def lines(function: K.Function) -> list[str]:
    return function.source.splitlines()[1:-1]


def count(function: K.Function, op: str) -> int:
    """How many lines of the program call this op."""
    return sum(bool(re.search(rf"= {op}(_\d+|_)?\(", line)) for line in lines(function))


def test_equal_nodes_are_computed_once() -> None:
    x = K.placeholder((None, 3))
    f = K.function([x], [K.tanh(x) + K.tanh(x), K.tanh(x) * 2.0])
    assert count(f, "tanh") == 1
    value = RNG.normal(size=(2, 3))
    np.testing.assert_allclose(f([value])[0], 2 * np.tanh(value), rtol=1e-6)


def test_random_nodes_are_not_taken_for_equal() -> None:
    a, b = K.random_uniform((100,), seed=1), K.random_uniform((100,), seed=2)
    first, second = K.function([], [a, b])([])
    assert not np.allclose(first, second)


def test_what_nothing_needs_is_not_computed() -> None:
    x = K.placeholder((None, 3))
    K.exp(x)
    f = K.function([x], [K.sqrt(x)])
    assert count(f, "exp") == 0


def test_the_phase_is_a_choice_made() -> None:
    x = K.placeholder((None, 3))
    y = K.in_train_phase(lambda: K.exp(x), lambda: K.sin(x))
    f = K.function([x, K.learning_phase()], [y])
    value = RNG.normal(size=(2, 3)).astype("float32")
    np.testing.assert_allclose(f([value, 1])[0], np.exp(value), rtol=1e-5)
    np.testing.assert_allclose(f([value, 0])[0], np.sin(value), rtol=1e-5)
    assert "exp" in f.variant(1).source
    assert "exp" not in f.variant(0).source


def test_a_function_without_phase_has_one_program() -> None:
    x = K.placeholder((None, 3))
    f = K.function([x], [K.exp(x)])
    assert f.variant(0) is f.variant(1)


def test_a_missing_input_is_named() -> None:
    x = K.placeholder((None, 3), name="forgotten")
    with pytest.raises(ValueError, match=r"forgotten.*isn't among the inputs"):
        K.function([], [K.exp(x)])([])


def test_inputs_are_counted_and_their_shapes_checked() -> None:
    x = K.placeholder((None, 3), name="rows")
    f = K.function([x], [x * 2.0])
    with pytest.raises(ValueError, match=r"takes 1 input.*got 2"):
        f([np.ones((1, 3)), np.ones((1, 3))])
    with pytest.raises(ValueError, match=r"`rows:0` expects an array of shape \(None, 3\)"):
        f([np.ones((1, 4))])


# ---- updates


def test_updates_see_the_old_values() -> None:
    a, b = K.variable(1.0), K.variable(2.0)
    K.function([], [], updates=[(a, b), (b, a)])([])
    assert (K.get_value(a), K.get_value(b)) == (2.0, 1.0)


def test_variables_that_took_each_others_values_stay_apart() -> None:
    a, b = K.variable(np.ones(3)), K.variable(np.zeros(3))
    K.function([], [], updates=[(a, b)])([])
    K.function([], [], updates=[K.update_add(b, 5.0)])([])
    np.testing.assert_array_equal(K.get_value(a), np.zeros(3))


def test_a_result_is_not_changed_by_later_updates() -> None:
    v = K.variable(np.zeros(4))
    step = K.function([], [K.update_add(v, 1.0), v])
    after, before = step([])
    step([])
    np.testing.assert_array_equal(after, np.ones(4))
    np.testing.assert_array_equal(before, np.zeros(4))


def test_a_variable_read_after_its_update_was_computed_has_its_old_value() -> None:
    v = K.variable(np.full(3, 2.0))
    x = K.placeholder((3,))
    new = K.update(v, v * 10.0)
    out, _ = K.function([x], [x + v, new])([np.zeros(3)])
    np.testing.assert_array_equal(out, np.full(3, 2.0))
    np.testing.assert_array_equal(K.get_value(v), np.full(3, 20.0))


def test_feeds_are_never_written_to() -> None:
    x = K.placeholder((None, 4))
    f = K.function([x], [K.relu(x), x])
    value = RNG.normal(size=(3, 4)).astype("float32")
    kept = value.copy()
    result, same = f([value])
    np.testing.assert_array_equal(value, kept)
    same[:] = 7.0
    np.testing.assert_array_equal(value, kept)
    np.testing.assert_array_equal(result, np.maximum(kept, 0))


@pytest.mark.skipif(K.backend() != "torch", reason="JAX's compiler decides about memory itself")
def test_memory_is_used_again_where_nobody_looks() -> None:
    x, w = K.placeholder((None, 4)), K.variable(RNG.normal(size=(4, 4)))
    f = K.function([x], [K.relu(K.dot(x, w))])
    assert "rectify_(" in f.source
    g = K.function([x], [K.relu(K.dot(x, w)), K.dot(x, w)])
    assert "rectify_(" not in g.source


def test_views_keep_memory_alive() -> None:
    x = K.placeholder((4, 6))
    y = K.exp(x)
    view = K.reshape(y, (6, 4))
    out, seen = K.function([x], [K.relu(y - 1.0), view])([np.full((4, 6), 0.5)])
    np.testing.assert_allclose(seen, np.full((6, 4), np.exp(0.5)), rtol=1e-6)
    np.testing.assert_allclose(out, np.full((4, 6), np.exp(0.5) - 1), rtol=1e-5)


@pytest.mark.parametrize("seed", range(25))
def test_refined_programs_compute_what_plain_numpy_does(seed: int) -> None:
    """Random programs over a few arrays: overwriting must never show."""
    rng = np.random.default_rng(seed)
    shapes = [(3, 4), (4,), (3, 1)]
    values = [rng.normal(size=s).astype("float32") for s in shapes]
    tensors = [K.placeholder(s) for s in shapes]
    pool = list(zip(tensors, values, strict=True))
    for _ in range(20):
        pool.append(_random_op(rng, pool))
    chosen = [pool[i] for i in rng.integers(0, len(pool), 4)]
    got = K.function(tensors, [t for t, _ in chosen])(values)
    for result, (_, expected) in zip(got, chosen, strict=True):
        np.testing.assert_allclose(result, expected, rtol=2e-3, atol=1e-4)


def _random_op(rng: np.random.Generator, pool: list) -> tuple:  # type: ignore[type-arg]  # tensors and arrays
    (a, x), (b, y) = (pool[i] for i in rng.integers(0, len(pool), 2))
    kind = rng.integers(0, 7)
    if kind == 0:
        return a + b, x + y
    if kind == 1:
        return a * b * 0.5, x * y * np.float32(0.5)
    if kind == 2:
        return K.relu(a), np.maximum(x, 0)
    if kind == 3:
        return a - b, x - y
    if kind == 4:
        return K.tanh(a), np.tanh(x)
    if kind == 5 and x.ndim == 2:
        return K.transpose(K.transpose(a)), x
    return K.exp(-K.square(a)), np.exp(-np.square(x))


# ---- errors


def test_an_error_names_layer_op_shapes_and_the_users_line() -> None:
    x = K.placeholder((None, 3), name="x")
    with K.name_scope("my_layer"):
        y = K.reshape(x, (-1, 2))
    f = K.function([x], [y])
    with pytest.raises(K.ExecutionError) as caught:
        f([np.ones((3, 3))])
    text = str(caught.value)
    assert "`my_layer`" in text
    assert "`reshape`" in text
    assert "(3, 3)" in text
    assert "test_programs.py" in text


def test_the_source_can_be_read() -> None:
    x, w = K.placeholder((None, 4)), K.variable(np.ones((4, 2)), name="kernel")
    with K.name_scope("dense_1"):
        y = K.softmax(K.dot(x, w))
    source = K.function([x], [y], name="predict_function").source
    assert source.startswith("def predict_function(x1, kernel):")
    assert "# dense_1 (None, 2)" in source

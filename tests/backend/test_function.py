"""`K.function`: feeding, updates, the program that is written, and what it says when something
fails."""

from __future__ import annotations

import gc
import re
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.ops.outside import outside

A = np.arange(6, dtype="float32").reshape(2, 3)


# ---- feeding and fetching


def test_lists_in_lists_out() -> None:
    x, y = K.placeholder((None, 3)), K.placeholder((None, 3))
    got = K.function([x, y], [x + 2.0 * y, K.sum(x)])([A, A])
    assert isinstance(got, list)
    np.testing.assert_array_equal(got[0], 3 * A)
    assert got[1] == 15.0
    assert isinstance(got[0], np.ndarray)


def test_one_tensor_without_a_list() -> None:
    x = K.placeholder((3,))
    assert K.function(x, K.sum(x))([[1.0, 2.0, 3.0]]) == [6.0]


def test_values_are_converted() -> None:
    x, n = K.placeholder((2,)), K.placeholder((2,), dtype="int32")
    got = K.function([x, n], [x, n])([[1, 2], np.array([1.0, 2.0])])
    assert [g.dtype.name for g in got] == ["float32", "int32"]


def test_results_are_not_the_variables_memory() -> None:
    v = K.variable([1.0, 2.0])
    (got,) = K.function([], [v])([])
    got[:] = 7.0
    np.testing.assert_array_equal(K.get_value(v), [1.0, 2.0])
    held = K.get_value(v)
    held[:] = 7.0
    np.testing.assert_array_equal(K.get_value(v), [1.0, 2.0])


def test_any_tensor_can_be_fed() -> None:
    x = K.placeholder((2,))
    middle = x * 100.0
    assert K.function([middle], [K.sum(middle + 1.0)])([[1.0, 2.0]]) == [5.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f([A]), ValueError, r"takes 2 input\(s\) .*, got 1"),
        (
            lambda f: f([A, A[0]]),
            ValueError,
            r"`y:0` expects an array of shape \(None, 3\), got shape \(3,\)",
        ),
        (
            lambda f: f([A, A[:, :2]]),
            ValueError,
            r"expects an array of shape \(None, 3\), got shape \(2, 2\)",
        ),
        (lambda f: f([A, [["a"]]]), (ValueError, TypeError), "a"),
    ],
)
def test_wrong_feeds_are_named(call: Any, error: Any, message: str) -> None:
    x, y = K.placeholder((None, 3), name="x"), K.placeholder((None, 3), name="y")
    with pytest.raises(error, match=message):
        call(K.function([x, y], [x + y]))


def test_a_missing_input_is_named() -> None:
    x, y = K.placeholder((2,), name="given"), K.placeholder((2,), name="forgotten")
    with pytest.raises(ValueError, match=r"depends on the input `forgotten:0` of shape \(2,\)"):
        K.function([x], [x + y])([[1.0, 2.0]])


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(TypeError, match=r"Inputs of `K.function` are tensors, got ndarray"):
        K.function([A], [K.ones((2,))])
    with pytest.raises(TypeError, match="know no_such; it takes inputs"):
        K.function([], [K.ones((2,))], no_such=1)
    with pytest.raises(TypeError, match=r"An update is `K.update\(variable, value\)`"):
        K.function([], [], updates=[3])


# ---- updates


def test_updates() -> None:
    v, w = K.variable(1.0), K.variable([1.0, 2.0])
    x = K.placeholder(())
    run = K.function(
        [x], [v * 10.0], updates=[K.update_add(v, x), (w, w * 2.0), K.update(v, v)][:2]
    )
    assert run([2.0]) == [10.0]
    assert K.get_value(v) == 3.0
    assert run([2.0]) == [30.0]
    np.testing.assert_array_equal(K.get_value(w), [4.0, 8.0])


def test_updates_read_the_values_before() -> None:
    a, b = K.variable(1.0), K.variable(2.0)
    run = K.function([], [], updates=[(a, b), (b, a)])
    run([])
    assert [K.get_value(a), K.get_value(b)] == [2.0, 1.0]


def test_evaluating_an_update_carries_it_out() -> None:
    v = K.variable(1.0)
    assert K.eval(K.update_sub(v, 0.25)) == 0.75
    assert K.get_value(v) == 0.75
    average = K.moving_average_update(v, 2.0, 0.5)
    assert K.eval(average) == 1.375
    assert K.get_value(v) == 1.375


def test_an_update_below_an_output_is_carried_out() -> None:
    v = K.variable(1.0)
    total = K.update_add(v, 1.0) + 10.0
    assert K.function([], [total])([]) == [12.0]
    assert K.get_value(v) == 2.0


def test_an_update_needs_a_variable() -> None:
    with pytest.raises(TypeError, match=r"`K.update` assigns to variables, got Placeholder"):
        K.update(K.placeholder(()), 1.0)  # type: ignore[arg-type]  # what the test is about


def test_control_dependencies() -> None:
    v, x = K.variable(1.0), K.placeholder(())
    with K.control_dependencies([K.update_add(v, 2.0)]):
        unrelated, new = x * 2.0, K.identity(v)
    assert K.function([x], [unrelated])([5.0]) == [10.0]
    assert K.get_value(v) == 3.0
    assert K.function([x], [new, v])([5.0]) == [5.0, 3.0]
    with pytest.raises(TypeError, match=r"control_dependencies` takes tensors, got int: 3"), \
            K.control_dependencies([3]):  # fmt: skip
        pass


# ---- the program


def lines(function: Any, step: str) -> int:
    return len(re.findall(rf"\b{step}\(", function.source))


def test_equal_nodes_are_computed_once() -> None:
    x = K.placeholder((2,))
    run = K.function([x], [K.exp(x) + 1.0, K.exp(x) * 2.0])
    assert lines(run, "exp") == 1
    assert lines(K.function([x], [K.sum(K.exp(x), 0), K.sum(K.exp(x), -1)]), "sum") == 1


def test_what_nobody_needs_is_not_computed() -> None:
    x = K.placeholder((2,))
    K.exp(x)
    assert lines(K.function([x], [K.sin(x)]), "exp") == 0


def test_random_nodes_stay_two() -> None:
    run = K.function([], [K.random_normal((2,)), K.random_normal((2,))])
    a, b = run([])
    assert np.any(a != b)


def test_source_is_the_program() -> None:
    x = K.placeholder((None, 3), name="pixels")
    with K.name_scope("block"):
        y = K.relu(x) + 1.0
    run = K.function([x], [y])
    assert run.source.startswith("def function(x1):")
    assert "block" in run.source
    assert "return (t2,), ()" in run.source


@pytest.mark.parametrize(
    "name", ["relu", "exp", "t1", "x1", "function", "lambda", "1", "a/b:0", "torch"]
)
def test_names_of_variables_never_collide(name: str) -> None:
    v = K.variable([1.0, -2.0], name=name)
    x = K.placeholder((2,))
    run = K.function([x], [K.exp(K.relu(v)) + x + K.random_uniform((2,)) * 0.0], name=name)
    np.testing.assert_allclose(run([[1.0, 1.0]])[0], np.exp([1.0, 0.0]) + 1, rtol=1e-6)


def test_failures_name_op_shapes_and_line() -> None:
    x = K.placeholder((None, None))
    with K.name_scope("my_layer"):
        y = K.dot(x, K.ones((3, 2)))  # the line that the message names
    with pytest.raises(K.ExecutionError) as caught:
        K.function([x], [y])([np.zeros((2, 4))])
    message = str(caught.value)
    assert "In `my_layer`, `matmul` failed" in message
    assert "x1 (2, 4)" in message
    assert re.search(r"made at .*test_function\.py:\d+", message)
    assert caught.value.__cause__ is not None


# ---- living long


def test_threads_share_a_function() -> None:
    v = K.variable(np.eye(8))
    x = K.placeholder((None, 8))
    run = K.function([x, K.learning_phase()], [K.in_train_phase(K.dot(x, v) * 2.0, K.dot(x, v))])
    wrong: list[Any] = []

    def work(number: int) -> None:
        for turn in range(30):
            a = np.full((3, 8), number + turn, dtype="float32")
            phase = turn % 2
            if not np.array_equal(run([a, phase])[0], a * (1 + phase)):
                wrong.append((number, turn))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_threads_describe_graphs_of_their_own() -> None:
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        with K.name_scope(f"thread_{number}"):
            x = K.placeholder((4,))
            y = K.sum(K.map_fn(lambda e: e * float(number), x))
            slope = K.gradients(y, [x])[0]
            results[number] = (y.name, K.function([x], [y, slope])([np.ones(4)]))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, (name, (total, slope)) in results.items():
        assert name.startswith(f"thread_{number}/")
        assert total == 4 * number
        np.testing.assert_array_equal(slope, np.full(4, number))
    assert len(results) == 16


def test_calls_leave_nothing_behind() -> None:
    v = K.variable(np.ones((10, 10)))
    x = K.placeholder((None, 10))
    slope = K.gradients(K.sum(K.square(K.dot(x, v))), [v])[0]
    run = K.function([x], [slope], updates=[(v, v - 0.001 * slope)])
    a = np.ones((4, 10), "float32")
    tracemalloc.start()
    for _ in range(100):
        run([a])
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(4000):
        run([a])
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    # The smallest object has 56 bytes; JAX keeps up to a thousand for other calls to come.
    assert grown < 120_000


def test_forgotten_functions_are_freed() -> None:
    def make() -> Any:
        x = K.placeholder((4,))
        return K.function([x], [K.sum(K.exp(x))])([np.ones(4)])

    for _ in range(5):
        make()
    gc.collect()
    count = len(gc.get_objects())
    for _ in range(50):
        make()
    gc.collect()
    assert len(gc.get_objects()) - count < 300


def test_numpy_functions_in_a_graph() -> None:
    x = K.placeholder((None,))
    total, largest = outside(lambda a: (a.sum(), a.max()), [x], ((), "float32"), ((), "float32"))
    got = K.function([x], [total + 1.0, largest])([[1.0, 5.0]])
    assert got == [7.0, 5.0]
    assert K.gradients(total, [x]) == [None]


def test_print_tensor_prints_when_computed(capfd: Any) -> None:
    x = K.placeholder((2,))
    y = K.print_tensor(x * 2.0, message="twice:")
    assert capfd.readouterr().out == ""
    slope = K.gradients(K.sum(y), [x])[0]
    got = K.function([x], [y, slope])([[1.0, 2.0]])
    np.testing.assert_array_equal(got, [[2.0, 4.0], [2.0, 2.0]])
    assert capfd.readouterr().out == "twice: [2. 4.]\n"

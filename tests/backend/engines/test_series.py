"""Several calls of a program as one, where the engine has that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime

pytestmark = pytest.mark.skipif(
    K.backend() != "jax", reason="the engine makes each call on its own"
)


def batches(x: Any, size: int = 2) -> list[Any]:
    running = runtime.engine()
    return list(running.batches([running.array(x, "float32")], None, size))


def most(outputs: Any, updates: Any, x: Any, size: int = 4) -> int:
    """How many calls are made together of a function of `x`, whose rows are fed in fours."""
    run = K.function([x], outputs, updates).variant(0)
    shape = (2 * size, *x.shape[1:])
    return run.most(batches(np.ones(shape), size)[0])


def test_outputs_and_updates_are_those_of_single_calls() -> None:
    x = K.placeholder((None, 3))
    state, count = K.variable(np.zeros(3)), K.variable(0.0)
    drawn = K.random_uniform((3,))
    last = K.variable(np.zeros(3))  # written, never read
    updates = [K.update(state, 0.5 * state + K.sum(x, axis=0) * drawn), K.update_add(count, 1.0)]
    run = K.function([x], [K.sum(x * state), count, drawn], [*updates, K.update(last, drawn)])
    fed = batches(np.arange(24.0).reshape(8, 3))
    variables = (state, count, last)

    draws = runtime.engine().random_state([drawn.node])
    run.variant(0)
    draws = runtime.engine().random_state([drawn.node])
    single = [[K.get_session() and np.asarray(v) for v in run.run(batch)] for batch in fed]
    after = [K.get_value(v) for v in variables]

    for variable, value in zip(variables, (np.zeros(3), 0.0, np.zeros(3)), strict=True):
        K.set_value(variable, value)
    runtime.engine().set_random_state([drawn.node], draws)
    together = [np.asarray(v) for v in run.variant(0).run_several(fed)]
    for number, values in enumerate(zip(*single, strict=True)):
        np.testing.assert_allclose(together[number], np.stack(values), rtol=1e-6)
    for variable, value in zip(variables, after, strict=True):
        np.testing.assert_allclose(K.get_value(variable), value, rtol=1e-6)
    # and the draws after them go on from there
    assert np.asarray(run.run(fed[0])[2]).tolist() not in np.stack(together[2]).tolist()


def test_arrays_that_are_no_rows_of_one() -> None:
    x = K.placeholder((None, 2))
    total = K.variable(0.0)
    run = K.function([x], [K.sum(x)], [K.update_add(total, K.sum(x))]).variant(0)
    fed = [[runtime.engine().array(np.full((2, 2), n), "float32")] for n in range(3)]
    (sums,) = run.run_several(fed)
    np.testing.assert_array_equal(np.asarray(sums), [0.0, 4.0, 8.0])
    assert K.get_value(total) == 12.0


def test_small_steps_go_together() -> None:
    x, w = K.placeholder((None, 3)), K.variable(np.ones((3, 3)))
    assert most([K.sum(x)], [K.update(w, w - K.dot(K.transpose(x), x))], x) == 32


def test_large_steps_do_not() -> None:
    x, w = K.placeholder((None, 2000)), K.variable(np.ones((2000, 2000)))
    y = K.dot(x, w)
    for _ in range(3):
        y = K.dot(y, w)
    assert most([K.sum(x)], [K.update(w, w + K.sum(y))], x, 1000) == 1
    few = most([K.sum(x)], [K.update(w, w + K.sum(y))], x, 100)
    assert 1 < few < 32


def test_a_loop_counts_as_often_as_it_turns() -> None:
    x, w = K.placeholder((None, 1000, 300)), K.variable(np.ones((300, 300)))

    def step(now: Any, states: Any) -> Any:
        return K.dot(now + states[0], w), [K.dot(now + states[0], w)]

    last, _, _ = K.rnn(step, x, [K.zeros_like(x[:, 0])])
    long = most([K.sum(last)], [K.update(w, w + K.sum(last))], x)
    short = most([K.sum(x)], [K.update(w, w + K.sum(K.dot(x[:, 0], w)))], x)
    assert long < short == 32


def test_nothing_to_carry() -> None:
    x = K.placeholder((None, 3))
    assert most([K.sum(x)], [], x) == 1


def test_somebody_looks_at_each_step() -> None:
    x, w = K.placeholder((None, 3)), K.variable(0.0)
    assert most([K.print_tensor(K.sum(x), "sum")], [K.update_add(w, K.sum(x))], x) == 1


def test_a_variable_of_a_new_shape_is_another_program() -> None:
    x, w = K.placeholder((None, 3)), K.variable(np.ones((1, 3)))
    w._shape = (None, 3)
    assert most([K.sum(x)], [(w, K.concatenate([w, x], axis=0))], x) == 1


def test_convolutions_on_a_processor() -> None:
    x, w = K.placeholder((None, 8, 8, 1)), K.variable(np.ones((3, 3, 1, 1)))
    made = K.conv2d(x, w)
    assert most([K.sum(made)], [K.update(w, w + K.mean(made))], x) == 1


def test_loops_of_unknown_length() -> None:
    from keras.backend.ops.control import while_loop

    x, w = K.placeholder((None, 3)), K.variable(0.0)
    (turned,) = while_loop(lambda n: n < K.sum(x), lambda n: [n + 1.0], [K.constant(0.0)])
    assert most([turned], [K.update(w, turned)], x) == 1

"""What every engine has to do, asked of the one that runs; the table of samples has its rows."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.engines.protocol import Engine
from keras.backend.graph import runtime
from keras.backend.graph.dtypes import name_of

METHODS = [name for name, f in vars(Engine).items() if inspect.isfunction(f) and name[0] != "_"]
DTYPES = ["float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool"]


@pytest.fixture
def engine() -> Any:
    return runtime.engine()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_takes_what_the_protocol_says(engine: Any, name: str) -> None:
    wanted = list(inspect.signature(getattr(Engine, name)).parameters)[1:]
    takes = inspect.signature(getattr(engine, name)).parameters
    assert list(takes)[: len(wanted)] == wanted
    more = list(takes.values())[len(wanted) :]
    assert all(p.default is not p.empty for p in more)


def test_name_and_tables(engine: Any) -> None:
    assert engine.name == K.backend()
    assert set(engine.infix) <= set(engine.table)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_there_and_back(engine: Any, dtype: str) -> None:
    values = np.array([[0, 1, 2], [3, 1, 0]]).astype(dtype)
    made = engine.array(values, dtype)
    assert engine.is_array(made)
    assert not engine.is_array(values)
    assert name_of(made.dtype) == dtype
    assert tuple(made.shape) == (2, 3)
    back = engine.numpy(made)
    assert isinstance(back, np.ndarray)
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, values)


def test_forgetting_changes_no_result(engine: Any) -> None:
    x, w = K.placeholder((None, 2)), K.variable([[1.0], [2.0]])
    function = K.function([x], [K.dot(x, w)], [K.update_add(w, K.ones_like(w))])
    for expected in (3.0, 5.0, 7.0):
        assert function([[[1.0, 1.0]]])[0].item() == expected
        engine.forget()


def test_casts(engine: Any) -> None:
    made = engine.cast(engine.array(np.array([0.0, 1.5]), "float64"), "bool")
    np.testing.assert_array_equal(engine.numpy(made), [False, True])


def test_copies_are_copies(engine: Any) -> None:
    values = np.ones(3, "float32")
    own = engine.own(values, "float32", None)
    values[:] = 2.0
    np.testing.assert_array_equal(engine.numpy(own), np.ones(3))
    copy = engine.numpy(own, copy=True)
    copy[:] = 3.0
    np.testing.assert_array_equal(engine.numpy(own), np.ones(3))


def test_memory_that_is_filled(engine: Any) -> None:
    memory, finished = engine.memory((2, 3), "float32", None)
    memory[...] = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(engine.numpy(finished()), np.arange(6).reshape(2, 3))


def test_scalars_at_once(engine: Any) -> None:
    many = [engine.array(np.array(float(n)), "float32") for n in range(3)]
    np.testing.assert_array_equal(engine.scalars(many), [0, 1, 2])


@pytest.mark.parametrize("order", [None, np.array([4, 2, 0, 1, 3]), np.array([3, 0])])
def test_batches(engine: Any, order: Any) -> None:
    x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    arrays = [engine.array(x, "float64"), engine.array(y, "int64")]
    a, b = K.placeholder((None, 2), dtype="float64"), K.placeholder((None,), dtype="int64")
    run = K.function([a, b], [a * 1.0, b + 0])
    seen = [
        [engine.numpy(made, copy=True) for made in run.run(batch)]
        for batch in engine.batches(arrays, order, 2)
    ]
    rows = range(5) if order is None else order  # perhaps not all of them: an epoch's rest
    assert [len(first) for first, _ in seen] == [2, 2, 1][: -(-len(rows) // 2)]
    np.testing.assert_array_equal(np.concatenate([first for first, _ in seen]), x[list(rows)])
    np.testing.assert_array_equal(np.concatenate([other for _, other in seen]), y[list(rows)])


def test_what_draws_goes_on_from_a_state(engine: Any) -> None:
    drawn = K.random_uniform((4,))
    run = K.function([], [drawn])
    run([])
    state = engine.random_state([drawn.node])
    expected = run([])[0]
    assert np.any(run([])[0] != expected)
    engine.set_random_state([drawn.node], state)
    np.testing.assert_array_equal(run([])[0], expected)


def test_devices(engine: Any) -> None:
    names = engine.device_names()
    assert names[0] == "/cpu:0"
    for name in names:
        with K.device(name):
            assert K.eval(K.variable([1.0]) + 1.0) == [2.0]


def test_ops_without_a_row_are_named(engine: Any) -> None:
    with pytest.raises(NotImplementedError, match="engine has no row for the op `no_such_op`"):
        engine.run_now("no_such_op", [], {})


def test_loading_an_engine_leaves_the_users_draws_alone(engine: Any) -> None:
    """JAX's modules draw when they are imported."""
    program = (
        "import numpy as np; np.random.seed(1); from keras import backend as K; "
        "K.eval(K.constant(2.0)); print(np.random.uniform())"
    )
    environment = os.environ | {"KERAS_BACKEND": engine.name}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == np.random.RandomState(1).uniform()

"""Programs with nothing to do that is worth a second thread run in one."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime
from keras.layers import Conv2D, Dense, Flatten
from keras.models import Sequential

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(
    runtime.engine().name != "torch", reason="the threads are the torch engine's"
)


@pytest.fixture(autouse=True)
def two_threads() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("rows", "loop", "expected"),
    [(5, False, [1, 2]), (10_000, False, [1, 2]), (20_000, False, []), (5, True, [])],
)
def test_of_few_rows(rows: int, loop: bool, expected: list[int], monkeypatch: Any) -> None:
    """But not with many rows, nor where there is a loop, of which nothing is known."""
    x, total = K.placeholder(shape=(None, 3)), K.variable(0.0)
    y = K.map_fn(lambda row: row * 2.0, x) if loop else x * 2.0
    function = K.function([x], [K.sum(y)], updates=[K.update_add(total, K.sum(y))])
    function([np.ones((1, 3))])
    chosen: list[int] = []
    choose = torch.set_num_threads

    def noticed(threads: int) -> None:
        chosen.append(threads)
        choose(threads)

    monkeypatch.setattr(torch, "set_num_threads", noticed)
    (found,) = function([np.ones((rows, 3))])
    assert found == 2 * rows * 3
    assert chosen == expected


def test_after_an_error() -> None:
    model = Sequential([Dense(2, input_shape=(3,))])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 3)), np.ones((4, 2))
    model.train_on_batch(x, y)
    kernel = model.weights[0]
    kernel._value = kernel._value.double()
    with pytest.raises(Exception, match="dtype"):
        model.train_on_batch(x, y)
    assert torch.get_num_threads() == 2


def test_threads_that_begin_meanwhile() -> None:
    """They compute with as many threads as this one does otherwise."""
    from keras.backend.engines.torch import threads

    model = Sequential([Dense(2, input_shape=(3,))])
    model.predict(np.ones((1, 3)))
    found: list[int] = []

    def other() -> None:
        model.predict(np.ones((1, 3)))
        found.append(torch.get_num_threads())

    for context in (threads.InOneThread(really=True), threads.InOneThread(really=False)):
        with context:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
    assert found == [2, 2]
    assert torch.get_num_threads() == 2


def test_what_is_large() -> None:
    """Wide products, many parameters and convolutions keep all threads."""
    from keras.backend.engines.torch import threads

    def rows(*layers: Any) -> int:
        model = Sequential(list(layers))
        model.compile("adam", "mse")
        model._make_train_function()
        step = model._steps.train((False,), False)
        program = step.function.lowered(1)
        runtime.engine().refine(program)
        return threads.rows_for_one(program)

    assert rows(Dense(8, input_shape=(4,)), Dense(2)) == threads.SPLIT // 8
    assert rows(Dense(100, input_shape=(200,)), Dense(2)) == threads.FEW // (200 * 100)
    assert rows(Dense(300, input_shape=(300,)), Dense(2)) == 0
    assert rows(Conv2D(2, 3, input_shape=(5, 5, 1)), Flatten(), Dense(2)) == 0
    assert rows(Dense(8, input_shape=(4,)), Dense(9000)) == 0, "many parameters"

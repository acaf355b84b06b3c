"""What JAX keeps of programs, once nobody needs them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import LSTM, Dense
from keras.models import Sequential

pytestmark = pytest.mark.skipif(K.backend() != "jax", reason="asks JAX what it keeps")


def programs() -> int:
    import jax

    gc.collect()
    return len(jax.devices()[0].client.live_executables())


def left_by(use: Callable[[], Any]) -> int:
    """How many programs a second use leaves; the first leaves those of ops that ran alone."""
    use()
    before = programs()
    use()
    return programs() - before


def test_programs_of_a_function_go_with_it() -> None:
    def use() -> None:
        x, w = K.placeholder((None, 3)), K.variable(np.ones((3, 3)))
        loss = K.sum(K.tanh(K.dot(x, w)))
        K.function([x], [loss, *K.gradients(loss, [w])])([np.ones((2, 3))])

    assert left_by(use) == 0


def test_programs_of_a_model_go_with_it() -> None:
    def use() -> None:
        model = Sequential([LSTM(3, input_shape=(4, 2)), Dense(1)])
        model.compile("adam", "mse")
        x, y = np.ones((6, 4, 2)), np.ones((6, 1))
        model.fit(x, y, batch_size=2, epochs=2, verbose=0)
        model.evaluate(x, y, verbose=0)
        model.predict(x)

    assert left_by(use) == 0


def test_values_of_variables_need_no_program() -> None:
    def use(units: int) -> None:
        variable = K.variable(np.ones((units, 2)))
        K.set_value(variable, np.zeros((units, 2)))
        K.get_value(variable)

    use(1)
    before = programs()
    for units in range(2, 9):
        use(units)
    assert programs() == before


def test_clear_session_gives_back_what_is_kept() -> None:
    x = K.placeholder((None, 3))
    total = K.sum(x)
    for rows in range(1, 9):
        K.eval(K.exp(K.constant(np.ones((rows, 7)))))
        K.get_session().run(total, {x: np.ones((rows, 3))})
    assert programs() >= 16
    K.clear_session()
    assert programs() == 0
    assert K.get_session().run(total, {x: np.ones((2, 3))}) == 6.0

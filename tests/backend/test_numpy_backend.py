"""`keras.backend.numpy_backend`: K in plain numpy, beside the engine that runs."""

from __future__ import annotations

from threading import Thread
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend import numpy_backend as KNP
from keras.backend.graph import runtime
from tests.backend.ops.table import positive, real


def test_numpy_in_numpy_out() -> None:
    x = real(3, 4).astype("float32")
    got = KNP.softmax(x)
    assert type(got) is np.ndarray
    np.testing.assert_allclose(got, np.exp(x) / np.exp(x).sum(-1, keepdims=True), rtol=1e-6)
    assert KNP.sum([[1, 2], [3, 4]]) == 10
    assert type(KNP.eval(KNP.variable([1.0]))) is np.ndarray


def test_lists_loops_and_constants() -> None:
    x = positive(1, 3, 2)

    def step(now: Any, held: list[Any]) -> tuple[Any, list[Any]]:
        return now + held[0], [now + held[0]]

    last, outputs, (state,) = KNP.rnn(step, x, [np.zeros((1, 2))])
    np.testing.assert_allclose(outputs, np.cumsum(x, 1), rtol=1e-6)
    for value in (last, state):
        assert type(value) is np.ndarray
        np.testing.assert_allclose(value, x.sum(1), rtol=1e-6)
    np.testing.assert_array_equal(KNP.ones((2,)) + KNP.arange(2), [1, 2])


@pytest.mark.parametrize("name", ["conv2d", "depthwise_conv2d"])
def test_agrees_with_the_engine(name: str) -> None:
    x, kernel = real(2, 5, 4, 3).astype("float32"), real(3, 2, 3, 2).astype("float32")
    ours, reference = (getattr(space, name)(x, kernel, padding="same") for space in (K, KNP))
    np.testing.assert_allclose(reference, K.eval(ours), rtol=1e-4, atol=1e-5)


def test_the_engine_runs_on_for_everyone_else() -> None:
    before, seen = runtime.engine(), []

    def look(x: Any) -> Any:
        def other() -> None:
            seen.append(runtime.engine())

        thread = Thread(target=other)
        thread.start()
        thread.join()
        seen.append(runtime.engine())
        return x

    KNP.map_fn(look, np.ones((1, 2)))
    assert [engine.name for engine in seen] == [before.name, "numpy"]
    assert runtime.engine() is before


def test_settings_are_ks_and_strangers_are_named() -> None:
    assert KNP.epsilon() == K.epsilon()
    assert "conv3d" in dir(KNP)
    with pytest.raises(AttributeError, match="has no attribute 'no_such_function'"):
        _ = KNP.no_such_function


def test_as_an_engine_it_says_what_it_lacks() -> None:
    x = K.placeholder((2, 3))
    slope = K.gradients(K.prod(x), x)
    with runtime.running_on(runtime_of_numpy()):
        with pytest.raises(NotImplementedError, match="`prod` has no rule for its gradient"):
            K.function([x], slope)([np.ones((2, 3))])
        (found,) = K.gradients(K.sum(K.square(x)), x)
        np.testing.assert_array_equal(K.function([x], [found])([np.ones((2, 3))])[0], [[2] * 3] * 2)


def runtime_of_numpy() -> Any:
    from keras.backend.engines.numpy import engine

    return engine()

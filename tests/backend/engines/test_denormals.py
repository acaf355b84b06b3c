"""Numbers next to zero are zero in programs on torch's CPU, and what they were outside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

torch: Any = pytest.importorskip("torch")

SMALL = np.float32(1e-39)


@pytest.fixture(autouse=True)
def _only_where_it_is_done() -> None:
    if not getattr(runtime.engine(), "flushes", False):
        pytest.skip("the engine or the processor leaves these numbers as they are")


def there() -> bool:
    """Whether such numbers are there for the user."""
    return bool(SMALL * np.float32(0.5) != 0)


def halved(count: int) -> np.ndarray:
    x = K.placeholder((None,))
    made: np.ndarray = K.function([x], [x * 0.5])([np.full(count, SMALL)])[0]
    return made


@pytest.mark.parametrize("count", [3, 1_000_000])
def test_zero_inside_and_there_outside(count: int) -> None:
    assert not halved(count)[: count // 2].any()
    assert there()


def test_there_after_an_error() -> None:
    x = K.placeholder((None, None))
    broken = K.function([x], [K.dot(x, K.ones((3, 2)))])
    with pytest.raises(Exception, match=r"dot|mat"):
        broken([np.zeros((2, 4))])
    assert there()


def test_who_has_chosen_it_keeps_it() -> None:
    assert torch.set_flush_denormal(True)
    try:
        halved(3)
        assert not there()
    finally:
        torch.set_flush_denormal(False)
    assert there()


def test_what_has_died_rests() -> None:
    """A velocity without a gradient becomes zero, not the smallest number there is."""
    model = Sequential([Dense(2, activation="relu", input_shape=(3,)), Dense(1)])
    model.compile(SGD(0.01, momentum=0.9), "mse")
    data = np.ones((4, 3)), np.ones((4, 1))
    model.train_on_batch(*data)
    K.set_value(model.layers[0].kernel, np.full((3, 2), -1.0))
    K.set_value(model.layers[0].bias, np.full(2, -1.0))
    velocity = model.optimizer.weights[1]
    K.set_value(velocity, np.full((3, 2), 1e-37))
    for _ in range(60):
        model.train_on_batch(*data)
    assert not K.get_value(velocity).any()

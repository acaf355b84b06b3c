"""Sixteen threads and one model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np

from keras import backend as K
from keras.layers import GRU, BatchNormalization, Conv1D, Dense, Dropout
from keras.models import Sequential

THREADS = 16


def network() -> Any:
    return Sequential(
        [
            Conv1D(8, 3, activation="relu", input_shape=(None, 4)),
            BatchNormalization(),
            GRU(6),
            Dropout(0.5),
            Dense(3, activation="softmax"),
        ]
    )


def at_once(work: Any) -> list[Any]:
    """`work(number)` in sixteen threads that start together."""
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def batches() -> list[np.ndarray]:
    """Of two sizes and two lengths, one for each thread."""
    return [np.random.standard_normal((2 + n % 2, 6 + n // 2 % 2, 4)) for n in range(THREADS)]


def test_the_first_prediction_of_all() -> None:
    """Weights and programs are made by whoever comes first, while others wait."""
    model, x = network(), batches()
    got = at_once(lambda number: model.predict(x[number]))
    for batch, found in zip(x, got, strict=True):
        np.testing.assert_allclose(found, model.predict(batch), rtol=1e-5, atol=1e-6)


def test_many_predictions() -> None:
    model, x = network(), batches()
    expected = [model.predict(batch) for batch in x]
    got = at_once(lambda number: [model.predict_on_batch(x[number]) for _ in range(5)])
    for wanted, found in zip(expected, got, strict=True):
        for again in found:
            np.testing.assert_allclose(again, wanted, rtol=1e-5, atol=1e-6)


def test_a_function_of_training() -> None:
    """Each call draws its own noise, and its mean is that of the others."""
    x = K.placeholder((None,))
    run = K.function([x, K.learning_phase()], [K.in_train_phase(K.dropout(x, 0.5), x)])
    ones = np.ones(20_000)
    got = at_once(lambda number: run([ones, number % 2])[0])
    assert len({found.tobytes() for found in got[1::2]}) == THREADS // 2
    np.testing.assert_allclose([found.mean() for found in got], 1.0, atol=0.05)
    assert all((found == 1).all() for found in got[::2])

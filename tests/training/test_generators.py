"""Training on generators and sequences: what an epoch is, means, weights, workers that fail."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from keras.layers import Dense
from keras.models import Sequential
from keras.training.feed.workers import WorkerError
from keras.utils import Sequence

RNG = np.random.default_rng(4)
X = RNG.normal(size=(30, 3)).astype("float32")
Y = (X.sum(axis=1, keepdims=True) > 0).astype("float32")
W = RNG.uniform(0.5, 2.0, size=30).astype("float32")
CUTS = [slice(0, 8), slice(8, 16), slice(16, 24), slice(24, 30)]  # the last one is smaller


def model() -> Sequential:
    np.random.seed(6)
    made = Sequential([Dense(1, activation="sigmoid", input_shape=(3,))])
    made.compile("sgd", "binary_crossentropy", metrics=["acc"])
    return made


class Rows(Sequence):
    def __init__(self, weighted: bool = False, length: int = 4) -> None:
        self.weighted, self.length = weighted, length
        self.asked: list[int] = []
        self.ends = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        rows = CUTS[index]
        return (X[rows], Y[rows], W[rows]) if self.weighted else (X[rows], Y[rows])

    def on_epoch_end(self) -> None:
        self.ends += 1


def generator(weighted: bool = False) -> Iterator[Any]:
    return itertools.cycle([Rows(weighted)[i] for i in range(4)])


WORKERS = [(0, False), (1, False), (3, False), (2, True)]


@pytest.mark.parametrize(("workers", "processes"), WORKERS)
def test_a_sequence_trains_as_its_arrays_do(workers: int, processes: bool) -> None:
    how = {"epochs": 3, "verbose": 0, "shuffle": False}
    made, other = model(), model()
    history = made.fit_generator(
        Rows(), workers=workers, use_multiprocessing=processes, validation_data=Rows(), **how
    )
    expected = other.fit(X, Y, batch_size=8, validation_data=(X, Y), **how)
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=1e-5, err_msg=name)
    score = made.evaluate_generator(Rows(), workers=workers, use_multiprocessing=processes)
    np.testing.assert_allclose(score, other.evaluate(X, Y, verbose=0), rtol=1e-5)
    outputs = made.predict_generator(Rows(), workers=workers, use_multiprocessing=processes)
    np.testing.assert_allclose(outputs, other.predict(X), rtol=1e-5)


def test_evaluation_is_a_mean_over_samples() -> None:
    """The original gave the last batch's loss."""
    made = model()
    p = made.predict(X).astype("float64")
    losses = -(Y * np.log(p) + (1 - Y) * np.log(1 - p))[:, 0]
    right = ((p > 0.5) == Y)[:, 0]
    for data, steps in ((Rows(), None), (generator(), 4)):
        loss, accuracy = made.evaluate_generator(data, steps)
        assert loss == pytest.approx(losses.mean(), rel=1e-5)
        assert accuracy == pytest.approx(right.mean())
    loss, _ = made.evaluate_generator(generator(), 2)
    assert loss == pytest.approx(losses[:16].mean(), rel=1e-5)


def test_weights_in_the_batches() -> None:
    made = model()
    p = made.predict(X).astype("float64")
    losses = -(Y * np.log(p) + (1 - Y) * np.log(1 - p))[:, 0] * W
    loss, _ = made.evaluate_generator(Rows(weighted=True))
    assert loss == pytest.approx(losses.mean(), rel=1e-5)


def test_weights_by_class() -> None:
    made, other = model(), model()
    history = made.fit_generator(
        generator(), 4, epochs=2, verbose=0, class_weight={0: 1.0, 1: 3.0}, workers=0
    )
    expected = other.fit(
        X, Y, 8, epochs=2, verbose=0, shuffle=False, sample_weight=np.where(Y[:, 0], 3.0, 1.0)
    )
    np.testing.assert_allclose(history.history["loss"], expected.history["loss"], rtol=1e-5)


@pytest.mark.parametrize("workers", [0, 2])
def test_shuffling_is_of_batches(workers: int) -> None:
    data = Rows()
    model().fit(data, epochs=6, verbose=0, workers=workers, shuffle=True)
    orders = [data.asked[i : i + 4] for i in range(0, 24, 4)]
    if not workers:
        assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
        assert len({tuple(order) for order in orders}) > 1
    assert sorted(data.asked) == sorted(list(range(4)) * 6)


@pytest.mark.parametrize("workers", [0, 1])
def test_the_length_is_read_anew_each_epoch(workers: int) -> None:
    class Growing(Rows):
        def on_epoch_end(self) -> None:
            self.length += 1

    data = Growing(length=1)
    model().fit(data, epochs=4, verbose=0, workers=workers, shuffle=False)
    assert data.asked == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]


@pytest.mark.parametrize("workers", [0, 1])
def test_an_epoch_may_be_other_than_the_sequence(workers: int) -> None:
    data = Rows()
    history = model().fit(data, steps_per_epoch=3, epochs=4, verbose=0, workers=workers)
    assert data.asked[:12] == [0, 1, 2, 3] * 3
    assert len(history.history["loss"]) == 4
    assert data.ends in (2, 3)  # the third end was reached with the last batch


def test_a_generator_goes_on_where_it_was() -> None:
    seen = []

    def told() -> Iterator[Any]:
        for number in itertools.count():
            seen.append(number)
            rows = CUTS[number % 4]
            yield X[rows], Y[rows]

    model().fit_generator(told(), 3, epochs=3, initial_epoch=1, verbose=0, workers=0)
    assert seen == list(range(6))


def test_validation_on_a_generator_goes_on_too() -> None:
    made = model()
    made.compile("sgd", "mse")
    made.optimizer.lr = 0.0
    seen = generator()
    history = made.fit(X, Y, epochs=2, verbose=0, validation_data=seen, validation_steps=3)
    assert len(history.history["val_loss"]) == 2
    with pytest.raises(ValueError, match="`validation_steps` must say"):
        made.fit(X, Y, verbose=0, validation_data=generator())


def test_a_generator_that_ends_is_told_of_and_what_it_gave_counts() -> None:
    made = model()
    batches = iter([Rows()[0], Rows()[1], Rows()[2]])
    with pytest.warns(UserWarning, match="ran out of data after 1 of 2 batches"):
        history = made.fit_generator(batches, 2, epochs=5, verbose=0)
    assert len(history.history["loss"]) == 2


def test_what_can_not_be_given_beside_batches() -> None:
    made = model()
    for wrong in ({"y": Y}, {"validation_split": 0.5}, {"sample_weight": W}):
        with pytest.raises(ValueError, match=f"`{next(iter(wrong))}`.* can't be given"):
            made.fit(generator(), steps_per_epoch=2, verbose=0, **wrong)
    with pytest.raises(ValueError, match="`steps_per_epoch` must say"):
        made.fit(generator(), verbose=0)
    with pytest.raises(ValueError, match="positive integer"):
        made.fit(generator(), steps_per_epoch=0, verbose=0)


def test_a_model_that_waits_for_its_shapes() -> None:
    made = Sequential([Dense(1)])
    made.compile("sgd", "mse")
    made.fit(Rows(), verbose=0)
    assert made.input_shape == (None, 3)
    other = Sequential([Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(ValueError, match="a generator doesn't say which shape"):
        other.fit(generator(), steps_per_epoch=1, verbose=0)


def test_batches_are_made_beside_the_training() -> None:
    """Four workers that need 40 ms a batch feed a batch each 10 ms."""

    class Slow(Rows):
        def __len__(self) -> int:
            return 40

        def __getitem__(self, index: int) -> Any:
            time.sleep(0.04)
            return super().__getitem__(index % 4)

    made = model()
    made.fit(Rows(), verbose=0)
    begun = time.perf_counter()
    made.fit(Slow(), verbose=0, workers=4)
    assert time.perf_counter() - begun < 40 * 0.04 / 2


# ---- workers that fail: within a second, and said of whom


def _raises(index: int) -> Any:
    raise OSError("the disk is gone")


def _dies(index: int) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _exits(index: int) -> Any:
    os._exit(3)


def _narrow(index: int) -> Any:
    return X[:4, :2], Y[:4]


def _alone(index: int) -> Any:
    return X[:4]


class Faulty(Rows):
    def __init__(self, fault: Callable[[int], Any]) -> None:
        super().__init__()
        self.fault = fault

    def __getitem__(self, index: int) -> Any:
        return self.fault(index) if index == 2 else super().__getitem__(index)


FAULTS: list[Any] = [
    (_raises, False, OSError, "the disk is gone"),
    (_raises, True, OSError, "the disk is gone"),
    (_dies, True, WorkerError, r"worker \d of 2 \(process \d+\) was killed by SIGKILL at batch 2"),
    (
        _exits,
        True,
        WorkerError,
        r"worker \d of 2 \(process \d+\) ended with exit code 3 at batch 2",
    ),
    (_narrow, False, ValueError, r"shape \(n, 3\).*batch 2 of the Faulty, made by worker \d of 2"),
    (_narrow, True, ValueError, r"shape \(n, 3\).*made by worker \d of 2 \(process \d+\)"),
    (_alone, True, ValueError, r"yields \(inputs, targets\).*made by worker \d of 2"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="forks; written for Linux")
@pytest.mark.parametrize(("fault", "processes", "kind", "says"), FAULTS)
def test_faults_end_the_training(fault: Any, processes: bool, kind: Any, says: str) -> None:
    made = model()
    made.fit(Rows(), verbose=0)
    how = {"workers": 2, "use_multiprocessing": processes, "verbose": 0, "shuffle": False}
    begun = time.perf_counter()
    with pytest.raises(kind, match=says) as caught:
        made.fit(Faulty(fault), epochs=50, **how)
    assert time.perf_counter() - begun < 1.5
    if kind is OSError:
        assert "worker" in str(caught.value.__cause__)
    until = time.monotonic() + 3
    while time.monotonic() < until and threading.active_count() > 1:
        time.sleep(0.01)
    assert not [t for t in threading.enumerate() if t.name.startswith("worker")]
    assert np.isfinite(made.fit(Rows(), verbose=0).history["loss"][0])  # it can go on


def test_processes_of_a_generator_are_warned_of_and_of_a_sequence_not() -> None:
    with pytest.warns(UserWarning, match="Sequence"):
        model().fit_generator(generator(), 2, verbose=0, workers=2, use_multiprocessing=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model().fit_generator(Rows(), verbose=0, workers=2, use_multiprocessing=True)


BESIDE_THREADS = """
import sys
import numpy as np
import keras
from keras.layers import Dense
from keras.models import Sequential

ENGINE, COMPUTES = sys.argv[1:]
images = Sequential([Dense(64, input_shape=(256,))])
x = np.ones((512, 256), "float32")
expected = images.predict(x)  # the engine's threads run from now on
if ENGINE == "torch":
    import torch
    assert torch.get_num_threads() == 2
if "jax" not in ENGINE:
    import jax.numpy
    jax.numpy.ones(3).sum().block_until_ready()

class Features(keras.utils.Sequence):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        made = images.predict(x) if COMPUTES == "predicts" else x[:, :64]
        return made, np.ones((512, 1), "float32")

model = Sequential([Dense(1, input_shape=(64,))])
model.compile("sgd", "mse")
try:
    losses = model.fit_generator(Features(), verbose=0, workers=2, use_multiprocessing=True)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
else:
    print(np.isfinite(losses.history["loss"]).all())
"""


@pytest.mark.parametrize(
    ("engine", "computes", "says"),
    [
        ("torch", "reads", "True"),
        ("torch", "predicts", "True"),
        ("jax", "reads", "True"),
        ("jax", "predicts", "RuntimeError: JAX can't compute in a process that was forked"),
    ],
)
def test_processes_beside_an_engine_with_threads(engine: str, computes: str, says: str) -> None:
    """They start without a warning, and nothing waits for threads that a fork doesn't copy."""
    pytest.importorskip("jax", reason="JAX warns of forks; it isn't installed here")
    command = [sys.executable, "-W", "error", "-c", BESIDE_THREADS, engine, computes]
    environment = os.environ | {"KERAS_BACKEND": engine, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert (done.stdout[: len(says)], done.stderr) == (says, "")

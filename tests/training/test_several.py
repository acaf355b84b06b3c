"""Several steps in one call of the engine: nobody sees a difference.

Engines without such calls have nothing to be compared; `tests/backend/engines/test_other_engine.py`
runs this file on JAX whichever engine the other tests run on.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from keras import backend as K, layers as L
from keras.backend.graph.function import Compiled
from keras.callbacks import Callback, EarlyStopping, LambdaCallback, TerminateOnNaN
from keras.models import Model, Sequential
from keras.optimizers import SGD
from keras.regularizers import l2
from keras.training import loop
from keras.training.several import in_groups

HAS_SERIES = pytest.mark.skipif(K.backend() != "jax", reason="the engine has a call for each step")
SAMPLES, BATCH, EPOCHS = 94, 8, 3  # 11 batches of 8, and one of 6


# ---- which batches go together


def numbered(count: int, odd: bool = True) -> list[Any]:
    batches = [([number], 8, (False,)) for number in range(count)]
    return [*batches, ([count], 6, (False,))] if odd else batches


def sizes(count: int, alike: int, most: int, odd: bool = True) -> list[int]:
    groups = list(in_groups(numbered(count, odd), alike, lambda batch: most))
    assert [number for group in groups for (number,), _, _ in group] == list(range(count + odd))
    return [len(group) for group in groups]


def test_groups_have_one_size_and_leave_little() -> None:
    assert sizes(10, 10, 8) == [5, 5, 1]
    assert sizes(11, 11, 4) == [3, 3, 3, 1, 1, 1]
    assert sizes(7, 7, 32, odd=False) == [7]
    assert sizes(5, 5, 1) == [1] * 6
    assert sizes(3, 0, 8) == [1] * 4
    assert list(in_groups([], 0, lambda batch: 4)) == []


def test_no_batch_is_made_before_its_group() -> None:
    asked: list[int] = []

    def made() -> Iterator[Any]:
        for number in range(9):
            asked.append(number)
            yield [number], 8, (False,)

    groups = in_groups(made(), 8, lambda batch: 4)
    assert len(next(groups)) == 4
    assert asked == [0, 1, 2, 3]


# ---- the same training, with and without


def mlp() -> Model:
    model = Sequential(
        [
            L.Dense(16, activation="relu", input_shape=(6,), kernel_regularizer=l2(0.01)),
            L.Dropout(0.3),
            L.GaussianNoise(0.1),
            L.Dense(3, activation="softmax"),
        ]
    )
    model.compile(SGD(0.1, momentum=0.9, decay=0.01), "categorical_crossentropy", ["accuracy"])
    return model


def normalised() -> Model:
    model = Sequential([L.Dense(8, input_shape=(6,)), L.BatchNormalization(), L.Dense(3)])
    model.compile("nadam", "mse", metrics=["mae"])
    return model


def masked() -> Model:
    inputs = L.Input((6,))
    words = L.Lambda(lambda x: K.cast(K.abs(x) * 2, "int32"), output_shape=(6,))(inputs)
    x = L.Embedding(20, 5, mask_zero=True)(words)
    model = Model(inputs, L.Dense(3)(L.LSTM(4, dropout=0.2, recurrent_dropout=0.2)(x)))
    model.compile("adam", "mse")
    return model


def stateful() -> Model:
    model = Sequential()
    model.add(L.Reshape((3, 2), batch_input_shape=(BATCH, 6)))
    model.add(L.GRU(4, stateful=True))
    model.add(L.Dense(3))
    model.compile("rmsprop", "mse")
    return model


def two_outputs() -> Model:
    inputs = L.Input((6,))
    x = L.Dense(8, activation="tanh")(inputs)
    model = Model(inputs, [L.Dense(3, name="first")(x), L.Dense(3, name="second")(x)])
    model.compile("adagrad", ["mse", "mae"], metrics=["mse"], loss_weights=[1.0, 0.3])
    return model


def convolved() -> Model:
    model = Sequential([L.Reshape((6, 1), input_shape=(6,)), L.Conv1D(4, 3), L.Flatten()])
    model.add(L.Dense(3))
    model.compile("sgd", "mse")
    return model


def data(samples: int = SAMPLES) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.RandomState(5)
    return numbers.normal(size=(samples, 6)), np.eye(3)[numbers.randint(0, 3, samples)]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps each call did that did several."""
    counted: list[int] = []
    usual = Compiled.run_several

    def counting(self: Compiled, runs: Any) -> Any:
        counted.append(len(runs))
        return usual(self, runs)

    monkeypatch.setattr(Compiled, "run_several", counting)
    return counted


def trained(least: int, build: Callable[[], Model], how: dict[str, Any]) -> tuple[Any, Model]:
    """The history of a training, whose steps go together if there are `least` of them."""
    K.clear_session()
    np.random.seed(7)
    model = build()
    how = {"batch_size": BATCH, "epochs": EPOCHS, "verbose": 0, **how}
    x, y = how.pop("data", None) or data()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "LEAST", least)
        history = model.fit(x, [y] * len(model.outputs) if len(model.outputs) > 1 else y, **how)
    return history.history, model


def weights() -> np.ndarray:
    return np.random.RandomState(3).uniform(0.1, 2.0, SAMPLES)


CASES: dict[str, tuple[Callable[[], Model], dict[str, Any]]] = {
    "dropout": (mlp, {}),
    "no shuffle": (mlp, {"shuffle": False}),
    "shuffled batches": (mlp, {"shuffle": "batch"}),
    "sample weights": (mlp, {"sample_weight": weights()}),
    "class weights": (mlp, {"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}}),
    "validation": (mlp, {"validation_split": 0.2}),
    "normalisation": (normalised, {}),
    "masks": (masked, {}),
    "states": (stateful, {"shuffle": False, "data": data(80)}),
    "outputs": (two_outputs, {}),
}


@HAS_SERIES
@pytest.mark.parametrize("name", CASES)
def test_trainings_are_the_same(name: str, calls: list[int]) -> None:
    build, how = CASES[name]
    expected, single = trained(10**9, build, how)
    assert not calls
    got, model = trained(1, build, how)
    assert len(calls) >= EPOCHS
    assert min(calls) > 1
    assert got.keys() == expected.keys()
    for key, values in expected.items():
        # XLA gives the same bits here, but doesn't promise them.
        np.testing.assert_allclose(got[key], values, rtol=1e-5, atol=1e-6, err_msg=key)
    for ours, wanted in (
        (model.get_weights(), single.get_weights()),
        (model.optimizer.get_weights(), single.optimizer.get_weights()),
    ):
        for a, b in zip(ours, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@HAS_SERIES
def test_another_order_of_draws_is_noticed() -> None:
    """The comparison above is worth something: it can fail."""
    expected, _ = trained(10**9, mlp, {})
    got, _ = trained(1, mlp, {"shuffle": False})
    assert not np.allclose(got["loss"], expected["loss"], rtol=1e-3)


# ---- who looks


@HAS_SERIES
def test_who_listens_to_batches_gets_each_in_its_turn(calls: list[int]) -> None:
    seen: list[Any] = []
    looking = LambdaCallback(
        on_batch_end=lambda batch, logs: seen.append((batch, logs["size"], logs["loss"]))
    )
    trained(1, mlp, {"callbacks": [looking], "epochs": 1})
    assert not calls
    assert [(batch, size) for batch, size, _ in seen] == [*((n, 8) for n in range(11)), (11, 6)]
    assert len({loss for _, _, loss in seen}) == 12


class Remembers(Callback):
    """The logs of the epochs, as `fit` hands them over."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs.append((epoch, dict(logs)))


@HAS_SERIES
@pytest.mark.parametrize("verbose", [1, 2])
def test_callbacks_of_epochs_and_the_bar_see_the_same(
    verbose: int, calls: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    single, together = Remembers(), Remembers()
    trained(10**9, mlp, {"callbacks": [single], "verbose": verbose})
    shown = capsys.readouterr().out
    trained(1, mlp, {"callbacks": [together], "verbose": verbose})
    assert calls
    assert [e for e, _ in together.epochs] == [e for e, _ in single.epochs] == [0, 1, 2]
    for (_, got), (_, wanted) in zip(together.epochs, single.epochs, strict=True):
        assert list(got) == list(wanted)
        np.testing.assert_allclose(list(got.values()), list(wanted.values()), rtol=1e-5)
    again = capsys.readouterr().out
    assert shown.count("Epoch ") == again.count("Epoch ") == EPOCHS
    assert again.count("94/94") >= 1 if verbose == 1 else "94/94" not in again


@HAS_SERIES
def test_a_training_ends_at_the_same_epoch(calls: list[int]) -> None:
    def stop() -> dict[str, Any]:
        return {"callbacks": [EarlyStopping("loss", mode="max")], "epochs": 6}

    expected, _ = trained(10**9, mlp, stop())
    got, _ = trained(1, mlp, stop())
    assert calls
    assert len(got["loss"]) == len(expected["loss"]) < 6


@HAS_SERIES
def test_ctrl_c_waits_for_the_steps_that_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Compiled.run_several

    def interrupted(self: Compiled, runs: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return usual(self, runs)

    monkeypatch.setattr(Compiled, "run_several", interrupted)
    monkeypatch.setattr(loop, "LEAST", 1)
    model = mlp()
    x, y = data()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    assert int(model.optimizer.get_weights()[0]) == 11
    assert np.isfinite(model.predict(x)).all()
    assert np.isfinite(model.train_on_batch(x, y)[0])


@HAS_SERIES
def test_what_has_to_be_a_call_of_its_own(calls: list[int]) -> None:
    x, y = data()

    def batches() -> Iterator[Any]:
        while True:
            yield x[:BATCH], y[:BATCH]

    model = mlp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "LEAST", 1)
        model.fit(batches(), steps_per_epoch=12, epochs=2, verbose=0)  # made when asked for
        model.fit(x, y, steps_per_epoch=12, verbose=0)
        model.fit(x, y, batch_size=BATCH, callbacks=[TerminateOnNaN()], verbose=0)
        model.train_function = lambda values: [0.0, 0.0]  # the user's own
        model.fit(x, y, batch_size=BATCH, verbose=0)
    trained(1, convolved, {})  # XLA is slow at convolutions inside loops
    assert not calls


@HAS_SERIES
def test_few_steps_are_not_worth_a_program(calls: list[int]) -> None:
    K.clear_session()
    model = mlp()
    model.fit(*data(), batch_size=BATCH, epochs=EPOCHS, verbose=0)
    assert not calls

"""LearningRateScheduler and ReduceLROnPlateau."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from keras.callbacks import History, LearningRateScheduler, ReduceLROnPlateau
from tests.callbacks.fakes import FakeModel, losses, train


def rates(callback: Any, logs: list[dict[str, float]], lr: float = 0.1) -> list[float]:
    """The learning rates that the history shows."""
    history = History()
    train([callback, history], logs, FakeModel(lr))
    return list(history.history["lr"])


@pytest.mark.parametrize(
    "schedule",
    [
        lambda epoch: 0.1 / (epoch + 1),
        lambda epoch, lr: 0.1 if not epoch else lr * epoch / (epoch + 1),
        lambda epoch, lr=None: lr * (epoch or 1) / (epoch + 1),
        lambda epoch, *, base=0.1: base / (epoch + 1),
        lambda epoch: np.float32(0.1) / np.float32(epoch + 1),
        lambda epoch: np.array(0.1 / (epoch + 1)),
        functools.partial(lambda base, epoch: base / (epoch + 1), 0.1),
    ],
)
def test_schedules_of_one_and_two_arguments(schedule: Callable[..., float]) -> None:
    found = rates(LearningRateScheduler(schedule), losses(1.0, 1.0, 1.0))
    np.testing.assert_allclose(found, [0.1, 0.05, 0.1 / 3], rtol=1e-6)


def test_the_rate_is_set_before_the_epoch() -> None:
    model = FakeModel()
    seen: list[float] = []
    schedule = LearningRateScheduler(lambda epoch: [0.5, 0.25][epoch])
    train([schedule], losses(1.0, 1.0), model, lambda epoch: seen.append(model.rate))
    assert seen == [0.5, 0.25]


def test_a_whole_number_is_a_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert rates(LearningRateScheduler(lambda epoch: 1, verbose=1), losses(1.0)) == [1.0]
    assert capsys.readouterr().out == (
        "Epoch 00001: LearningRateScheduler setting learning rate to 1.\n"
    )


@pytest.mark.parametrize(
    ("rate", "says"),
    [(None, r"returned None. Does it lack a `return`\?"), ("0.1", "returned '0.1'")],
)
def test_a_schedule_must_return_a_number(rate: Any, says: str) -> None:
    with pytest.raises(ValueError, match=f"for epoch 0 it {says}"):
        rates(LearningRateScheduler(lambda epoch: rate), losses(1.0))


def test_a_schedule_is_a_function() -> None:
    with pytest.raises(TypeError, match="needs a function of the epoch"):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "callback", [LearningRateScheduler(lambda epoch: 0.1), ReduceLROnPlateau()]
)
def test_an_optimizer_without_a_rate(callback: Any) -> None:
    model = SimpleNamespace(optimizer=object(), stop_training=False)
    with pytest.raises(
        ValueError, match="with an optimizer that has an `lr`; this one has `object`"
    ):
        train([callback], losses(1.0), model)


@pytest.mark.parametrize(
    ("arguments", "values", "expected"),
    [
        ({"patience": 2}, [1] * 5, [0.1, 0.1, 0.1, 0.01, 0.01]),
        ({"patience": 1, "factor": 0.5}, [1] * 4, [0.1, 0.1, 0.05, 0.025]),
        ({"patience": 1, "factor": 0.5}, [4, 3, 2, 1], [0.1] * 4),
        ({"patience": 1, "min_lr": 0.03}, [1] * 4, [0.1, 0.1, 0.03, 0.03]),
        # The epoch after a reduction cools down, then one without gain is one too many again.
        ({"patience": 1, "cooldown": 2}, [1] * 6, [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]),
        ({"patience": 1, "min_delta": 0.5}, [3, 2.8, 2.6, 2], [0.1, 0.1, 0.01, 0.001]),
        ({"patience": 1, "min_delta": 0.5}, [3, 2.4, 1.8], [0.1, 0.1, 0.1]),
        ({"patience": 1, "mode": "max"}, [1, 2, 2, 3], [0.1, 0.1, 0.1, 0.01]),
    ],
)
def test_plateaus(arguments: dict[str, Any], values: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(
        rates(ReduceLROnPlateau(**arguments), losses(*values)), expected, 1e-6
    )


def test_an_accuracy_should_grow_in_either_spelling() -> None:
    callback = ReduceLROnPlateau("acc", patience=1)
    np.testing.assert_allclose(
        rates(callback, losses(0.1, 0.2, 0.2, 0.2, name="accuracy")), [0.1, 0.1, 0.1, 0.01], 1e-6
    )


def test_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    rates(ReduceLROnPlateau(patience=1, factor=0.5, verbose=1), losses(1.0, 1.0), lr=0.5)
    assert capsys.readouterr().out == (
        "Epoch 00002: ReduceLROnPlateau reducing learning rate to 0.25.\n"
    )


def test_the_old_name_of_min_delta() -> None:
    with pytest.warns(UserWarning, match="is called `min_delta` now"):
        assert ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5


def test_arguments_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match=r"`factor` below 1, got 1\.5"):
        ReduceLROnPlateau(factor=1.5)
    with pytest.raises(TypeError, match="unknown argument `min_dleta`"):
        ReduceLROnPlateau(min_dleta=0.5)

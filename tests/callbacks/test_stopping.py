"""EarlyStopping, TerminateOnNaN, and what is said of monitors that aren't there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.callbacks import CallbackList, EarlyStopping, ModelCheckpoint, TerminateOnNaN
from tests.callbacks.fakes import FakeModel, losses, train


@pytest.mark.parametrize(
    ("arguments", "values", "epochs"),
    [
        (
            {"patience": 2},
            [1.0, 1.0, 1.0, 1.0],
            3,
        ),  # a flat loss: as many as patience, and the first
        ({}, [1.0, 0.9, 0.95, 0.1], 3),
        ({"patience": 1}, [1.0, 1.1, 1.0, 0.5], 2),
        ({"patience": 2}, [1.0, 1.1, 0.9, 1.0, 1.0, 0.1], 5),
        ({"min_delta": 0.1}, [1.0, 0.95, 0.5], 2),
        ({"min_delta": 0.1, "patience": 1}, [1.0, 0.85, 0.8, 0.7], 3),
        ({"baseline": 0.5}, [0.6, 0.1], 1),
        ({"baseline": 0.5, "patience": 2}, [0.6, 0.4, 0.4, 0.4, 0.1], 4),
        ({"mode": "max"}, [1.0, 2.0, 1.5, 9.0], 3),
        ({"mode": "max", "min_delta": 0.5}, [1.0, 1.4, 9.0], 2),
        ({"patience": 1}, [float("nan"), float("nan"), 1.0], 1),
        ({"patience": 9}, [1.0] * 5, 5),
    ],
)
def test_when_the_training_ends(
    arguments: dict[str, Any], values: list[float], epochs: int
) -> None:
    assert train([EarlyStopping(**arguments)], losses(*values)) == epochs


@pytest.mark.parametrize(
    ("monitor", "values", "epochs"),
    [
        ("val_acc", [0.1, 0.2, 0.15], 3),
        ("val_accuracy", [0.1, 0.2, 0.3], 3),
        ("fmeasure", [0.3, 0.2, 0.1], 2),
        ("loss", [0.3, 0.2, 0.3, 0.1], 3),
    ],
)
def test_auto_knows_accuracies(monitor: str, values: list[float], epochs: int) -> None:
    assert train([EarlyStopping(monitor)], losses(*values, name=monitor)) == epochs


@pytest.mark.parametrize(
    ("asked", "there"), [("val_acc", "val_accuracy"), ("val_accuracy", "val_acc")]
)
def test_either_spelling_is_watched(asked: str, there: str) -> None:
    assert train([EarlyStopping(asked)], losses(0.2, 0.1, 0.3, name=there)) == 2


def test_the_best_weights_come_back() -> None:
    model = FakeModel()
    stopping = EarlyStopping(patience=2, restore_best_weights=True)

    def step(epoch: int) -> None:
        model.weights = [np.full(1, float(epoch))]

    assert train([stopping], losses(3.0, 1.0, 2.0, 2.0, 0.0), model, step) == 4
    assert model.weights[0][0] == 1.0
    assert (stopping.stopped_epoch, stopping.best, stopping.wait) == (3, 1.0, 2)


def test_a_baseline_never_beaten_leaves_the_weights() -> None:
    model = FakeModel()
    stopping = EarlyStopping(baseline=0.1, restore_best_weights=True)
    assert train([stopping], losses(1.0, 1.0), model) == 1
    assert model.weights[0][0] == 0.0


def test_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    train([EarlyStopping(patience=1, verbose=1, restore_best_weights=True)], losses(1.0, 2.0))
    assert capsys.readouterr().out == (
        "Restoring model weights from the end of the best epoch\nEpoch 00002: early stopping\n"
    )


def test_a_second_training_begins_anew() -> None:
    stopping = EarlyStopping(patience=1)
    assert train([stopping], losses(1.0, 2.0)) == 2
    assert train([stopping], losses(3.0, 2.0, 1.0)) == 3
    assert stopping.stopped_epoch == 0


def test_an_unknown_monitor_is_told_of_once_with_what_there_is() -> None:
    logs = [{"loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}] * 3
    with pytest.warns(RuntimeWarning) as told:
        assert train([EarlyStopping("val_accurcy")], logs) == 3
    (warning,) = told
    assert str(warning.message) == (
        "`EarlyStopping` watches `val_accurcy`, which isn't in the logs; did you mean "
        "`val_accuracy`? They hold: val_accuracy, loss, val_loss. Without it the callback does "
        "nothing."
    )


def test_a_missing_validation_is_named() -> None:
    with pytest.warns(RuntimeWarning, match="no validation: give `fit` `validation_data`"):
        train([EarlyStopping()], [{"loss": 1.0}])


def test_a_validation_in_some_epochs_is_no_reason_for_warnings() -> None:
    logs = [{"loss": 1.0}, {"loss": 1.0, "val_loss": 2.0}]
    stopping = [EarlyStopping(), ModelCheckpoint("x.h5", save_best_only=True)]
    assert train(stopping, logs * 2, metrics=["loss", "val_loss"]) == 4


def test_an_unknown_mode_is_told_of() -> None:
    with pytest.warns(RuntimeWarning, match="'auto', 'min' or 'max', got 'least'"):
        assert EarlyStopping(mode="least").watched.mode == "min"


def test_auto_that_would_go_the_wrong_way_is_told_of() -> None:
    with pytest.warns(RuntimeWarning, match="takes a smaller `val_auc` as the better one"):
        EarlyStopping("val_auc")
    assert EarlyStopping("val_auc", mode="max").watched.mode == "max"


@pytest.mark.parametrize(
    ("loss", "ends"), [(float("nan"), True), (np.float32("inf"), True), (1.0, False)]
)
def test_a_loss_that_is_no_number_ends_the_training(
    loss: Any, ends: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FakeModel()
    listed = CallbackList([TerminateOnNaN()])
    listed.set_model(model)
    listed.on_batch_end(3, {"loss": loss})
    assert model.stop_training is ends
    said = "Batch 3: Invalid loss, terminating training\n"
    assert capsys.readouterr().out == (said if ends else "")

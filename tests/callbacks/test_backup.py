"""BackupAndRestore: what it keeps, when, and what it refuses. `training/test_resume.py` kills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.callbacks import BackupAndRestore, Callback, CallbackList, CSVLogger, History
from keras.callbacks.state import set_state_of, state_of
from keras.layers import Dense, Dropout
from keras.models import Sequential

X = np.arange(40.0).reshape(20, 2) / 40
Y = X.sum(axis=1)


class Stop(Exception):
    """The training is broken off."""


class After(Callback):
    """Breaks off after so many epochs, or batches."""

    def __init__(self, epochs: int = 0, batches: int = 0) -> None:
        super().__init__()
        self._left = {"epochs": epochs, "batches": batches}

    def get_state(self) -> None:
        """It has none."""

    def set_state(self, state: None) -> None:
        """It has none."""

    def _count(self, what: str) -> None:
        self._left[what] -= 1
        if self._left[what] == 0:
            raise Stop

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._count("epochs")

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._count("batches")


def model(units: int = 4) -> Sequential:
    made = Sequential([Dense(units, input_shape=(2,)), Dropout(0.5), Dense(1)])
    made.compile("adam", "mse")
    return made


def broken_off(folder: Path, **how: Any) -> None:
    callbacks = [BackupAndRestore(folder, how.pop("save_freq", "epoch")), After(**how)]
    with pytest.raises(Stop):
        model().fit(X, Y, 5, epochs=4, verbose=0, callbacks=callbacks)


def test_the_history_is_that_of_all_epochs(tmp_path: Path) -> None:
    broken_off(tmp_path, epochs=4)
    history = model().fit(
        X, Y, 5, epochs=4, verbose=0, callbacks=[After(), BackupAndRestore(tmp_path)]
    )
    assert history.epoch == [0, 1, 2, 3]
    assert len(history.history["loss"]) == 4
    assert not (tmp_path / "training.npz").exists()


def test_more_epochs_than_before(tmp_path: Path) -> None:
    backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
    model().fit(X, Y, 5, epochs=2, verbose=0, callbacks=[backup])
    for epochs, expected in ((2, [0, 1]), (4, [0, 1, 2, 3])):
        history = model().fit(X, Y, 5, epochs=epochs, verbose=0, callbacks=[backup])
        assert history.epoch == expected


def test_the_bar_begins_where_the_training_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_off(tmp_path, save_freq=3, batches=8)  # the second epoch's fourth batch
    backup = BackupAndRestore(tmp_path, save_freq=3, verbose=1)
    model().fit(X, Y, 5, epochs=2, verbose=1, callbacks=[backup, After()])
    text = capsys.readouterr().out
    assert "going on with epoch 2, batch 3" in text
    assert "Epoch 2/2" in text
    assert "Epoch 1/2" not in text
    assert "20/20 [====" in text


def test_files_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    left = tmp_path / ".training.npz.0123456789ab"
    left.write_text("half a file")
    model().fit(X, Y, verbose=0, callbacks=[BackupAndRestore(tmp_path)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"batch_size": 4}, "batches of"),
        ({"units": 5}, "isn't the one that was kept: .*dense"),
        ({"more": [CSVLogger]}, "had the callbacks"),
    ],
)
def test_another_training_is_refused(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    broken_off(tmp_path, epochs=3)
    more = [each(tmp_path / "log.csv") for each in change.get("more", [])]
    listed = [BackupAndRestore(tmp_path), After(), *more]
    with pytest.raises(ValueError, match=says):
        model(change.get("units", 4)).fit(
            X, Y, change.get("batch_size", 5), epochs=4, verbose=0, callbacks=listed
        )
    for each in more:
        each.on_train_end()


def test_arguments(tmp_path: Path) -> None:
    for wrong in ("batch", 0, -1, True, 2.5):
        with pytest.raises(ValueError, match="`save_freq` is 'epoch' or a number of batches"):
            BackupAndRestore(tmp_path, save_freq=wrong)
    with pytest.raises(RuntimeError, match="works with `fit` only"):
        BackupAndRestore(tmp_path).on_train_begin()


def test_batches_are_listened_to_only_if_asked(tmp_path: Path) -> None:
    assert not CallbackList([BackupAndRestore(tmp_path)]).listens("train")
    assert CallbackList([BackupAndRestore(tmp_path, save_freq=5)]).listens("train")


# ---- what callbacks know


def test_attributes_that_are_plain_are_kept_in_the_same_objects() -> None:
    class Own(Callback):
        def __init__(self) -> None:
            super().__init__()
            self.values: list[Any] = []
            self.table: dict[str, Any] = {}
            self.best: Any = None
            self.function = print

    then, now = Own(), Own()
    then.values += [1.0, np.float32(2.0)]
    then.table["a"] = np.arange(3)
    then.best = (0.5, "epoch 3")
    values, table = now.values, now.table
    state = state_of(then)
    assert set(state) == {"values", "table", "best"}
    set_state_of(now, state)
    assert values == [1.0, 2.0]
    assert values is now.values
    assert table is now.table
    np.testing.assert_array_equal(now.table["a"], np.arange(3))
    assert now.best == (0.5, "epoch 3")


def test_a_history_still_finds_either_spelling() -> None:
    then, now = History(), History()
    then.on_epoch_end(0, {"accuracy": 0.5})
    set_state_of(now, state_of(then))
    assert now.history["acc"] == [0.5]


@pytest.mark.parametrize("append", [False, True])
def test_a_log_has_the_lines_of_before_and_no_others(append: bool, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    if append:
        path.write_text("epoch,loss\n0,9.0\n")
    first = CSVLogger(path, append=append)
    first.on_train_begin()
    first.on_epoch_end(0, {"loss": 1.0})
    state = first.get_state()
    first.on_epoch_end(1, {"loss": 2.0})  # written, but not kept: the process is killed
    first.on_train_end()
    second = CSVLogger(path, append=append)
    second.on_train_begin()
    second.set_state(state)
    second.on_epoch_end(1, {"loss": 3.0})
    second.on_train_end()
    head = ["epoch,loss", "0,9.0"] if append else ["epoch,loss"]
    assert path.read_text().splitlines() == [*head, "0,1.0", "1,3.0"]

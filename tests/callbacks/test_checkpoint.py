"""ModelCheckpoint: when it saves, where, and what it says when it can't."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from keras.callbacks import ModelCheckpoint
from tests.callbacks.fakes import FakeModel, losses, train


def saved(checkpoint: ModelCheckpoint, logs: list[dict[str, float]]) -> list[str]:
    model = FakeModel()
    train([checkpoint], logs, model)
    return [path for path, _ in model.saved]


def test_each_epoch(tmp_path: Path) -> None:
    path = str(tmp_path / "model.h5")
    assert saved(ModelCheckpoint(path), losses(1.0, 2.0)) == [path, path]


@pytest.mark.parametrize("weights", [False, True])
def test_the_model_or_its_weights(tmp_path: Path, weights: bool) -> None:
    model = FakeModel()
    checkpoint = ModelCheckpoint(tmp_path / "model.h5", save_weights_only=weights)
    train([checkpoint], losses(1.0), model)
    assert model.saved == [(str(tmp_path / "model.h5"), weights)]


@pytest.mark.parametrize(
    ("arguments", "values", "epochs"),
    [
        ({}, [3.0, 2.0, 2.5, 1.0], [1, 2, 4]),
        ({"mode": "max"}, [3.0, 2.0, 3.5], [1, 3]),
        ({"period": 2}, [3.0, 2.0, 2.5, 2.4], [2]),
        ({"period": 2}, [3.0, 2.0, 2.5, 1.0], [2, 4]),
        ({}, [float("nan"), 1.0], [2]),
    ],
)
def test_only_the_best(arguments: dict[str, Any], values: list[float], epochs: list[int]) -> None:
    checkpoint = ModelCheckpoint("{epoch}", save_best_only=True, **arguments)
    assert saved(checkpoint, losses(*values)) == [str(epoch) for epoch in epochs]


def test_every_second_epoch() -> None:
    assert saved(ModelCheckpoint("{epoch}", period=2), losses(*[1.0] * 5)) == ["2", "4"]


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("w.{epoch:02d}-{val_loss:.2f}.h5", "w.01-0.12.h5"),
        ("{val_acc:.1f}.h5", "0.8.h5"),  # either spelling
        ("{val_accuracy:.1f}.h5", "0.8.h5"),
        ("{{kept}}.h5", "{kept}.h5"),
        ("plain.h5", "plain.h5"),
    ],
)
def test_names_in_braces_are_filled_in(template: str, path: str) -> None:
    assert saved(ModelCheckpoint(template), [{"val_loss": 0.123, "val_accuracy": 0.8}]) == [path]


def test_the_best_so_far_can_be_set_for_a_training_that_goes_on() -> None:
    checkpoint = ModelCheckpoint("{epoch}", save_best_only=True)
    checkpoint.best = 0.5
    assert saved(checkpoint, losses(0.9, 0.4)) == ["2"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    saved(ModelCheckpoint(tmp_path / "a" / "{epoch}" / "w.h5"), losses(1.0))
    assert (tmp_path / "a" / "1").is_dir()


def test_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    saved(ModelCheckpoint("x", save_best_only=True, verbose=1), losses(0.5, 0.75, 0.25))
    saved(ModelCheckpoint("y{epoch}", verbose=1), losses(0.5))
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 00001: val_loss improved from inf to 0.50000, saving model to x",
        "Epoch 00002: val_loss did not improve from 0.50000",
        "Epoch 00003: val_loss improved from 0.50000 to 0.25000, saving model to x",
        "Epoch 00001: saving model to y1",
    ]


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(KeyError) as caught:
        saved(ModelCheckpoint("{val_los:.2f}"), losses(1.0))
    (message,) = caught.value.args
    assert "no 'val_los' to put into the file name; did you mean `val_loss`?" in message
    assert "There are: epoch, val_loss." in message


@pytest.mark.parametrize("template", ["{epoch:zz}", "{epoch", "{}"])
def test_a_template_that_means_nothing(template: str) -> None:
    with pytest.raises(ValueError, match=r"can't fill in the file name .* It may hold \{epoch\}"):
        saved(ModelCheckpoint(template), losses(1.0))


def test_what_is_no_path() -> None:
    with pytest.raises(TypeError, match="needs the path of a file as `filepath`, got 3"):
        ModelCheckpoint(3)  # type: ignore[arg-type]


def test_a_full_disk_is_said_clearly(tmp_path: Path) -> None:
    class Full(FakeModel):
        def save(self, path: str, overwrite: bool = True) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    path = str(tmp_path / "model.h5")
    with pytest.raises(OSError, match="could not save the model after epoch 1") as caught:
        train([ModelCheckpoint(path)], losses(1.0), Full())
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == path
    assert "No space left on device" in str(caught.value)
    assert "before is still whole" in str(caught.value)

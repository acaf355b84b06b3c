"""The demo, with two epochs instead of forty; and what it says when something is wrong."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras.demo import command, main, pictures
from keras.demo.digits import HELD_OUT, load_data, network
from keras.models import load_model

ROOT = Path(__file__).resolve().parents[2]


def test_every_digit_is_trained_on_or_held_out() -> None:
    (x, y), (held_x, held_y) = load_data()
    assert (len(x), len(held_x)) == (1797 - HELD_OUT, HELD_OUT)
    both = np.concatenate([x, held_x])[..., 0] * 16
    by_image = sorted(map(bytes, both.astype("uint8")))
    assert by_image == sorted(map(bytes, load_digits().images.astype("uint8")))
    counts = np.concatenate([y, held_y]).sum(axis=0)
    np.testing.assert_array_equal(counts, np.bincount(load_digits().target))
    np.testing.assert_array_equal(load_data()[1][0], held_x)


def test_the_short_demo(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a" / "demo"
    assert main(["--epochs", "2", "--folder", str(folder)]) == 0
    said = capfd.readouterr().out
    assert "Epoch 2/2" in said
    assert "predictions are equal" in said
    assert {path.name for path in folder.iterdir()} == set(command.FILES)
    for name in command.FILES:
        assert str(folder / name) in said
    for name in ("curves.png", "confusion_matrix.png", "model.png"):
        pixels = matplotlib.image.imread(folder / name)
        assert min(pixels.shape[:2]) > 200
        assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 50
    _, (x, y) = load_data()
    model = load_model(str(folder / "digits.h5"))
    assert model.evaluate(x, y, verbose=0)[1] > 0.8


def test_the_network_sees_8_by_8_and_says_one_of_ten() -> None:
    model = network()
    assert model.input_shape == (None, 8, 8, 1)
    np.testing.assert_allclose(model.predict(np.zeros((2, 8, 8, 1))).sum(axis=1), 1, rtol=1e-5)


def test_other_predictions_are_noticed() -> None:
    one, other = np.ones((2, 10)), np.ones((2, 10))
    command.compare(one, other)
    other[1, 3] += 1e-7
    with pytest.raises(RuntimeError, match=r"predicts otherwise.*\(up to 1e-07\)"):
        command.compare(one, other)
    with pytest.raises(RuntimeError, match="up to inf"):
        command.compare(one, other[:1])


def test_a_missing_extra_is_one_sentence_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = command.find_spec
    monkeypatch.setattr(
        command, "find_spec", lambda name: None if name == "sklearn" else found(name)
    )
    monkeypatch.chdir(tmp_path)
    assert main([]) == 1
    assert capsys.readouterr().err == (
        'The demo needs scikit-learn: run `pip install "evergreen-keras[demo]"`, '
        "or in a clone `./do demo`.\n"
    )
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert "scikit-learn and matplotlib: " in (command.missing() or "")


def test_arguments_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--epochs", "0"])
    assert "--epochs is at least 1, got 0." in capsys.readouterr().err


def test_confusion_counts_pairs() -> None:
    counts = pictures.confusion(np.array([3, 3, 3, 9]), np.array([3, 3, 5, 9]))
    assert counts.sum() == 4
    assert (counts[3, 3], counts[3, 5], counts[9, 9]) == (2, 1, 1)


@pytest.mark.parametrize("wrong", [0, 1, 9])
def test_the_matrix_is_drawn_with_any_number_of_mistakes(wrong: int, tmp_path: Path) -> None:
    truth = np.arange(20) % 10
    probabilities = np.eye(10)[(truth + (np.arange(20) < wrong)) % 10]
    file = tmp_path / "m.png"
    pictures.confusion_matrix(np.random.rand(20, 8, 8, 1), truth, probabilities, file)
    assert matplotlib.image.imread(file).shape[0] > 500


def test_one_epoch_has_curves(tmp_path: Path) -> None:
    history = {"loss": [1.0], "val_loss": [2.0], "accuracy": [0.5], "val_accuracy": [0.4]}
    pictures.curves(history, 0.41, tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 5000


def test_what_it_makes_in_a_clone_is_ignored_by_git() -> None:
    assert "/demo/" in (ROOT / ".gitignore").read_text().split()

"""The scripts in examples/, at small settings: what they learnt, and that they draw it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pyplot = pytest.importorskip("matplotlib.pyplot")
pytest.importorskip("sklearn")

EXAMPLES = Path(__file__).parents[2] / "examples"
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """What `main` of a script returns; its picture was drawn, and isn't of one colour."""

    def found(name: str, *arguments: str) -> Any:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        file = tmp_path / "new" / f"{name}.png"
        figures = module.main([*arguments, f"--picture={file}"])
        assert np.ptp(pyplot.imread(file)[..., :3]) > 0.5
        assert not pyplot.get_fignums()
        assert name == module.PICTURE.stem
        return figures

    return found


def test_digits_cnn(run: Run) -> None:
    convolutional, linear = run("digits_cnn", "--epochs", "4")
    assert convolutional > 0.95
    assert convolutional > linear


def test_digits_autoencoder(run: Run) -> None:
    autoencoder, components = run("digits_autoencoder", "--epochs", "25")
    assert autoencoder < 0.85 * components


def test_text_generation(run: Run) -> None:
    letters = ("--letters", "40000", "--length", "20")
    bits, _ = run("text_generation", "--epochs", "3", *letters)
    assert bits < 4.2  # as many as the letters' frequencies alone need are 4.4


def test_seq2seq_addition(run: Run) -> None:
    share, nearest = run("seq2seq_addition", "--below", "20", "--taught", "300", "--epochs", "60")
    assert share > 3 * nearest


def test_transfer_learning(run: Run) -> None:
    learnt, random = run("transfer_learning", "--epochs", "10", "--choices", "1")
    assert learnt > random


def test_stateful_lstm(run: Run) -> None:
    stateful, stateless = run("stateful_lstm", "--epochs", "16")
    assert stateful < 0.5 * stateless


def test_multi_input_output(run: Run) -> None:
    right, frequent, explained = run("multi_input_output", "--epochs", "15")
    assert right > frequent + 0.2
    assert explained > 0.6


def test_custom_layer_and_loss(run: Run) -> None:
    loss, straight, inside = run("custom_layer_and_loss", "--epochs", "10")
    assert loss < 0.6 * straight
    assert 0.6 < inside < 0.95


def test_neural_style_transfer(run: Run) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("PIL")
    losses = run("neural_style_transfer", "--iterations", "10", "--size", "48")
    assert losses[-1] < 0.1 * losses[0]
    assert losses == sorted(losses, reverse=True)


def test_deep_dream(run: Run) -> None:
    before, after = run("deep_dream", "--size", "48", "--steps", "5")
    assert after > 1.5 * before


def test_wgan_gp(run: Run) -> None:
    before, after, filled = run("wgan_gp", "--rounds", "400")
    assert after < 0.5 * before
    assert filled >= 6


def test_variational_autoencoder(run: Run) -> None:
    losses, same_class = run("variational_autoencoder", "--epochs", "8")
    assert losses[-1] < 0.8 * losses[0]
    assert same_class > 0.25  # of ten classes


def test_siamese(run: Run) -> None:
    assert run("siamese", "--epochs", "3", "--pairs", "2000") > 0.85


def test_image_ocr(run: Run) -> None:
    losses, _ = run("image_ocr", "--epochs", "5", "--lines", "600")
    assert losses[-1] < 0.6 * losses[0]
    assert np.isfinite(losses).all()


def test_each_has_a_test_and_a_line_in_the_readme() -> None:
    scripts = {path.stem for path in EXAMPLES.glob("*.py")}
    assert scripts == {n.removeprefix("test_") for n in globals() if n.startswith("test_")} - {
        "each_has_a_test_and_a_line_in_the_readme"
    }
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}.py`" in readme for name in scripts)

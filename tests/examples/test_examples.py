"""The scripts in examples/, at small settings: what they learnt."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str) -> Any:
    """What `main` of a script returns."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main(list(arguments))


def test_neural_style_transfer(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("PIL")
    file = tmp_path / "picture.png"
    losses = run("neural_style_transfer", "--iterations", "20", "--size", "24", f"--result={file}")
    assert losses[-1] < 0.5 * losses[0]
    assert losses == sorted(losses, reverse=True)
    assert file.stat().st_size > 0


def test_deep_dream() -> None:
    before, after = run("deep_dream", "--size", "32", "--steps", "5")
    assert after > 20 * before


def test_wgan_gp() -> None:
    before, after, filled = run("wgan_gp", "--rounds", "400")
    assert after < 0.5 * before
    assert filled >= 6


def test_variational_autoencoder() -> None:
    pytest.importorskip("sklearn")
    losses, same_class = run("variational_autoencoder", "--epochs", "8")
    assert losses[-1] < 0.8 * losses[0]
    assert same_class > 0.25  # of ten classes


def test_siamese() -> None:
    pytest.importorskip("sklearn")
    assert run("siamese", "--epochs", "3", "--pairs", "2000") > 0.85


def test_image_ocr() -> None:
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

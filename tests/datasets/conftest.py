"""Each test has a cache of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from keras.backend import config


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which data sets are kept, empty."""
    monkeypatch.setattr(config, "_home", tmp_path / "home")
    folder = tmp_path / "home" / "datasets"
    folder.mkdir(parents=True)
    return folder

"""A server to download from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from keras.utils import download
from tests.utils.server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server; broken connections are taken up at once."""
    monkeypatch.setattr(download, "PAUSE", 0.0)
    with serving() as state:
        yield state

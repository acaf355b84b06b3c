"""Packages that only those need who work with images."""

from __future__ import annotations

import importlib
from typing import Any


def pillow() -> Any:
    """Pillow, which reads, writes and resizes images."""
    return _package("PIL.Image", "Pillow", "Reading and writing images")


def ndimage() -> Any:
    """SciPy's functions for images."""
    return _package("scipy.ndimage", "SciPy", "Turning, shifting and zooming images")


def _package(module: str, name: str, what: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{what} needs the package {name}: `pip install 'evergreen-keras[images]'`."
        ) from error

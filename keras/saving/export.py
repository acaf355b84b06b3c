"""Models for programs that know nothing of this package: TensorFlow's SavedModel."""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

from ..backend.engines import INSTALL
from ..backend.graph import runtime


def export(model: Any, folder: Any) -> None:
    """Write a folder with a SavedModel that computes what `model.predict` does; whichever engine
    runs, TensorFlow has to be there. A SavedModel that was there is replaced."""
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError(f"A SavedModel is written by TensorFlow; `{INSTALL['tensorflow']}`.")
    path = Path(os.fspath(folder)).absolute()
    if path.exists() and not (path / "saved_model.pb").is_file():
        raise FileExistsError(f"export: `{path}` is there already, and it is no SavedModel.")
    model._build_for_data(None)
    room: Any = importlib.import_module("keras.backend.engines.tensorflow.export")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as draft:
        new, old = Path(draft) / "new", Path(draft) / "old"
        names = model._feed_input_names, model.output_names
        room.export(_tensorflow(), model.predict_function, *names, new)
        if path.exists():
            path.rename(old)
        new.rename(path)


def _tensorflow() -> Any:
    """The engine, be it the one that runs or another beside it."""
    running = runtime.engine()
    if running.name == "tensorflow":
        return running
    module: Any = importlib.import_module("keras.backend.engines.tensorflow")
    return module.engine()

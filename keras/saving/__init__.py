"""Models in files. The table of contents."""

from __future__ import annotations

from .config import model_from_config, model_from_json, model_from_yaml, to_json, to_yaml
from .files import ask_to_proceed_with_overwrite
from .model import (
    load_model,
    load_weights,
    pickle_model,
    save_model,
    save_weights,
    unpickle_model,
)
from .safety import FileError

__all__ = [
    "FileError",
    "ask_to_proceed_with_overwrite",
    "load_model",
    "load_weights",
    "model_from_config",
    "model_from_json",
    "model_from_yaml",
    "pickle_model",
    "save_model",
    "save_weights",
    "to_json",
    "to_yaml",
    "unpickle_model",
]

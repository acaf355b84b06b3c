"""Models in files. The table of contents."""

from __future__ import annotations

from .config import model_from_config, model_from_json, model_from_yaml, to_json, to_yaml
from .copies import copied, pickle_model, unpickle_model
from .export import export
from .files import ask_to_proceed_with_overwrite
from .model import load_model, load_weights, save_model, save_weights
from .safety import FileError

__all__ = [
    "FileError",
    "ask_to_proceed_with_overwrite",
    "copied",
    "export",
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

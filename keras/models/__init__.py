"""Models: graphs and stacks of layers, with training."""

from __future__ import annotations

from ..registry import Registry
from .clone import clone_model
from .files import load_model, model_from_config, model_from_json, model_from_yaml, save_model
from .model import Model
from .network import Network
from .sequential import Sequential

__all__ = [
    "Model",
    "Network",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_config",
    "model_from_json",
    "model_from_yaml",
    "save_model",
]

Registry.by_kind["layer"].include(Model=Model, Sequential=Sequential)

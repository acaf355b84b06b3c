"""Models: graphs and stacks of layers, with training."""

from __future__ import annotations

from ..registry import Registry
from .clone import clone_model
from .model import Model
from .network import Network
from .sequential import Sequential

__all__ = ["Model", "Network", "Sequential", "clone_model"]

Registry.by_kind["layer"].include(Model=Model, Sequential=Sequential)

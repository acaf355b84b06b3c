"""Which classes and modules are plugged, and with what."""

from __future__ import annotations

from .. import models, optimizers
from ..configured import Configured
from ..layers.base import Layer
from ..registry import Registry
from . import names, paths
from .plugs import constructor, method


def install() -> None:
    """Plug the past in: arguments of constructors and methods, names and import paths."""
    Configured.argument_hooks.append(constructor)
    Registry.elsewhere.append(names.filed)
    network = ("self", "inputs", "outputs", "name")
    method(models.Network, "__init__", names=network, old=("input", "output"))
    method(models.Model, "fit")
    method(models.Model, "fit_generator", lambda args: len(args) > 2)
    method(models.Model, "evaluate_generator", lambda args: len(args) > 3)
    method(models.Model, "predict_generator", lambda args: len(args) > 3)
    method(models.Model, "train_on_batch", lambda args: len(args) > 3)
    method(Layer, "add_weight", lambda args: len(args) > 1 and type(args[1]) is not str)
    method(
        optimizers.Optimizer,
        "get_updates",
        lambda args: len(args) > 1 and type(args[1]) in (list, tuple),
    )
    paths.install()

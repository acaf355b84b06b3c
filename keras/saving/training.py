"""What `compile` was told and how far the optimizer has come, to and from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import backend as K
from .. import optimizers
from ..registry import CustomObjectScope
from . import h5
from .config import plain
from .safety import FileError


def training_config(model: Any) -> dict[str, Any] | None:
    """The arguments of `compile`; `None` if the model wasn't compiled."""
    if model.optimizer is None:
        return None
    return {
        "optimizer_config": plain(optimizers.serialize(model.optimizer)),
        "loss": plain(model.loss),
        "metrics": plain(model._compile_metrics),
        "weighted_metrics": plain(model._compile_weighted_metrics),
        "sample_weight_mode": plain(model.sample_weight_mode),
        "loss_weights": plain(model.loss_weights),
    }


def write_training(group: Any, model: Any) -> None:
    """The arguments of `compile` and the optimizer's state."""
    config = training_config(model)
    if config is None:
        return
    h5.write_text(group, "training_config", json.dumps(config))
    weights = model.optimizer.weights
    if weights:
        values = K.batch_get_value(weights)
        names = [w.name for w in weights]
        h5.write_arrays(group.create_group("optimizer_weights"), names, values)


def compile_as(
    model: Any, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None
) -> None:
    """Compile a model as a file says."""
    with CustomObjectScope(custom_objects or {}):
        model.compile(
            optimizer=optimizers.deserialize(config["optimizer_config"]),
            loss=config.get("loss"),
            metrics=config.get("metrics"),
            loss_weights=config.get("loss_weights"),
            sample_weight_mode=config.get("sample_weight_mode"),
            weighted_metrics=config.get("weighted_metrics"),
        )


def read_state(group: Any, model: Any) -> None:
    """Give a compiled model's optimizer the state that a file holds."""
    own = h5.subgroup(group, "optimizer_weights")
    stored = [h5.dataset(own, name) for name in h5.read_names(own, "weight_names")]
    weights = optimizer_weights(model)
    ours, theirs = ([tuple(w.shape) for w in each] for each in (weights, stored))
    if ours != theirs:
        raise FileError(
            f"The optimizer's state in the file doesn't fit `{type(model.optimizer).__name__}`: it "
            f"has the shapes {ours}, the file {theirs}. `compile=False` loads the rest."
        )
    for weight, value in zip(weights, stored, strict=True):
        weight.assign(np.asarray(value[()], dtype=weight.dtype))


def optimizer_weights(model: Any) -> list[Any]:
    """The optimizer's variables, which are made when a step of training is first described."""
    if model._compilation is None:  # the model isn't built yet
        return []
    model._steps.train((False,) * len(model._compilation.scored), True)
    weights: list[Any] = model.optimizer.weights
    return weights

"""What `compile` was told and how far the optimizer has come, to and from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .. import optimizers
from ..caller import warn
from ..configured import plan_of
from ..registry import CustomObjectScope, get_custom_objects
from . import h5, state
from .config import plain
from .pieces import Piece, Stored
from .safety import FileError
from .upgrade.training import (
    NotOurs,
    upgraded_loss,
    upgraded_metrics,
    upgraded_optimizer,
    upgraded_training,
)
from .version import Origin

Found = Sequence[tuple[Piece, Stored]]


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
        values = (w.numpy(copy=False) for w in weights)
        names = [w.name for w in weights]
        h5.write_arrays(group.create_group("optimizer_weights"), names, values)


def compile_as(
    model: Any, config: Any, origin: Origin, custom_objects: Mapping[str, Any] | None
) -> bool:
    """Compile a model as a file says; False, with a warning, if training can't go on here."""
    config = upgraded_training(config)
    with CustomObjectScope(custom_objects or {}):
        try:
            optimizer = _optimizer(config["optimizer_config"], origin)
        except NotOurs as error:
            warn(
                f"Model `{model.name}` isn't compiled: {error}. It predicts as it did; to train "
                "on, compile it."
            )
            return False
        model.compile(
            optimizer=optimizer,
            loss=upgraded_loss(config.get("loss")),
            metrics=upgraded_metrics(config.get("metrics")),
            loss_weights=config.get("loss_weights"),
            sample_weight_mode=config.get("sample_weight_mode"),
            weighted_metrics=upgraded_metrics(config.get("weighted_metrics")),
        )
    return True


def _optimizer(entry: Any, origin: Origin) -> Any:
    if not isinstance(entry, Mapping) or not {"class_name", "config"} <= set(entry):
        raise FileError('An optimizer is described by "class_name" and "config".')
    name = str(entry["class_name"]).rpartition(">")[2]
    if name in get_custom_objects():
        return optimizers.deserialize({"class_name": name, "config": entry["config"]})
    cls = optimizers.registry.find(name)
    plan = plan_of(cls)
    takes = {*plan.fields, *plan.options, *cls.synonyms}
    return optimizers.deserialize(upgraded_optimizer(entry, origin, takes))


def read_state(stored: state.Saved, model: Any, origin: Origin, found: Found) -> None:
    """Give a compiled model's optimizer the state that a file holds."""
    weights = optimizer_weights(model)
    try:
        state.restore(model, stored, found, origin, weights)
    except NotOurs as error:
        warn(
            f"The state of the optimizer `{type(model.optimizer).__name__}` could not be restored, "
            f"so it begins anew: {error}."
        )


def optimizer_weights(model: Any) -> list[Any]:
    """The optimizer's variables, which are made when a step of training is first described."""
    if model._compilation is None:  # the model isn't built yet
        return []
    model._steps.train((False,) * len(model._compilation.scored), True)
    weights: list[Any] = model.optimizer.weights
    return weights

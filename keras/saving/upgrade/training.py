"""What other versions wrote of `compile`: optimizers, losses, metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...caller import warn
from ...registry import Registry, get_custom_objects
from ..safety import FileError
from ..version import Origin
from .arguments import accepted
from .keras3 import class_name, said_name

Entry = dict[str, Any]


class NotOurs(ValueError):
    """Training can't go on here as it did there; what the model predicts isn't touched by that."""


# Arguments that say nothing with these values; with others they do what our optimizers don't.
UNSET: Mapping[str, tuple[Any, ...] | None] = {
    "amsgrad": (False,),
    "centered": (False,),
    "ema_momentum": None,
    "ema_overwrite_frequency": None,
    "gradient_accumulation_steps": (None,),
    "initial_accumulator_value": None,  # it is in the state
    "is_legacy_optimizer": None,
    "jit_compile": None,
    "loss_scale_factor": (None,),
    "momentum": (0, 0.0),
    "name": None,
    "use_ema": (False,),
    "weight_decay": (None, 0, 0.0),
}


_EPSILON = (
    "`{0}` has its `epsilon` under the root in Keras 3, behind it here: `g / sqrt(a + epsilon)`, "
    "`g / (sqrt(a) + epsilon)`. Where gradients are small, steps differ a little."
)
EPSILON_INSIDE = {name: _EPSILON.format(name) for name in ("Adagrad", "RMSprop")}
"""Optimizers whose steps aren't quite the same in Keras 3, and what is said about it."""


def upgraded_training(config: Any) -> Entry:
    """What `compile` was told, in the words of `training_config`."""
    if not isinstance(config, Mapping):
        raise FileError(f"A file's training config is a dictionary, got {config!r:.80}.")
    made = {"optimizer_config": config.get("optimizer"), **config}  # Keras 3 calls it `optimizer`
    if not isinstance(made["optimizer_config"], Mapping):
        raise FileError("The file's training config has no `optimizer_config`.")
    return made


def upgraded_optimizer(entry: Any, origin: Origin, takes: set[str]) -> Entry:
    """An optimizer's `{"class_name", "config"}` in our terms; `takes`: what our class takes."""
    name = str(entry["class_name"]).rpartition(">")[2]
    config = dict(entry["config"])
    if name == "Nadam" and "schedule_decay" not in config and "decay" in config:
        config["schedule_decay"] = config.pop("decay")  # TensorFlow's name of it
    newer = "use_ema" in config  # Keras 3, and TensorFlow's since 2.11
    if newer and name == "Nadam":  # its schedule isn't stretched
        config.setdefault("schedule_decay", 1.0)
    # An accumulator that began with 0.1 keeps the epsilon's place from mattering.
    if newer and name in EPSILON_INSIDE and not config.get("initial_accumulator_value"):
        warn(EPSILON_INSIDE[name])
    if not config.get("decay"):
        config.pop("decay", None)
    if isinstance(config.get("learning_rate"), Mapping):
        schedule = config["learning_rate"].get("class_name")
        raise NotOurs(f"its learning rate follows the schedule `{schedule}`")
    _clipping(config, origin)
    for key in [key for key in config if key not in takes]:
        allowed = UNSET.get(key, (None,))
        if allowed is not None and config[key] not in allowed:
            raise NotOurs(f"`{name}` with `{key}={config[key]!r}` isn't among our optimizers")
        del config[key]
    return {"class_name": name, "config": config}


def _clipping(config: dict[str, Any], origin: Origin) -> None:
    """`clipnorm` is the norm of all gradients together here; TensorFlow took each by itself."""
    together = config.pop("global_clipnorm", None)
    if together is not None:
        config["clipnorm"] = together
    elif config.get("clipnorm") and (origin.is_tf_keras or origin.generation > 2):
        warn(
            f"The optimizer was saved with `clipnorm={config['clipnorm']}` for each gradient by "
            "itself; here it is the norm of all together."
        )
    for key in ("clipnorm", "clipvalue"):
        if config.get(key, 0) is None:
            del config[key]


def upgraded_loss(value: Any) -> Any:
    """A loss in our terms: a name, a config, or lists and dictionaries of them by output."""
    return _each(value, _loss)


def upgraded_metrics(value: Any) -> Any:
    """Metrics in our terms: names, configs, lists and dictionaries of them by output."""
    return _each(value, _metric)


def _each(value: Any, change: Callable[[str, Entry], Any]) -> Any:
    """Change all configs in lists and dictionaries; functions become their names."""
    value = said_name(value)
    if isinstance(value, list):
        return [_each(each, change) for each in value]
    if not isinstance(value, Mapping):
        return value
    if "class_name" not in value:
        return {key: _each(each, change) for key, each in value.items()}
    own = get_custom_objects()
    name = class_name(value, own)
    config = dict(value.get("config") or {})
    if name in own:
        return {"class_name": name, "config": config}
    if "fn" in config:
        config["fn"] = said_name(config["fn"])
    if isinstance(config.get("dtype"), Mapping):  # a policy
        del config["dtype"]
    return change(name, config)


def _loss(name: str, config: Entry) -> Any:
    if config.get("reduction") in ("auto", None):
        config.pop("reduction", None)
    if name == "LossFunctionWrapper" and isinstance(config.get("fn"), str):
        return config["fn"]
    if config.get("axis", 0) == -1:
        del config["axis"]
    return {"class_name": name, "config": _taken("loss", name, config)}


def _metric(name: str, config: Entry) -> Any:
    function = config.get("fn")
    if name == "MeanMetricWrapper" and isinstance(function, str):
        accuracy = function.endswith("accuracy") and config.get("name") in ("accuracy", "acc")
        return config["name"] if accuracy else function
    return {"class_name": name, "config": _taken("metric", name, config)}


SILENT = ("dtype", "fn", "ignore_class")


def _taken(kind: str, name: str, config: Entry) -> Entry:
    """A config without what our class doesn't take and what says nothing; the rest it refuses."""
    cls = Registry.by_kind[kind].known(name)
    if cls is None:
        return config
    takes = accepted(cls)
    return {
        key: value
        for key, value in config.items()
        if key in takes or not (key in SILENT or value is None or value is False)
    }

"""Models as JSON and YAML, and back."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..layers import deserialize
from ..models import Network
from ..registry import get_custom_objects, serialize_keras_object
from . import safety
from .safety import FileError
from .upgrade import upgraded_config
from .version import Origin

KERAS_VERSION = "2.3.1"
# Our convolutions are correlations, as TensorFlow's. Files say so by this name, which every reader
# of classic files knows: one on Theano has to flip the kernels, one on TensorFlow hasn't.
BACKEND = "tensorflow"


# ---- writing


def plain(value: Any) -> Any:
    """A value as JSON can say it: numpy's as numbers and lists, objects as their configs."""
    if isinstance(value, (str, bool, int, float)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return plain(serialize_keras_object(value))


def _key(key: Any) -> str:
    if isinstance(key, (str, bool, int, float)) or key is None:
        return key if isinstance(key, str) else json.dumps(key)
    raise TypeError(f"JSON has texts as keys of dictionaries, got {key!r}.")


def model_config(model: Any) -> dict[str, Any]:
    """The class of a model and its config, such as can be read again."""
    found = {"class_name": type(model).__name__, "config": plain(model.get_config())}
    safety.check_depth(found, f"The config of model `{model.name}`")
    return found


def to_json(model: Any, **kwargs: Any) -> str:
    """The architecture as JSON; `kwargs` go to `json.dumps`."""
    return json.dumps(_signed(model), **kwargs)


def to_yaml(model: Any, **kwargs: Any) -> str:
    """The architecture as YAML; `kwargs` go to `yaml.dump`."""
    text: str = _yaml().safe_dump(_signed(model), **kwargs)
    return text


def _signed(model: Any) -> dict[str, Any]:
    return {**model_config(model), "keras_version": KERAS_VERSION, "backend": BACKEND}


# ---- reading


def model_from_config(
    config: Any, custom_objects: Mapping[str, Any] | None = None, origin: Origin | None = None
) -> Any:
    """The model that `{"class_name", "config"}` describes, in the terms of any version of Keras."""
    if not isinstance(config, Mapping):
        raise TypeError(
            f'A model\'s config is a dictionary with "class_name" and "config", got {config!r}. '
            "The list of layers that `Sequential.get_config()` of old returned is read by "
            "`Sequential.from_config(config)`."
        )
    if not {"class_name", "config"} <= set(config):
        raise FileError(f'A model\'s config has "class_name" and "config", got {list(config)}.')
    who = "The model's config"
    safety.check_depth(config, who)
    origin = origin or Origin.of_config(config)
    own = {*(custom_objects or {}), *get_custom_objects()}
    entry = {key: config.get(key) for key in ("class_name", "config", "module", "registered_name")}
    with safety.telling(who):
        model = deserialize(upgraded_config(entry, origin, own), custom_objects=custom_objects)
    if not isinstance(model, Network):
        raise FileError(f"{who} describes no model but `{config['class_name']}`.")
    return model


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `to_json` of any version of Keras described; without its weights."""
    return model_from_config(_mapping(read_json(json_string, "The text")), custom_objects)


def model_from_yaml(yaml_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `to_yaml` of any version of Keras described; without its weights."""
    return model_from_config(_mapping(read_yaml(yaml_string)), custom_objects)


def _mapping(said: Any) -> Any:
    if not isinstance(said, Mapping):
        raise FileError(f"The text describes no model, but is {said!r:.80}.")
    return said


def read_json(text: str | bytes, who: str) -> Any:
    """JSON as Python values; NaN and Infinity occur in genuine files."""
    if len(text) > safety.MAX_CONFIG_BYTES:
        raise FileError(f"{who} has {len(text):,} bytes, more than any model's config.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise FileError(f"{who} isn't JSON: {error}.") from error


def read_yaml(text: str) -> Any:
    """YAML as Python values: plain ones only, with what Keras's own configs hold beside them."""
    yaml = _yaml()
    if len(text) > safety.MAX_CONFIG_BYTES:
        raise FileError(f"The text has {len(text):,} bytes, more than any model's config.")
    try:
        return yaml.load(text, _loader(yaml))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileError(f"The text isn't YAML of plain values: {error}") from error


@functools.cache
def _loader(yaml: Any) -> Any:
    """The safe loader, with the tags by which PyYAML wrote tuples, texts and numbers of numpy.

    They are read as what they are; nothing that a tag names is looked for.
    """

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML ships no types
        """Plain values."""

        def sequence(self, node: Any) -> list[Any]:
            """A tuple, as a list."""
            found: list[Any] = self.construct_sequence(node, deep=True)
            return found

        def dtype(self, node: Any) -> Any:
            """A dtype of numbers, by its letter and size."""
            said = self.construct_mapping(node, deep=True)
            name, state = str(said["args"][0]), said.get("state") or [3, "<"]
            if not re.fullmatch("[biuf][1248]", name):
                raise FileError(f"The YAML has a number of the unknown type {name!r}.")
            return np.dtype(("" if state[1] == "|" else state[1]) + name)

        def scalar(self, node: Any) -> Any:
            """A number of numpy, from its bytes."""
            dtype, data = self.construct_sequence(node, deep=True)
            if not isinstance(dtype, np.dtype) or not isinstance(data, bytes):
                raise FileError("The YAML has a number of numpy's without a type or bytes.")
            return np.frombuffer(data, dtype, 1)[0].item()

    python = "tag:yaml.org,2002:python/"
    Loader.add_constructor(f"{python}tuple", Loader.sequence)
    Loader.add_constructor(f"{python}unicode", Loader.construct_scalar)
    Loader.add_constructor(f"{python}object/apply:numpy.dtype", Loader.dtype)
    for core in ("core", "_core"):
        Loader.add_constructor(
            f"{python}object/apply:numpy.{core}.multiarray.scalar", Loader.scalar
        )
    return Loader


def _yaml() -> Any:
    try:
        import yaml
    except ImportError as error:
        raise ImportError(
            "Models in YAML need the package PyYAML: `pip install PyYAML`; or use JSON."
        ) from error
    return yaml

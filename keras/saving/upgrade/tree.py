"""The walk through a model's config: each layer is taken through all steps, inner ones first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..safety import MAX_LAYERS, FileError
from ..version import Origin
from . import keras1, keras2, keras3, tf_keras
from .arguments import unknown_arguments

Entry = dict[str, Any]
Step = Callable[[Entry, Origin], Entry]

_PLAIN = frozenset((bool, float, int, str, type(None)))

NAMES: list[Step] = [keras1.class_names, tf_keras.class_names]
"""What is done before the layers inside an entry are looked at."""

STEPS: list[Step] = [
    keras3.arguments,
    keras3.hard_sigmoid,
    keras3.lambda_functions,
    keras3.backward_layers,
    keras1.time_distributed_dense,
    keras1.arguments,
    keras1.inner_input_sizes,
    keras1.merge,
    keras2.flatten_in_order,
    keras2.gates_before_2_3,
    keras2.embedding_dtype,
    tf_keras.dtype_policies,
    tf_keras.batch_normalization_axis,
    tf_keras.bilinear,
    tf_keras.activation_names,
    unknown_arguments,
    keras1.branches,
    keras3.calls,
]
"""What is done to each entry, in this order; a new oddity is a new row."""

MODEL_STEPS: list[Step] = [keras1.unknown_orders, keras3.zeros_for_masked]
"""What is done to the whole model at the end."""


class Upgrade:
    """One model's way from the terms of the version that wrote it to ours.

    `own`: names of classes that the user gives; what their configs say is theirs.
    """

    def __init__(self, origin: Origin, own: Collection[str] = ()) -> None:
        self.origin = origin
        self.own = own
        self.layers = 0

    def model(self, entry: Mapping[str, Any]) -> Entry:
        """A whole model's `{"class_name", "config"}`."""
        made = self.layer(entry)
        for step in MODEL_STEPS:
            made = step(made, self.origin)
        return made

    def layer(self, entry: Mapping[str, Any]) -> Entry:
        """A layer's entry, with all layers inside it."""
        self.layers += 1
        if self.layers > MAX_LAYERS:
            raise FileError(f"The model's config has more than {MAX_LAYERS:,} layers.")
        keras3.no_operations(made := checked(entry))
        made = {**made, "class_name": keras3.class_name(made, self.own)}
        theirs = made["class_name"] in self.own
        for step in () if theirs else NAMES:
            made = step(made, self.origin)
        inside = {key: self._inside(key, value) for key, value in made["config"].items()}
        made = {**made, "config": inside}
        for step in () if theirs else STEPS:
            made = step(made, self.origin)
        return made

    def _inside(self, key: str, value: Any) -> Any:
        """What a config holds under a key; only entries change."""
        if type(value) in _PLAIN:  # most of it
            return value
        value = keras3.said_name(value)
        if key in ("layers", "cells") and isinstance(value, list):
            return [self.layer(each) for each in value]
        if not isinstance(value, Mapping) or not {"class_name", "config"} <= set(value):
            return value
        if key in ("layer", "cell", "backward_layer"):
            return self.layer(value)
        if not isinstance(value["config"], (Mapping, type(None))):
            return value
        name = keras3.class_name(value, self.own)
        if name in self.own:
            return {"class_name": name, "config": value["config"]}
        return tf_keras.upgraded_object({**value, "class_name": name})


def checked(entry: Any) -> Entry:
    """An entry of the right form; the bare list of layers of old as a config of a Sequential."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("class_name"), str):
        raise FileError(f'A layer is described by "class_name" and "config", got {_short(entry)}.')
    config = entry.get("config")
    if isinstance(config, list):
        config = {"layers": config}
    if not isinstance(config, Mapping):
        raise FileError(f"The config of `{entry['class_name']}` should be a dictionary.")
    return {**entry, "config": dict(config)}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."

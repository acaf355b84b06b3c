"""Models as Keras 1 described them: small steps, each from one form of a layer's entry to the next.

An entry is `{"class_name", "config"}`, with `name` and `inbound_nodes` in graphs.
"""

from __future__ import annotations

from typing import Any

from ..version import Origin
from .keras1_arguments import ARGUMENTS, NAMES, merged
from .keras1_objects import upgraded_object
from .verbs import apply
from .walk import layers_of

Entry = dict[str, Any]


def class_names(entry: Entry, origin: Origin) -> Entry:
    """Classes by their new names."""
    name = entry["class_name"]
    return {**entry, "class_name": NAMES.get(name, name)}


def arguments(entry: Entry, origin: Origin) -> Entry:
    """Arguments by their new names and values; regularizers and constraints as new configs."""
    config = {
        key: upgraded_object(value) if key.endswith(("regularizer", "constraint")) else value
        for key, value in entry["config"].items()
    }
    try:
        apply(ARGUMENTS.get(entry["class_name"], ()), config)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{entry['class_name']} `{config.get('name')}`: {error}") from error
    return {**entry, "config": config}


def time_distributed_dense(entry: Entry, origin: Origin) -> Entry:
    """`TimeDistributedDense` is `TimeDistributed(Dense)`."""
    if entry["class_name"] != "TimeDistributedDense":
        return entry
    inner = dict(entry["config"])
    own = ("name", "trainable", "batch_input_shape", "input_dtype")
    outer = {key: inner.pop(key) for key in own if key in inner}
    for key in ("input_dim", "input_length"):
        inner.pop(key, None)
    inner["name"] = f"{outer.get('name')}_dense"
    dense = arguments({"class_name": "Dense", "config": inner}, origin)
    return {**entry, "class_name": "TimeDistributed", "config": {**outer, "layer": dense}}


def merge(entry: Entry, origin: Origin) -> Entry:
    """`Merge` by a mode that has a layer of its own now."""
    if entry["class_name"] != "Merge" or entry["config"].get("layers"):
        return entry
    made = merged(entry["config"])
    return entry if made is None else {**entry, "class_name": made[0], "config": made[1]}


def inner_input_sizes(entry: Entry, origin: Origin) -> Entry:
    """The sizes of inputs that Keras 1 noted on all layers; they mean something on the first only.

    There `batch_input_shape` says the same. An `Embedding` needs them for itself.
    """
    config = entry["config"]
    if origin.generation != 1 or entry["class_name"] == "Embedding":
        return entry
    if "batch_input_shape" not in config and config.get("input_dim") is not None:
        return entry
    gone = ("input_dim", "input_length")
    return {**entry, "config": {key: v for key, v in config.items() if key not in gone}}


# ---- whole models


SILENT = (
    "Cropping2D",
    "Cropping3D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding2D",
    "ZeroPadding3D",
)
"""Layers that didn't write their `dim_ordering`."""


def unknown_orders(entry: Entry, origin: Origin) -> Entry:
    """Give the layers that didn't write their `dim_ordering` the one that all others have.

    Where the others don't agree, it is left to the setting, as it was then.
    """
    layers = list(layers_of(entry))
    known = {e["config"].get("data_format") for e in layers if e["class_name"] != "Flatten"}
    known -= {None}
    if len(known) == 1:
        for each in layers:
            if each["class_name"] in SILENT:
                each["config"].setdefault("data_format", *known)
    return entry


def branches(entry: Entry, origin: Origin) -> Entry:
    """A Sequential model that begins with a `Merge` of models is a graph.

    Its layers keep their names; files hold the weights of all branches' layers, each by itself.
    """
    layers = entry["config"].get("layers") if entry["class_name"] == "Sequential" else None
    if origin.generation != 1:  # one of ours, whose weights are those of its own layers
        return entry
    if not layers or layers[0]["class_name"] != "Merge":
        return entry
    graph = Graph()
    outputs = graph.stack(layers)
    name = entry["config"].get("name")
    return {**entry, "class_name": "Model", "config": graph.config(name, outputs)}


class Graph:
    """The layers of branches as they are added, with where each takes its input from."""

    def __init__(self) -> None:
        self.layers: dict[str, Entry] = {}
        self.inputs: list[list[Any]] = []

    def stack(self, layers: list[Entry]) -> list[Any]:
        """Add layers that stand one upon the other; returns the place of what comes out."""
        first, *rest = layers
        if first["class_name"] == "Merge":
            merged_layers = first["config"]["layers"]
            sources = [self._branch(each) for each in merged_layers]
            config = {key: v for key, v in first["config"].items() if key != "layers"}
            place = self._add(merge({**first, "config": config}, Origin("1")), sources)
        else:
            place = self._add(first, [self._input(first)])
        for layer in rest:
            place = self._add(layer, [place])
        return place

    def _branch(self, model: Entry) -> list[Any]:
        if model["class_name"] == "Sequential":
            return self.stack(model["config"]["layers"])
        config = model["config"]
        if model["class_name"] != "Model":  # a bare layer
            return self._add(model, [self._input(model)])
        for layer in config["layers"]:
            self.layers.setdefault(layer["name"], layer)
        self.inputs += [p for p in config["input_layers"] if p not in self.inputs]
        place: list[Any] = config["output_layers"][0]
        return place

    def _add(self, layer: Entry, sources: list[list[Any]]) -> list[Any]:
        name = layer["config"]["name"]
        if name not in self.layers:
            self.layers[name] = {**layer, "name": name, "inbound_nodes": [sources]}
        return [name, 0, 0]

    def _input(self, layer: Entry) -> list[Any]:
        """The place of the input of a branch's first layer, which says its shape."""
        name = f"{layer['config']['name']}_input"
        if name not in self.layers:
            config = {
                "name": name,
                "batch_input_shape": layer["config"].get("batch_input_shape"),
                "dtype": layer["config"].get("input_dtype") or "float32",
            }
            made = {"class_name": "InputLayer", "config": config, "name": name}
            self.layers[name] = {**made, "inbound_nodes": []}
            self.inputs.append([name, 0, 0])
        return [name, 0, 0]

    def config(self, name: Any, output: list[Any]) -> dict[str, Any]:
        """The graph as a model's config."""
        layers = list(self.layers.values())
        places = {"input_layers": self.inputs, "output_layers": [output]}
        return {"name": name, "layers": layers, **places}

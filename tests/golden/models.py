"""How the recorded models are made again: stacks, or nodes of a graph."""

from __future__ import annotations

from typing import Any

from keras.layers import Input
from keras.layers.base.calls import one_or_list
from keras.models import Model, Sequential
from keras.utils import Sequence
from tests.golden.loader import Case


def built(spec: dict[str, Any], case: Case) -> Any:
    """A model as a case spells it."""
    if spec["type"] == "Sequential":
        return Sequential([_layer(each, case) for each in spec["layers"]], name=spec.get("name"))
    tensors: dict[str, Any] = {}
    layers: dict[str, Any] = {}
    for node in spec["nodes"]:
        if "input" in node:
            tensors[node["id"]] = Input(**case.decode(node["input"]))
            continue
        key = node.get("layer_id", node["id"])
        layer = layers.setdefault(key, None) or _layer(node["layer"], case)
        layers[key] = layer
        names = node["in"] if isinstance(node["in"], list) else [node["in"]]
        given = [tensors[name] for name in names]
        more = {k: [tensors[n] for n in v] for k, v in node.get("call", {}).items()}
        tensors[node["id"]] = layer(one_or_list(given), **more)
    inputs, outputs = ([tensors[n] for n in spec[k]] for k in ("inputs", "outputs"))
    return Model(inputs, outputs, name=spec.get("name"))


def _layer(spec: dict[str, Any], case: Case) -> Any:
    return built(spec, case) if "type" in spec else case.decode({"$layer": spec})


class Listed(Sequence):
    """Batches that are there."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Any:
        return self.batches[index]

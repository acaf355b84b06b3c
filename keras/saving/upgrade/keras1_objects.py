"""Keras 1's configs of initializers, regularizers and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .verbs import Rename, Verb, apply

REGULARIZERS = ("L1L2Regularizer", "WeightRegularizer", "ActivityRegularizer")

CONSTRAINTS: dict[str, tuple[str, list[Verb]]] = {
    "MaxNorm": ("MaxNorm", [Rename(m="max_value")]),
    "MinMaxNorm": ("MinMaxNorm", [Rename(low="min_value", high="max_value")]),
    "NonNeg": ("NonNeg", []),
    "UnitNorm": ("UnitNorm", []),
}


def upgraded_object(config: Any) -> Any:
    """A regularizer or constraint `{"name": ..., arguments}` as `{"class_name", "config"}`.

    >>> upgraded_object({"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.5})
    {'class_name': 'L1L2', 'config': {'l1': 0.0, 'l2': 0.5}}
    """
    if not isinstance(config, Mapping) or "class_name" in config or "name" not in config:
        return config
    arguments = {key: value for key, value in config.items() if key != "name"}
    name = config["name"]
    if name in REGULARIZERS:
        return {"class_name": "L1L2", "config": arguments}
    if name in CONSTRAINTS:
        new, verbs = CONSTRAINTS[name]
        apply(verbs, arguments)
        return {"class_name": new, "config": arguments}
    return {"class_name": name, "config": arguments}  # one of the user's own

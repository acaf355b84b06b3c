"""What a network is made of, as a text of few characters that differs when anything does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

ESSENTIAL = (
    "activation",
    "arguments",
    "batch_input_shape",
    "cropping",
    "data_format",
    "depth_multiplier",
    "dilation_rate",
    "epsilon",
    "filters",
    "kernel_size",
    "max_value",
    "momentum",
    "name",
    "padding",
    "pool_size",
    "rate",
    "scale",
    "strides",
    "target_shape",
    "units",
    "use_bias",
)


def digest(config: Mapping[str, Any], weights: Sequence[Any]) -> str:
    """The digest of a network's config, and of its layers' weights: (name, class, shapes)."""
    layers = [_layer(layer) for layer in config["layers"]]
    ends = [[end[0] for end in config[key]] for key in ("input_layers", "output_layers")]
    told = json.dumps([config["name"], layers, ends, weights], sort_keys=True)
    return hashlib.sha256(told.encode("utf-8")).hexdigest()[:16]


def _layer(layer: Mapping[str, Any]) -> list[Any]:
    own = layer["config"]
    kept = {key: own[key] for key in ESSENTIAL if key in own}
    if "axis" in own:
        kept["axis"] = own["axis"] % 4  # -1 and 3 are the same axis of images
    sources = [source[0] for call in layer["inbound_nodes"] for source in call]
    return [layer["class_name"], kept, sources]


def digest_of(model: Any) -> str:
    """The digest of a model."""
    weights = [
        [layer.name, type(layer).__name__, [list(w.shape) for w in layer.weights]]
        for layer in model.layers
    ]
    return digest(json.loads(model.to_json())["config"], weights)

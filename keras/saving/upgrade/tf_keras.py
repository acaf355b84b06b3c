"""What the Keras inside TensorFlow wrote differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...caller import warn
from ..safety import FileError
from ..version import Origin

Entry = dict[str, Any]

NAMES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "Functional": "Model",
    "SyncBatchNormalization": "BatchNormalization",
    "UnifiedGRU": "GRU",
    "UnifiedLSTM": "LSTM",
}

SCALING: dict[str, tuple[float, str, str]] = {
    "GlorotNormal": (1.0, "fan_avg", "normal"),
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "HeNormal": (2.0, "fan_in", "normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
}
"""Initializers with classes of their own: scale, mode and distribution of `VarianceScaling`."""

ACTIVATIONS = {"softmax_v2": "softmax", "relu_v2": "relu", "gelu_v2": "gelu", "swish_v2": "swish"}
"""Names that some versions wrote of the functions behind the names."""


def class_names(entry: Entry, origin: Origin) -> Entry:
    """Classes by our names, among them those that differed between TensorFlow 1 and 2."""
    name = entry["class_name"]
    return {**entry, "class_name": NAMES.get(name, name)}


def upgraded_object(config: Mapping[str, Any]) -> dict[str, Any]:
    """An initializer or regularizer as Keras 2.3.1 would have it.

    >>> upgraded_object({"class_name": "L2", "config": {"l2": 0.5}})
    {'class_name': 'L1L2', 'config': {'l2': 0.5}}
    """
    name, given = config["class_name"], dict(config["config"] or {})
    if name in SCALING:
        scale, mode, distribution = SCALING[name]
        found = {"scale": scale, "mode": mode, "distribution": distribution}
        return {"class_name": "VarianceScaling", "config": {**found, "seed": given.get("seed")}}
    if name == "VarianceScaling" and str(given.get("distribution")).endswith("truncated_normal"):
        given["distribution"] = "normal"
    if name in ("L1", "L2"):
        name = "L1L2"
    for key in ("dtype", "input_axes", "output_axes"):
        if name != "Constant" or key != "dtype":
            given.pop(key, None)
    return {"class_name": name, "config": given}


def dtype_policies(entry: Entry, origin: Origin) -> Entry:
    """A policy is the name of a dtype, as far as there is one dtype for everything."""
    dtype = entry["config"].get("dtype")
    if not isinstance(dtype, Mapping):
        return _mixed(entry, dtype) if isinstance(dtype, str) else entry
    name = (dtype.get("config") or {}).get("name")
    return _mixed({**entry, "config": {**entry["config"], "dtype": name}}, name)


def _mixed(entry: Entry, name: Any) -> Entry:
    if not str(name).startswith("mixed_"):
        return entry
    warn(
        f"{entry['class_name']} `{entry['config'].get('name')}` was saved with the dtype policy "
        f"`{name}`, whose weights are float32; it computes in float32 here."
    )
    return {**entry, "config": {**entry["config"], "dtype": "float32"}}


def bilinear(entry: Entry, origin: Origin) -> Entry:
    """Enlarging by interpolation looks at the middle of pixels there, at their corner here."""
    config = entry["config"]
    later = origin.is_tf_keras or origin.generation > 2
    if entry["class_name"] != "UpSampling2D" or config.get("interpolation") != "bilinear":
        return entry
    if later:
        raise FileError(
            f"UpSampling2D `{config.get('name')}`: by 'bilinear' TensorFlow's Keras and Keras 3 "
            "mean another choice of points than this layer's. Give a layer of your own: "
            "`custom_objects={'UpSampling2D': ...}`."
        )
    return entry


def batch_normalization_axis(entry: Entry, origin: Origin) -> Entry:
    """The axis of `BatchNormalization` as a number; it was written as a list of one."""
    axis = entry["config"].get("axis")
    if entry["class_name"] != "BatchNormalization" or not isinstance(axis, (list, tuple)):
        return entry
    if len(axis) != 1:
        raise ValueError(
            f"BatchNormalization `{entry['config'].get('name')}` normalizes over the axes {axis} "
            "together; here it is one axis."
        )
    return {**entry, "config": {**entry["config"], "axis": axis[0]}}


def activation_names(entry: Entry, origin: Origin) -> Entry:
    """Activations by their common names."""
    config = {
        key: ACTIVATIONS.get(value, value)
        if key.endswith("activation") and isinstance(value, str)
        else value
        for key, value in entry["config"].items()
    }
    return {**entry, "config": config}

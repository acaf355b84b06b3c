"""Our models in the words of Keras 3, for `.keras` files.

What Keras 3 has no word for is refused: it would read something else, or nothing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .. import backend as K
from ..caller import warn
from ..layers import RNN
from ..layers.wrappers import Wrapper
from ..models import Network
from ..models.config import call_numbers
from ..registry import Registry, get_custom_objects
from . import archive, places, training
from .config import model_config
from .files import hdf5
from .safety import FileError
from .state import rows_of
from .upgrade.training import EPSILON_INSIDE

Entry = dict[str, Any]

VERSION = "3.0.0"
"""The oldest version that reads what is written here."""

FUNCTIONAL = "keras.src.models.functional"  # the class has no other address there

MISSING = (
    "AtrousConvolution1D", "AtrousConvolution2D", "ConvLSTM2DCell", "ConvRNN2D", "CuDNNGRU",
    "CuDNNLSTM", "Highway", "LRN2D", "LocallyConnected1D", "LocallyConnected2D", "MaxoutDense",
    "Merge", "ParametricSoftplus", "SReLU", "ThresholdedReLU",
)  # fmt: skip
"""Layers that Keras 3 doesn't have."""

GONE = ("batch_input_shape", "implementation", "input_dtype", "input_length", "time_major")
"""Arguments that it doesn't take; none changes what a layer computes."""

GONE_FROM = {
    "SpatialDropout1D": ("noise_shape", "trainable"),
    "SpatialDropout2D": ("noise_shape", "trainable"),
    "SpatialDropout3D": ("noise_shape", "trainable"),
}

RENAMED = {
    "InputLayer": {"batch_input_shape": "batch_shape"},
    "LeakyReLU": {"alpha": "negative_slope"},
}
KINDS = ("initializer", "regularizer", "constraint")
ACTIVATIONS = {"hard_sigmoid6": "hard_sigmoid"}
DISTRIBUTIONS = {"normal": "truncated_normal"}


# ---- objects


def thing(module: str | None, name: str, config: Any) -> Entry:
    """An object as Keras 3 says it."""
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def function(name: str) -> Entry:
    """A function of the user's."""
    return {**thing("builtins", "function", name), "registered_name": "function"}


def activation(value: Any, who: str) -> Any:
    """An activation by its name there."""
    if value == "hard_sigmoid":
        raise FileError(
            f"{who} uses `hard_sigmoid`, by which Keras 3 means another function (slope 1/6 "
            "instead of 0.2). `.keras` files can't say ours; save as `.h5`."
        )
    if isinstance(value, str) and Registry.by_kind["activation"].known(value) is None:
        return function(value)
    return ACTIVATIONS.get(value, value) if isinstance(value, str) else value


def named_thing(kind: str, value: Any) -> Any:
    """An initializer, regularizer or constraint."""
    if not isinstance(value, Mapping):
        return value
    name, config = value["class_name"], dict(value["config"] or {})
    if name == "VarianceScaling":
        config["distribution"] = DISTRIBUTIONS.get(config["distribution"], config["distribution"])
    own = name in get_custom_objects() or Registry.by_kind[kind].known(name) is None
    return thing(None if own else f"keras.{kind}s", name, config)


# ---- layers


class Translation:
    """A model's config, translated beside the model itself, which knows the shapes."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def config(self) -> Entry:
        """The model's whole config."""
        return self.entry(model_config(self.model), self.model)

    def entry(self, entry: Entry, layer: Any) -> Entry:
        """A layer's `{"class_name", "config"}`; `layer` is the layer itself."""
        name, config = entry["class_name"], dict(entry["config"])
        who = f"{name} `{config.get('name')}`"
        if name in MISSING:
            raise FileError(f"{who}: Keras 3 has no such layer. Save as `.h5`.")
        if isinstance(layer, Network):
            return self._network(name, config, layer)
        if name == "UpSampling2D" and config["interpolation"] == "bilinear":
            raise FileError(
                f"{who}: by 'bilinear' Keras 3 means another choice of points (the middle of each "
                "pixel, not its corner). Save as `.h5`."
            )
        made: Entry = {}
        for key, value in config.items():
            made[RENAMED.get(name, {}).get(key, key)] = self._value(key, value, layer, who)
        for key in (*GONE, *GONE_FROM.get(name, ())):
            made.pop(key, None)
        if hasattr(layer, "forward_layer"):
            made["backward_layer"] = self.entry(
                Registry.by_kind["layer"].serialize(layer.backward_layer), layer.backward_layer
            )
        if name == "Lambda":
            made = self._lambda(made, config, who)
        own = Registry.by_kind["layer"].known(name) is not type(layer)
        return thing(None if own else "keras.layers", name, made)

    def _value(self, key: str, value: Any, layer: Any, who: str) -> Any:
        if key.endswith("activation"):
            return activation(value, who)
        kind = key.rpartition("_")[2]
        if kind in KINDS:
            return named_thing(kind, value)
        if key == "layer" and isinstance(layer, Wrapper):
            return self.entry(value, layer.layer)
        if key == "cell":
            return self._cell(value, layer.cell)
        if key == "cells":
            return [self.entry(e, cell) for e, cell in zip(value, layer.cells, strict=True)]
        return value

    def _cell(self, value: Any, cell: Any) -> Any:
        if isinstance(value, list):
            return [self.entry(e, each) for e, each in zip(value, cell.cells, strict=True)]
        return self.entry(value, cell)

    def _lambda(self, made: Entry, config: Entry, who: str) -> Entry:
        if any(config.get(f"{part}_type") == "lambda" for part in ("function", "output_shape")):
            raise FileError(
                f"{who} holds a lambda, whose code only one version of Python can read. Give its "
                "function a name (`def`), which is then looked for in `custom_objects`."
            )
        kept = {k: v for k, v in made.items() if not k.endswith("_type")}
        return {**kept, "function": function(config["function"])}

    # ---- models

    def _network(self, name: str, config: Entry, network: Any) -> Entry:
        if name == "Sequential":
            return thing("keras", name, self._stack(config, network))
        layers = {layer.name: layer for layer in network.layers}
        tensors = _tensors(network)
        made = []
        for entry in config["layers"]:
            layer = layers[entry["name"]]
            nodes = [self._call(call, layer, tensors) for call in entry["inbound_nodes"]]
            new = self.entry(entry, layer)
            made.append({**new, "name": entry["name"], "inbound_nodes": nodes})
        ends: Entry = {}
        for key in ("input_layers", "output_layers"):
            found = [tensors[tuple(place[:3])][0] for place in config[key]]
            ends[key] = found if len(found) > 1 else found[0]
        made_config = {"name": config["name"], "trainable": True, "layers": made, **ends}
        if name != "Model":
            return thing(None, name, made_config)
        return {**thing(FUNCTIONAL, "Functional", made_config), "registered_name": "Functional"}

    def _stack(self, config: Entry, network: Any) -> Entry:
        """A Sequential model, whose input is a layer of its own there."""
        entries = [each for each in config["layers"] if each["class_name"] != "InputLayer"]
        layers = [self.entry(e, layer) for e, layer in zip(entries, network.layers, strict=True)]
        given = getattr(network, "inputs", None)
        if given:
            x = given[0]
            said = {"batch_shape": list(K.int_shape(x)), "dtype": x.dtype, "name": "input"}
            layers = [thing("keras.layers", "InputLayer", said), *layers]
        return {"name": config.get("name", network.name), "trainable": True, "layers": layers}

    def _call(self, call: Any, layer: Any, tensors: Mapping[Any, Any]) -> Entry:
        """One call of a layer: its tensors and other arguments."""
        found = [_tensor(*tensors[tuple(place[:3])]) for place in call]
        arguments = dict(call[0][3]) if len(call[0]) > 3 else {}
        recurrent = isinstance(layer, RNN) or hasattr(layer, "forward_layer")
        if not recurrent or len(found) == 1:
            several = len(found) > 1 or hasattr(layer, "_merge_function")
            return {"args": [found if several else found[0]], "kwargs": arguments}
        if getattr(layer, "_num_constants", None):
            raise FileError(f"`{layer.name}` is called on constants, which Keras 3 can't do.")
        return {"args": found[:1], "kwargs": {**arguments, "initial_state": found[1:]}}


def _tensors(network: Any) -> dict[tuple[str, int, int], tuple[list[Any], Any]]:
    """Each tensor of a graph by its place in our config: its place there, and itself."""
    found = {}
    counted: dict[str, int] = {}
    for call, number in call_numbers(network).items():
        layer: Any = call.outbound_layer
        theirs = counted.setdefault(layer.name, 0)
        counted[layer.name] += 1
        for i, tensor in enumerate(call.output_tensors):
            found[layer.name, number, i] = [layer.name, theirs, i], tensor
    return found


def _tensor(place: list[Any], tensor: Any) -> Entry:
    said = {"shape": list(K.int_shape(tensor)), "dtype": tensor.dtype, "keras_history": place}
    return {"class_name": "__keras_tensor__", "config": said}


# ---- training

# Arguments of an optimizer there, by ours.
OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "Adadelta": ("rho", "epsilon"),
    "Adagrad": ("epsilon",),
    "Adam": ("beta_1", "beta_2", "epsilon", "amsgrad"),
    "Adamax": ("beta_1", "beta_2", "epsilon"),
    "Nadam": ("beta_1", "beta_2", "epsilon"),
    "RMSprop": ("rho", "epsilon"),
    "SGD": ("momentum", "nesterov"),
}


class Unsaid(ValueError):
    """Keras 3 has no word for how a model is trained."""


def compile_config(model: Any) -> Entry | None:
    """What `compile` was told, as Keras 3 says it; `None` if it wasn't called."""
    config = training.training_config(model)
    if config is None:
        return None
    said = config["optimizer_config"]
    given = said["config"]
    name = said["class_name"]
    odd = [k for k in ("decay",) if given.get(k)]
    if name not in OPTIMIZERS or odd:
        raise Unsaid(f"the optimizer `{name}`{' with `decay`' if odd else ''}")
    if name == "Nadam" and given["schedule_decay"] != 1.0:
        raise Unsaid(f"`Nadam` with `schedule_decay={given['schedule_decay']}`; there it is 1")
    own = {key: given[key] for key in OPTIMIZERS[name]}
    if name in EPSILON_INSIDE:
        warn(f"Model `{model.name}`: {EPSILON_INSIDE[name]}")
    clip = {"global_clipnorm": given.get("clipnorm"), "clipvalue": given.get("clipvalue")}
    own |= {key: value for key, value in clip.items() if value is not None}
    if config.get("sample_weight_mode"):
        raise Unsaid("`sample_weight_mode`")
    own["learning_rate"] = given["learning_rate"]
    return {
        "optimizer": thing("keras.optimizers", name, own),
        "loss": _functions(config["loss"], "loss"),
        "metrics": _functions(config["metrics"], "metric"),
        "weighted_metrics": _functions(config["weighted_metrics"], "metric"),
        "loss_weights": config["loss_weights"],
    }


def _functions(value: Any, kind: str) -> Any:
    """Losses and metrics: names, configs, lists and dictionaries of them by output."""
    if isinstance(value, list):
        return [_functions(each, kind) for each in value]
    if isinstance(value, str):
        known = Registry.by_kind[kind].known(value) or value in ("acc", "accuracy", "ce")
        return value if known else function(value)
    if not isinstance(value, Mapping):
        return value
    if "class_name" not in value:
        return {key: _functions(each, kind) for key, each in value.items()}
    module = "keras.losses" if kind == "loss" else "keras.metrics"
    return thing(module, value["class_name"], value["config"])


def optimizer_arrays(model: Any) -> Iterator[Any]:
    """The optimizer's state in the order of Keras 3."""
    numbers, slots = rows_of(model)
    yield np.asarray(numbers["iterations"], "int64")
    yield np.asarray(K.get_value(model.optimizer.lr), "float32")
    used = [row for row in slots if not all(a.shape == (1,) for a in row)]
    if type(model.optimizer).__name__ == "SGD" and not K.get_value(model.optimizer.momentum):
        used = []
    for pair in zip(*used[:2], strict=True):
        yield from pair
    for row in used[2:]:
        yield from row
    if "m_schedule" in numbers:
        yield np.asarray(numbers["m_schedule"], "float32")


# ---- files


def config_of(model: Any, include_optimizer: bool = True) -> Entry:
    """The content of `config.json`."""
    config = Translation(model).config()
    if not include_optimizer:
        return config
    try:
        compiled = compile_config(model)
    except Unsaid as error:
        warn(
            f"Model `{model.name}`: Keras 3 has no word for {error}, so how the model is trained "
            "is not in the file. `.h5` files have it."
        )
        return config
    return config if compiled is None else {**config, "compile_config": compiled}


def write(target: Any, model: Any, include_optimizer: bool = True) -> None:
    """A `.keras` file."""
    config = config_of(model, include_optimizer)
    memory = io.BytesIO()
    with hdf5().File(memory, "w") as file:
        places.write_weights(file, model)
        if "compile_config" in config and model.optimizer.weights:
            own = file.create_group("optimizer/vars")
            for i, array in enumerate(optimizer_arrays(model)):
                own.create_dataset(str(i), data=array)
    archive.pack(target, config, VERSION, memory.getvalue())

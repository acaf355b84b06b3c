"""What Keras 3 writes, and TensorFlow's since 2.12: objects with modules, calls in full."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ...caller import warn
from ..safety import FileError
from ..version import Origin
from .verbs import Rename, apply
from .walk import layers_of

Entry = dict[str, Any]

NETWORKS = ("Functional", "Model", "Sequential")


# ---- any object


def said_name(value: Any) -> Any:
    """A function said as an object is said by its name; everything else stays.

    >>> said_name({"module": "builtins", "class_name": "function", "config": "my_loss"})
    'my_loss'
    """
    if isinstance(value, Mapping) and value.get("class_name") == "function":
        name = value.get("config")
        return name if isinstance(name, str) else value
    return value


def class_name(entry: Mapping[str, Any], own: Collection[str]) -> str:
    """The name under which an object's class is looked for: `Package>Name`, if the user has it.

    >>> class_name({"class_name": "Gate", "registered_name": "mine>Gate"}, ["mine>Gate"])
    'mine>Gate'
    >>> class_name({"class_name": "Custom>Adam"}, [])
    'Adam'
    """
    name = str(entry["class_name"])
    short = name.rpartition(">")[2]
    said = [str(entry.get("registered_name")), name, short]
    return next((each for each in said if each in own), short)


def no_operations(entry: Mapping[str, Any]) -> None:
    """Raise for what is no layer, though it may be called as one of ours: `ops.add` is `Add`."""
    module = str(entry.get("module") or "")
    operation = ".ops." in f"{module}."
    if operation or entry["class_name"] in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
        name = entry.get("name") or (entry.get("config") or {}).get("name")
        raise FileError(
            f"`{name}` is the operation `{module}.{entry['class_name']}`, not a layer. Files hold "
            "layers here: put it into a `Lambda` or a layer of your own where the model is made."
        )


# ---- layers

ARGUMENTS = {
    "InputLayer": [Rename(batch_shape="batch_input_shape")],
    "LeakyReLU": [Rename(negative_slope="alpha")],
}


def arguments(entry: Entry, origin: Origin) -> Entry:
    """Arguments by the names that they have had before."""
    if origin.generation != 3:
        return entry
    config = dict(entry["config"])
    apply(ARGUMENTS.get(entry["class_name"], ()), config)
    return {**entry, "config": config}


def hard_sigmoid(entry: Entry, origin: Origin) -> Entry:
    """Keras 3 calls another function by this name: `relu6(x + 3) / 6`."""
    if origin.generation != 3:
        return entry
    config = {
        key: "hard_sigmoid6" if key.endswith("activation") and value == "hard_sigmoid" else value
        for key, value in entry["config"].items()
    }
    return {**entry, "config": config}


def lambda_functions(entry: Entry, origin: Origin) -> Entry:
    """The function of a `Lambda` layer, and its kind as a word beside it."""
    config = dict(entry["config"])
    if entry["class_name"] != "Lambda" or "function_type" in config:
        return entry
    for part in ("function", "output_shape", "mask"):
        value = config.get(part)
        if isinstance(value, Mapping) and value.get("class_name") == "__lambda__":
            code = value.get("config") or {}
            config[part] = [code.get(key) for key in ("code", "defaults", "closure")]
            config[f"{part}_type"] = "lambda"
        elif isinstance(value, str):
            config[f"{part}_type"] = "function"
    return {**entry, "config": config}


def backward_layers(entry: Entry, origin: Origin) -> Entry:
    """The layer of a `Bidirectional` that goes backwards is the other one's mirror image."""
    config = entry["config"]
    if entry["class_name"] != "Bidirectional" or not config.get("backward_layer"):
        return entry
    layer, backward = config["layer"], config["backward_layer"]
    if _unlike(layer) != _unlike(backward) or layer["class_name"] != backward["class_name"]:
        raise FileError(
            f"Bidirectional `{config.get('name')}` has another layer backwards than forwards; here "
            "both are of the same kind."
        )
    stem = str(layer["config"].get("name") or "").removeprefix("forward_")
    own = {**layer["config"], **({"name": stem} if stem else {})}
    made = {key: value for key, value in config.items() if key != "backward_layer"}
    return {**entry, "config": {**made, "layer": {**layer, "config": own}}}


def _unlike(entry: Entry) -> Entry:
    """A config without what tells two directions apart."""
    return {k: v for k, v in entry["config"].items() if k not in ("name", "go_backwards")}


def zeros_for_masked(entry: Entry, origin: Origin) -> Entry:
    """What recurrent layers return for masked steps: zeros if they say so; here the last output."""
    layers = list(layers_of(entry))
    asking = [e for e in layers if e["config"].pop("zero_output_for_mask", False)]
    masks = [e for e in layers if e["config"].get("mask_zero") or e["class_name"] == "Masking"]
    if asking and masks:
        names = ", ".join(f"`{each['config'].get('name')}`" for each in asking)
        warn(
            f"The layers {names} return zeros for masked steps in the version that saved them; "
            "here they repeat what came before. Only a layer behind them that ignores the mask "
            "sees the difference."
        )
    return entry


# ---- graphs


def calls(entry: Entry, origin: Origin) -> Entry:
    """Calls of layers as lists of places `[layer, call, tensor, arguments]`."""
    layers = entry["config"].get("layers")
    if entry["class_name"] not in NETWORKS or origin.generation != 3 or not layers:
        return entry
    # The first call of a model used as a layer is here the one that it was made with.
    models = {e.get("name"): 1 for e in layers if _is_graph(e)}
    made = [
        {**each, "inbound_nodes": [_call(each, n, models) for n in each.get("inbound_nodes") or ()]}
        for each in layers
    ]
    config = {**entry["config"], "layers": made}
    for key in ("input_layers", "output_layers"):
        if key in config:
            config[key] = [_shifted(place, models) for place in _listed(config[key])]
    return {**entry, "config": config}


def _is_graph(entry: Entry) -> bool:
    """Whether it is a model with inputs of its own."""
    layers = entry["config"].get("layers") or [{}]
    first = layers[0]
    known = first.get("class_name") == "InputLayer" or "batch_input_shape" in first.get(
        "config", {}
    )
    return entry["class_name"] in NETWORKS and (known or "input_layers" in entry["config"])


def _shifted(place: Any, models: Mapping[Any, int]) -> list[Any]:
    if not isinstance(place, (list, tuple)) or len(place) < 3:
        raise FileError(f"A tensor is [layer, call, number] in a model's config, got {place!r}.")
    name, number, tensor, *rest = place
    return [name, number + models.get(name, 0), tensor, *rest]


def _listed(places: Any) -> list[Any]:
    if isinstance(places, Mapping):
        places = list(places.values())
    return [places] if places and isinstance(places[0], str) else list(places)


def _call(entry: Entry, node: Any, models: Mapping[Any, int]) -> list[Any]:
    """One call: places of its tensors, the first with the other arguments."""
    if isinstance(node, (list, tuple)):
        return [_shifted(place, models) for place in node]
    given = {key: v for key, v in (node.get("kwargs") or {}).items() if v is not None}
    if given.get("training") is False:
        del given["training"]  # what a call without it notes; the model decides when it runs
    states = given.pop("initial_state", None)
    found = list(tensors([node.get("args") or [], states]))
    if not found or any(True for _ in tensors(list(given.values()))):
        raise FileError(
            f"Layer `{entry.get('name')}` was called in a way that can't be repeated here: on "
            f"{len(found)} tensors, with the arguments {sorted(given)}."
        )
    return [[*_shifted(place, models), given] for place in found]


def tensors(value: Any) -> Iterator[list[Any]]:
    """The places of all tensors in a call's arguments, in order."""
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors(each)
    elif isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            place: Any = (value.get("config") or {}).get("keras_history")
            yield place
        else:
            for each in value.values():
                yield from tensors(each)

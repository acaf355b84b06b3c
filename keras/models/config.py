"""Models to configs and back: the graph of layers in names and numbers."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

from ..caller import warn
from ..layers.base import Layer, Node
from ..layers.base.calls import one_or_list
from ..registry import serialize_keras_object


def network_config(network: Any) -> dict[str, Any]:
    """The layers, each with the calls that lead to it, and which tensors come in and go out."""
    if not network._is_graph_network:
        raise NotImplementedError(
            f"Model `{network.name}` computes its outputs in `call`, which a config can't say. "
            "Build it from layers with `Model(inputs, outputs)`, or give it a `get_config`."
        )
    numbers = call_numbers(network)
    layers = []
    for layer in network._layers:
        calls = [node for node in layer._inbound_nodes if node in numbers]
        entry = serialize_keras_object(layer)
        entry["name"] = layer.name
        entry["inbound_nodes"] = [_call_entry(c, numbers) for c in calls if c.inbound_layers]
        layers.append(entry)
    config = {
        "name": network.name,
        "layers": layers,
        "input_layers": [_place(c, numbers) for c in network._input_coordinates],
        "output_layers": [_place(c, numbers) for c in network._output_coordinates],
    }
    return copy.deepcopy(config)


def call_numbers(network: Any) -> dict[Node, int]:
    """The calls that are part of the model, each with its number among those of its layer."""
    numbers: dict[Node, int] = {}
    for layer in network._layers:
        kept = [node for node in layer._inbound_nodes if node in network._network_nodes]
        # A model used as a layer keeps the call that it was made with as its first.
        first = 1 if hasattr(layer, "_network_nodes") and layer._is_graph_network else 0
        numbers.update({node: i + first for i, node in enumerate(kept)})
    return numbers


def _place(coordinates: tuple[Layer, int, int], numbers: dict[Node, int]) -> list[Any]:
    layer, number, tensor = coordinates
    return [layer.name, numbers[layer._inbound_nodes[number]], tensor]


def _call_entry(call: Node, numbers: dict[Node, int]) -> list[Any]:
    entry = []
    arguments = _plain_arguments(call)
    for layer, number, tensor in zip(
        call.inbound_layers, call.node_indices, call.tensor_indices, strict=True
    ):
        place = _place((layer, number, tensor), numbers)
        entry.append([*place, arguments])
    return entry


def _plain_arguments(call: Node) -> dict[str, Any]:
    """The keyword arguments of a call, if JSON can say them."""
    try:
        json.dumps(call.arguments)
    except TypeError:
        name = call.outbound_layer.name if call.outbound_layer else ""
        warn(
            f"Layer `{name}` was called with arguments that a config can't say: {call.arguments}. "
            "They are left out."
        )
        return {}
    return call.arguments


def network_from_config(cls: type, config: dict[str, Any], custom_objects: Any = None) -> Any:
    """The model that a config describes."""
    made = _made_layers(config["layers"], custom_objects)
    waiting = [
        (made[entry["name"]], call) for entry in config["layers"] for call in _calls_of(entry)
    ]
    while waiting:
        left: list[tuple[Layer, Any]] = []
        behind: set[Layer] = set()  # calls have numbers, so those of one layer keep their order
        for layer, call in waiting:
            if layer in behind or not _repeat(layer, call, made):
                behind.add(layer)
                left.append((layer, call))
        if len(left) == len(waiting):
            missing = sorted(
                {place[0] for _, call in left for place in call if place[0] not in made}
            )
            raise ValueError(
                f"Model `{config.get('name')}`: the inputs of "
                f"{', '.join(sorted({layer.name for layer, _ in left}))} can't be made"
                + (f"; it has no layer {', '.join(missing)}." if missing else ".")
            )
        waiting = left
    inputs = [_tensor(place, made) for place in _places(config["input_layers"])]
    outputs = [_tensor(place, made) for place in _places(config["output_layers"])]
    return cls(inputs=inputs, outputs=outputs, name=config.get("name"))


def _places(listed: Any) -> list[Any]:
    """Newer files say a single place without a list around it."""
    return [listed] if listed and isinstance(listed[0], str) else list(listed)


def _made_layers(entries: Sequence[Any], custom_objects: Any) -> dict[str, Layer]:
    from ..layers import deserialize

    made: dict[str, Layer] = {}
    for entry in entries:
        layer = deserialize(entry, custom_objects=custom_objects)
        layer.name = entry["name"]
        made[entry["name"]] = layer
    return made


def _calls_of(entry: dict[str, Any]) -> list[Any]:
    calls: list[Any] = entry.get("inbound_nodes") or []
    return calls


def _repeat(layer: Layer, call: Sequence[Any], made: dict[str, Layer]) -> bool:
    """Call a layer as the config says; False if something it needs isn't there yet."""
    inputs = []
    arguments: dict[str, Any] = {}
    for place in call:
        source = made.get(place[0])
        if source is None or len(source._inbound_nodes) <= place[1]:
            return False
        inputs.append(_tensor(place, made))
        arguments = place[3] if len(place) > 3 else {}
    layer(one_or_list(inputs), **arguments)
    return True


def _tensor(place: Sequence[Any], made: dict[str, Layer]) -> Any:
    return made[place[0]]._inbound_nodes[place[1]].output_tensors[place[2]]

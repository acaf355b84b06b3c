"""The table of a model's layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import backend as K
from ..layers.base.weights import unique


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
) -> None:
    """Print a line for each layer, then the numbers of weights."""
    write = print_fn or print
    simple = _is_chain(model)
    if simple:
        length, places = line_length or 65, positions or (0.45, 0.85, 1.0)
    else:
        length, places = line_length or 98, positions or (0.33, 0.55, 0.67, 1.0)
    ends = [int(length * p) for p in places] if places[-1] <= 1 else [int(p) for p in places]
    titles = ["Layer (type)", "Output Shape", "Param #"] + ([] if simple else ["Connected to"])
    write(f'Model: "{model.name}"')
    write("_" * length)
    write(_row(titles, ends))
    write("=" * length)
    for i, layer in enumerate(model.layers):
        for row in _layer_rows(model, layer, simple):
            write(_row(row, ends))
        write(("=" if i == len(model.layers) - 1 else "_") * length)
    trainable, frozen = weight_counts(model)
    write(f"Total params: {trainable + frozen:,}")
    write(f"Trainable params: {trainable:,}")
    write(f"Non-trainable params: {frozen:,}")
    write("_" * length)


def weight_counts(model: Any) -> tuple[int, int]:
    """How many numbers training changes, and how many it doesn't.

    A compiled model counts what it will train; a `trainable` changed since then is reported.
    """
    if hasattr(model, "check_trainable_consistency"):
        model.check_trainable_consistency()
    collected = getattr(model, "_collected_trainable_weights", None)
    trainable = model.trainable_weights if collected is None else collected
    total = unique(model.weights)
    counted = sum(K.count_params(w) for w in unique(trainable))
    return counted, sum(K.count_params(w) for w in total) - counted


def _row(fields: Sequence[Any], ends: Sequence[int]) -> str:
    line = ""
    for i, (field, end) in enumerate(zip(fields, ends, strict=False)):
        line = (line[:-1] + " " if i else "") + str(field)
        line = line[:end].ljust(end)
    return line


def _is_chain(model: Any) -> bool:
    """Whether each layer follows the one before: then nobody needs to be told of connections."""
    if type(model).__name__ == "Sequential" or not model._is_graph_network:
        return True
    used: dict[Any, int] = {}
    for call in model._calls:
        if len(call.inbound_layers) > 1:
            return False
        for layer, number in zip(call.inbound_layers, call.node_indices, strict=True):
            key = layer._inbound_nodes[number]
            used[key] = used.get(key, 0) + 1
    calls = [call.outbound_layer for call in model._calls]
    return all(n == 1 for n in used.values()) and len(set(calls)) == len(calls)


def _layer_rows(model: Any, layer: Any, simple: bool) -> list[list[str]]:
    try:
        shape = str(layer.output_shape)
    except AttributeError:
        shape = "multiple" if layer._inbound_nodes else "?"
    first = [f"{layer.name} ({type(layer).__name__})", shape, str(_params(layer))]
    if simple:
        return [first]
    sources = [
        f"{source.name}[{number}][{tensor}]"
        for call in layer._inbound_nodes
        if call in model._network_nodes
        for source, number, tensor in zip(
            call.inbound_layers, call.node_indices, call.tensor_indices, strict=True
        )
    ]
    rows = [[*first, sources[0] if sources else ""]]
    return rows + [["", "", "", source] for source in sources[1:]]


def _params(layer: Any) -> Any:
    return layer.count_params() if layer.built else "unknown"

"""Where layers were called, and with what: the graph of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ... import backend as K

if TYPE_CHECKING:
    from .layer import Layer


class Node:
    """One call of a layer: the tensors it got, the tensors it returned, where they came from.

    Its tensors remember it: `tensor._keras_history` is (layer, number of the node, number of the
    tensor).
    """

    def __init__(
        self,
        outbound_layer: Layer | None,
        inbound_layers: Sequence[Layer],
        node_indices: Sequence[int],
        tensor_indices: Sequence[int],
        input_tensors: Sequence[Any],
        output_tensors: Sequence[Any],
        input_masks: Sequence[Any],
        output_masks: Sequence[Any],
        input_shapes: Sequence[Any],
        output_shapes: Sequence[Any],
        arguments: dict[str, Any] | None = None,
    ) -> None:
        self.outbound_layer = outbound_layer
        self.inbound_layers = list(inbound_layers)
        self.node_indices = list(node_indices)
        self.tensor_indices = list(tensor_indices)
        self.input_tensors = list(input_tensors)
        self.output_tensors = list(output_tensors)
        self.input_masks = list(input_masks)
        self.output_masks = list(output_masks)
        self.input_shapes = list(input_shapes)
        self.output_shapes = list(output_shapes)
        self.arguments = arguments or {}
        self.listed = len(self.input_tensors) > 1  # whether the inputs came as a list
        for layer in self.inbound_layers:
            layer._outbound_nodes.append(self)
        if outbound_layer is not None:
            outbound_layer._inbound_nodes.append(self)

    def get_config(self) -> dict[str, Any]:
        """The call in names."""
        return {
            "outbound_layer": self.outbound_layer.name if self.outbound_layer else None,
            "inbound_layers": [layer.name for layer in self.inbound_layers],
            "node_indices": self.node_indices,
            "tensor_indices": self.tensor_indices,
        }


def record(
    layer: Layer, inputs: Sequence[Any], outputs: Sequence[Any], arguments: dict[str, Any]
) -> Node:
    """Note a call of a layer."""
    histories = [x._keras_history for x in inputs if hasattr(x, "_keras_history")]
    number = len(layer._inbound_nodes)
    for i, y in enumerate(outputs):
        y._keras_history = (layer, number, i)
    return Node(
        layer,
        [h[0] for h in histories],
        [h[1] for h in histories],
        [h[2] for h in histories],
        inputs,
        outputs,
        [mask_of(x) for x in inputs],
        [mask_of(y) for y in outputs],
        [K.int_shape(x) for x in inputs],
        [K.int_shape(y) for y in outputs],
        arguments,
    )


def mask_of(tensor: Any) -> Any:
    """The mask that goes with a tensor; `None` if there is none."""
    return getattr(tensor, "_keras_mask", None)


def one_or_list(values: Sequence[Any]) -> Any:
    """The single value, or the list of several."""
    return values[0] if len(values) == 1 else list(values)


def to_list(value: Any) -> list[Any]:
    """A list stays, a tuple becomes one, anything else becomes a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Book:
    """Losses and updates that a layer keeps, each with the inputs it belongs to; `None`: always."""

    def __init__(self) -> None:
        self.entries: list[tuple[tuple[Any, ...] | None, Any]] = []

    def add(self, items: Any, inputs: Any) -> None:
        """Note items that depend on these inputs (`None`: on none)."""
        key = None if inputs is None else tuple(to_list(inputs))
        for item in to_list(items):
            if item is not None:
                self.entries.append((key, item))

    def everything(self) -> list[Any]:
        return [item for _, item in self.entries]

    def of(self, inputs: Any) -> list[Any]:
        """The items that belong to these inputs; for `None` those that always do."""
        if inputs is None:
            return [item for key, item in self.entries if key is None]
        wanted = {id(x) for x in to_list(inputs)}
        return [
            item for key, item in self.entries if key is not None and {id(x) for x in key} == wanted
        ]

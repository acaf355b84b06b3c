"""Where layers were called, and with what: the graph of layers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Entry(NamedTuple):
    """A loss or an update, what it belongs to, and the layers it comes from."""

    inputs: tuple[Any, ...] | None
    item: Any
    sources: tuple[Layer, ...]


class Book:
    """Losses or updates that a layer keeps, each with the inputs it belongs to; `None`: always.

    `counts` says of a source whether what it noted still counts.
    """

    def __init__(self, counts: Callable[[Layer], bool] | None = None) -> None:
        self.entries: list[Entry] = []
        self.counts = counts

    def add(self, items: Any, inputs: Any, *sources: Layer) -> None:
        """Note items that depend on these inputs (`None`: on none)."""
        key = None if inputs is None else tuple(to_list(inputs))
        self.entries += [Entry(key, item, sources) for item in to_list(items) if item is not None]

    def _counting(self) -> Iterator[Entry]:
        for entry in self.entries:
            if self.counts is None or all(map(self.counts, entry.sources)):
                yield entry

    def everything(self) -> list[Any]:
        return [entry.item for entry in self._counting()]

    def of(self, inputs: Any, source: Callable[[Layer], bool] = lambda layer: True) -> list[Any]:
        """The items that belong to these inputs (`None`: those that always do), of such sources."""
        wanted = None if inputs is None else {id(x) for x in to_list(inputs)}
        return [
            item
            for key, item, sources in self._counting()
            if (key if key is None else {id(x) for x in key}) == wanted and source(sources[0])
        ]


class Calling(threading.local):
    """The layers whose calls are running: what layers inside them note is noted for them too."""

    def __init__(self) -> None:
        self.stack: list[tuple[Layer, Any]] = []
        self.on_trial = False

    @contextmanager
    def of(self, layer: Layer, inputs: Any) -> Iterator[None]:
        """A call of a layer on these inputs."""
        self.stack.append((layer, inputs))
        try:
            yield
        finally:
            self.stack.pop()

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Calls that only ask for a shape: nothing is noted."""
        before, self.on_trial = self.on_trial, True
        try:
            yield
        finally:
            self.on_trial = before

    def note(self, book: str, layer: Layer, items: Any, inputs: Any) -> None:
        """Add to a layer's book, and to those of the layers that are calling it."""
        if self.on_trial:
            return
        getattr(layer, book).add(items, inputs, layer)
        sources: tuple[Layer, ...] = (layer,)
        for owner, given in reversed(self.stack if inputs is not None else []):
            if owner not in sources:
                getattr(owner, book).add(items, given, *sources)
                sources = (*sources, owner)


calling = Calling()

"""What a picture of a model shows: boxes, edges between them, and models within models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...layers.base.calls import Node, to_list
from ...layers.wrappers import Wrapper
from ...models import Model, Sequential
from ...models.network import Network


@dataclass
class Box:
    """A layer. `rows`: labelled lines below its title; `inner`: the model in it, if shown."""

    title: str
    name: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    family: str = ""  # the room of its class, as `convolutional`
    inner: Diagram | None = None


class Edge(NamedTuple):
    """From one box to another, by their numbers; of a model inside, by which output and input."""

    tail: int
    head: int
    tail_port: int = 0
    head_port: int = 0


@dataclass
class Diagram:
    """A model. `inputs` and `outputs`: the boxes that they are, and which output of each."""

    name: str
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    inputs: list[tuple[int, int]] = field(default_factory=list)
    outputs: list[tuple[int, int]] = field(default_factory=list)


class Show(NamedTuple):
    """Which of the things that are known are shown."""

    shapes: bool = False
    layer_names: bool = True
    expand_nested: bool = False


def is_model(layer: Any) -> bool:
    """Whether a layer is a model."""
    return isinstance(layer, Model)


def is_wrapped_model(layer: Any) -> bool:
    """Whether a layer wraps a model, as `TimeDistributed(model)` does."""
    return isinstance(layer, Wrapper) and is_model(layer.layer)


def diagram_of(model: Any, show: Show = Show()) -> Diagram:  # noqa: B008  # a tuple is a constant
    """The diagram of a model that has been built; a model without a graph is one box."""
    if not isinstance(model, Network):
        raise TypeError(f"Only models are drawn, got {type(model).__name__}: {model!r}.")
    if not model._is_graph_network:
        if isinstance(model, Sequential):
            raise ValueError(
                f"Model `{model.name}` isn't built yet, so its layers have no shapes. Give "
                "the first one an `input_shape`, or call `model.build(input_shape)`."
            )
        return Diagram(model.name, [Box(type(model).__name__, model.name, family="models")])
    layers = list(model._layers)
    number: dict[Any, int] = {layer: i for i, layer in enumerate(layers)}
    diagram = Diagram(model.name, [box_of(layer, model, show) for layer in layers])
    found: dict[Edge, None] = {}  # a set that keeps its order
    for call in model._calls:
        sources = zip(call.inbound_layers, call.tensor_indices, strict=True)
        for i, (source, tensor) in enumerate(sources):
            found[Edge(number[source], number[call.outbound_layer], tensor, i)] = None
    diagram.edges = [*dict.fromkeys(without_unused_ports(e, diagram.boxes) for e in found)]
    diagram.inputs = [(number[x._keras_history[0]], 0) for x in model.inputs]
    diagram.outputs = [(number[y._keras_history[0]], y._keras_history[2]) for y in model.outputs]
    return diagram


def without_unused_ports(edge: Edge, boxes: list[Box]) -> Edge:
    """Boxes have one point where edges end; only models that are shown inside have several."""
    tail_port = edge.tail_port if boxes[edge.tail].inner else 0
    head_port = edge.head_port if boxes[edge.head].inner else 0
    return Edge(edge.tail, edge.head, tail_port, head_port)


def box_of(layer: Any, model: Any, show: Show) -> Box:
    """What is said of one layer."""
    title = type(layer).__name__
    inner = layer if is_model(layer) else None
    if isinstance(layer, Wrapper):
        title = f"{title}({type(layer.layer).__name__})"
        inner = layer.layer if is_model(layer.layer) else None
    box = Box(title, layer.name if show.layer_names else "", family=family_of(layer))
    if show.shapes:
        calls = [call for call in layer._inbound_nodes if call in model._network_nodes]
        box.rows = [
            ("input", shapes(calls, "input_shapes")),
            ("output", shapes(calls, "output_shapes")),
        ]
    if show.expand_nested and inner is not None and inner._is_graph_network:
        box.inner = diagram_of(inner, show)
    return box


def shapes(calls: list[Node], which: str) -> str:
    """The shapes that a layer gets or returns: one, a list, or `multiple` where calls differ."""
    texts = {listed(to_list_of_shapes(getattr(call, which))) for call in calls}
    return texts.pop() if len(texts) == 1 else "multiple"


def listed(found: list[Any]) -> str:
    """Shapes in a line: `(None, 8), (None, 4)`, or `4 × (None, 8)`."""
    if len(found) > 2 and len(set(found)) == 1:
        return f"{len(found)} × {found[0]}"
    return ", ".join(map(str, found))


def to_list_of_shapes(found: Any) -> list[Any]:
    return [found] if isinstance(found, tuple) else to_list(found)


def family_of(layer: Any) -> str:
    """The room of ours that a layer's class, or the nearest of its bases, comes from."""
    for kind in type(layer).__mro__:
        path = kind.__module__.split(".")
        if path[:2] == ["keras", "models"]:
            return "models"
        if path[:2] == ["keras", "layers"] and path[2] != "base":
            return path[2]
    return "input" if type(layer).__name__ == "InputLayer" else ""

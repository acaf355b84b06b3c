"""The graph of a model as TensorBoard's page of graphs reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...backend.graph.tensor import Constant, Node, Placeholder, Tensor


def graph_of(model: Any) -> Any:
    """A `GraphDef`: what one step of training computes, or the outputs if it isn't compiled."""
    if model.metrics_names:
        function = model.train_function
        updates = (u if isinstance(u, Tensor) else u[1] for u in function.updates)
        values = [*function.outputs, *updates]
    else:
        values = list(model.outputs)
    drawing = Drawing()
    drawing.draw(value for value in values if isinstance(value, Tensor))
    return drawing.definition


class Drawing:
    """Nodes and leaves, each with a name of its own."""

    def __init__(self) -> None:
        from tensorboard.compat.proto import attr_value_pb2, graph_pb2, versions_pb2

        self.definition = graph_pb2.GraphDef(versions=versions_pb2.VersionDef(producer=22))
        self.values = attr_value_pb2.AttrValue
        self.names: dict[Any, str] = {}
        self.taken: set[str] = set()

    def draw(self, tensors: Iterable[Tensor]) -> None:
        """Add all that these are computed from, the first things first."""
        waiting: list[tuple[Tensor, bool]] = [(tensor, False) for tensor in tensors]
        while waiting:
            tensor, ready = waiting.pop()
            source = tensor.node or tensor
            if source in self.names:
                continue
            if ready or tensor.node is None:
                self._add(source)
            else:
                waiting.append((tensor, True))
                waiting.extend((x, False) for x in tensor.node.tensors())

    def _add(self, source: Node | Tensor) -> None:
        name = self.names[source] = self._free(source.name)
        drawn = self.definition.node.add(name=name, op=_op(source))
        outputs = source.outputs if isinstance(source, Node) else (source,)
        shapes = drawn.attr["_output_shapes"].list
        for tensor in outputs:
            dims = shapes.shape.add().dim
            for size in tensor.shape:
                dims.add(size=-1 if size is None else size)
        if isinstance(source, Node):
            drawn.input.extend(self._input(x) for x in source.tensors())
            for key, value in source.attributes.items():
                text = value.name if isinstance(value, Tensor) else str(value)
                drawn.attr[key].CopyFrom(self.values(s=text[:200].encode()))

    def _input(self, tensor: Tensor) -> str:
        name = self.names[tensor.node or tensor]
        return name if not tensor.index else f"{name}:{tensor.index}"

    def _free(self, wanted: str) -> str:
        name = wanted = wanted.split(":")[0]
        number = 0
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name


def _op(source: Node | Tensor) -> str:
    if isinstance(source, Node):
        return source.op.name
    if isinstance(source, Placeholder):
        return "Placeholder"
    return "Const" if isinstance(source, Constant) else "VariableV2"

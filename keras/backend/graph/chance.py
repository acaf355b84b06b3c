"""The random nodes of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .control import Body
from .tensor import Node, Tensor


def leaves_and_nodes(tensors: Iterable[Any]) -> tuple[list[Tensor], list[Node]]:
    """What tensors are computed from, in the order in which it was described: the tensors that no
    node makes, and the nodes; bodies of loops and branches included."""
    leaves: dict[Tensor, None] = {}
    nodes: dict[Node, None] = {}
    waiting = [x for x in tensors if isinstance(x, Tensor)][::-1]
    while waiting:
        tensor = waiting.pop()
        if tensor.node is None:
            leaves[tensor] = None
        elif tensor.node not in nodes:
            nodes[tensor.node] = None
            waiting.extend(_behind(tensor.node))
    return list(leaves), sorted(nodes, key=lambda node: node.number)


def _behind(node: Node) -> Iterator[Tensor]:
    yield from node.tensors()
    yield from node.after
    for value in node.attributes.values():
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, Body):
            yield from value.outputs


def random_nodes(tensors: Iterable[Any]) -> list[Node]:
    """The nodes that draw, in the order in which they were described."""
    return [node for node in leaves_and_nodes(tensors)[1] if "seed" in node.attributes]

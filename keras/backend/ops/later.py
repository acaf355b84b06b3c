"""Tensors of which only the shape is told now; what makes them is described when it is needed.

A model that only predicts never needs most of what its layers say of training, and a model that was
just loaded needs nothing yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from ...caller import user_line
from ..graph.tensor import Node, Tensor, numbers, scope

ROOM = 64  # numbers of nodes that a description may take
_describing = threading.RLock()


class Later(Tensor):
    """A tensor whose node is described when somebody first asks for it."""

    __slots__ = ("_description", "_node")

    def __init__(self, like: Tensor, description: Description) -> None:
        self._description = description
        super().__init__(like.shape, like.dtype)
        self.dims = like.dims
        self.uses_phase = description.of.uses_phase

    @property
    def node(self) -> Node | None:
        """What makes this tensor."""
        if self._node is None:
            self._description.carry_out()
        return self._node

    @node.setter
    def node(self, node: Node | None) -> None:
        self._node = node


class Description:
    """A function that describes tensors, and where it would have been called."""

    def __init__(self, make: Callable[[], Sequence[Tensor]], of: Tensor) -> None:
        self.make: Callable[[], Sequence[Tensor]] | None = make
        self.of = of
        self.tensors: list[Later] = []
        self.scope, self.origin = scope.name, scope.origin or user_line()
        self.numbers = [*islice(numbers, ROOM)]

    def carry_out(self) -> None:
        """Call the function; the tensors take the places of those that it returns."""
        with _describing:
            if self.make is None:
                return
            before = scope.name, scope.after, scope.origin
            scope.name, scope.after, scope.origin = self.scope, (), self.origin
            first = next(numbers)
            try:
                made = self.make()
            finally:
                scope.name, scope.after, scope.origin = before
            self._number(_nodes_since(made, first))
            for tensor, real in zip(self.tensors, made, strict=True):
                _take_place(tensor, real)
            self.make = None

    def _number(self, nodes: Iterable[Node]) -> None:
        """Number nodes as if they had been described at once: programs keep that order."""
        for node, number in zip(nodes, self.numbers, strict=False):
            node.number = number


def _nodes_since(tensors: Iterable[Any], first: int) -> list[Node]:
    """The nodes behind tensors that were described since then, in that order."""
    found: dict[Node, None] = {}
    waiting = list(tensors)
    while waiting:
        tensor = waiting.pop()
        # Whatever is still to be described was known before.
        node = None if isinstance(tensor, Later) else getattr(tensor, "node", None)
        if node is not None and node.number > first and node not in found:
            found[node] = None
            waiting += [*node.inputs, *(node.expansion or ())]
    return sorted(found, key=lambda node: node.number)


def _take_place(tensor: Later, real: Tensor) -> None:
    """Let a tensor be the output of a node instead of another one that nobody knows."""
    node = real.node
    assert node is not None
    assert (tensor.ndim, tensor.dtype) == (real.ndim, real.dtype)
    node.outputs = tuple(tensor if each is real else each for each in node.outputs)
    tensor.index = real.index
    tensor.node = node


def later(make: Callable[[], Sequence[Tensor]], of: Tensor, *like: Tensor) -> Sequence[Tensor]:
    """The tensors that `make` describes of a tensor, described when they are needed.

    `like`: for each of them one of its shape and dtype, which must be that of all. What `make`
    returns are outputs of nodes that it makes, and nothing else is made of them.
    """
    plain = isinstance(of, Tensor) and all(each.dtype == of.dtype for each in like)
    if not plain or scope.after:
        return make()
    description = Description(make, of)
    description.tensors = [Later(each, description) for each in like]
    return description.tensors

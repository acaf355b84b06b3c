"""Sub-graphs: the body of a loop or a branch, traced once with symbolic parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .tensor import Node, Tensor, numbers


class Body:
    """A function of `parameters`, given as a graph; `captures` are values it takes from outside.

    What doesn't depend on the parameters is no part of the body: it is computed once, before the
    loop. Random nodes made while tracing are, so that each turn draws anew.
    """

    __slots__ = ("captures", "outputs", "parameters", "started")

    def __init__(
        self,
        parameters: Sequence[Tensor],
        outputs: Sequence[Tensor],
        started: int,
        all_since: bool = False,
    ) -> None:
        self.parameters = tuple(parameters)
        self.outputs = tuple(outputs)
        self.started = started
        inside = _dependents(self.parameters, self.outputs, started, all_since)
        self.captures = tuple(_captures(self.parameters, self.outputs, inside))


def branch_body(outputs: Sequence[Tensor], started: int) -> Body:
    """The body of a branch: all that was described since `started`, so that only the branch that is
    taken is computed."""
    return Body((), outputs, started, all_since=True)


def trace_mark() -> int:
    """A mark: nodes made from here on have a higher number."""
    return next(numbers)


def _captures(
    parameters: tuple[Tensor, ...], outputs: tuple[Tensor, ...], inside: set[Node]
) -> list[Tensor]:
    found: dict[Tensor, None] = {}
    seen: set[Node] = set()
    stack: list[Any] = list(outputs)
    while stack:
        tensor = stack.pop()
        if tensor in parameters:
            continue
        if tensor.node is None or tensor.node not in inside:
            found[tensor] = None
        elif tensor.node not in seen:
            seen.add(tensor.node)
            stack.extend(tensor.node.tensors())
    return list(found)


def _dependents(
    parameters: tuple[Tensor, ...], outputs: tuple[Tensor, ...], started: int, all_since: bool
) -> set[Node]:
    """The nodes below `outputs` that depend on the parameters, or draw at random in the body."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [t.node for t in outputs if t.node is not None and t not in parameters]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack.extend(t.node for t in node.tensors() if t.node is not None and t not in parameters)
        if node.expansion is not None:
            stack.extend(t.node for t in node.expansion if t.node is not None)
    inside: set[Node] = set()
    for node in sorted(order, key=lambda n: n.number):
        drawn = node.number > started and (all_since or not node.op.pure)
        fed = any(
            t in parameters or (t.node is not None and t.node in inside) for t in node.tensors()
        )
        grown = node.expansion is not None and any(
            t.node is not None and t.node in inside for t in node.expansion
        )
        if drawn or fed or grown:
            inside.add(node)
    return inside

"""Sub-graphs: the body of a loop or a branch, traced once with symbolic parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from .gradients import GRADIENTS
from .op import make_node
from .tensor import Node, Spec, Tensor, numbers

Settled = Callable[[Tensor], Any]  # the tensor (or number) that stands for another one by now


def _as_described(tensor: Tensor) -> Tensor:
    return tensor


class Body:
    """A function of `parameters`, given as a graph; `captures` are values it takes from outside.

    What doesn't depend on the parameters is no part of the body: it is computed once, before the
    loop. Random nodes made while tracing are, so that each turn draws anew. A body made while a
    program is lowered sees the graph with what has been `settled` there. `asks_slopes` says that
    gradients are asked for inside: what these need from outside is known when they are spelled out.
    """

    __slots__ = ("all_since", "asks_slopes", "captures", "outputs", "parameters", "started")

    def __init__(
        self,
        parameters: Sequence[Tensor],
        outputs: Sequence[Tensor],
        started: int,
        all_since: bool = False,
        settled: Settled = _as_described,
    ) -> None:
        self.parameters = tuple(parameters)
        self.outputs = tuple(outputs)
        self.started = started
        self.all_since = all_since
        given = {settled(p) for p in parameters}
        inside = dependents(given, outputs, started, all_since, settled)
        self.captures = tuple(_captures(given, outputs, inside, settled))
        self.asks_slopes = any(n.op is GRADIENTS or asks_slopes(n) for n in inside)


def branch_body(outputs: Sequence[Tensor], started: int) -> Body:
    """The body of a branch: all that was described since `started`, so that only the branch that is
    taken is computed."""
    return Body((), outputs, started, all_since=True)


def asks_slopes(node: Node) -> bool:
    """Whether gradients are asked for inside of this loop or branch."""
    return any(isinstance(v, Body) and v.asks_slopes for v in node.attributes.values())


def spelled_out(node: Node, settled: Settled) -> tuple[Tensor, ...]:
    """What a loop or branch makes, from another one whose bodies take from outside all that the
    gradients asked for inside of them need."""
    before = {k: v for k, v in node.attributes.items() if isinstance(v, Body)}
    bodies = {
        key: Body(body.parameters, body.outputs, body.started, body.all_since, settled)
        for key, body in before.items()
    }
    counts = tuple(len(body.captures) for body in bodies.values())
    given = node.inputs[: len(node.inputs) - sum(len(body.captures) for body in before.values())]
    captures = [t for body in bodies.values() for t in body.captures]
    specs = [Spec(t.shape, t.dtype) for t in node.outputs]
    specs[0].attributes = {**node.attributes, **bodies}
    if "counts" in node.attributes:
        specs[0].attributes["counts"] = counts
    if "tested" in node.attributes:
        specs[0].attributes["tested"] = counts[0]
    made: tuple[Tensor, ...] = make_node(node.op, (*given, *captures), specs)
    for old, new in zip(node.outputs, made, strict=True):
        new.dims = old.dims
    return made


def trace_mark() -> int:
    """A mark: nodes made from here on have a higher number."""
    return next(numbers)


def _captures(
    parameters: Collection[Tensor], outputs: Sequence[Tensor], inside: set[Node], settled: Settled
) -> list[Tensor]:
    found: dict[Tensor, None] = {}
    seen: set[Node] = set()
    stack: list[Any] = list(outputs)
    while stack:
        tensor = settled(stack.pop())
        if tensor in parameters or not isinstance(tensor, Tensor):
            continue
        if tensor.node is None or tensor.node not in inside:
            found[tensor] = None
        elif tensor.node not in seen:
            seen.add(tensor.node)
            stack.extend(tensor.node.tensors())
    return list(found)


def dependents(
    parameters: Collection[Tensor],
    outputs: Sequence[Any],
    started: int,
    all_since: bool = False,
    settled: Settled = _as_described,
) -> set[Node]:
    """The nodes below `outputs` that depend on the parameters, or draw at random in the body.

    Numbers don't say which node comes first: a loop that gives out more replaces an older one.
    """
    inside: set[Node] = set()
    given: dict[Node, list[Tensor]] = {}
    stack = _makers(map(settled, outputs), parameters)
    while stack:
        node = stack[-1]
        if node not in given:
            read = [settled(t) for t in node.tensors()]
            given[node] = [t for t in read if isinstance(t, Tensor)]
            below = [*given[node], *(node.expansion or ())]
            stack.extend(n for n in _makers(below, parameters) if n not in given)
            continue
        stack.pop()
        drawn = node.number > started and (all_since or not node.op.pure)
        grown = node.expansion is not None and any(t.node in inside for t in node.expansion)
        if drawn or grown or any(t in parameters or t.node in inside for t in given[node]):
            inside.add(node)
    return inside


def _makers(tensors: Iterable[Any], parameters: Collection[Tensor]) -> list[Node]:
    """The nodes that make these tensors, parameters left out."""
    return [
        t.node
        for t in tensors
        if isinstance(t, Tensor) and t.node is not None and t not in parameters
    ]

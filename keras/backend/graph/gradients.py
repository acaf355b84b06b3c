"""Gradients as nodes of the graph.

`gradients` adds one node; lowering turns it into ordinary nodes with `differentiate`, which walks
back from the loss and asks each op's own rule. Ops without a rule (fused kernels, the engine's own
functions) go through the engine: their step keeps a tape, and a `pullback` step plays it backwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .dtypes import is_differentiable
from .op import Op, make_node, no_gradient
from .tensor import OPS, Node, Spec, Tensor, scope

if TYPE_CHECKING:
    from .lower import Lowering


def _no_rule(*inputs: Any) -> Spec:
    raise AssertionError("these nodes are made with their specs")


GRADIENTS = Op("gradients", _no_rule)
PULLBACK = Op("pullback", _no_rule)


def gradients(loss: Any, variables: Any) -> Any:
    """The gradients of `loss` (summed, if it isn't a scalar) with respect to each of `variables`.

    `variables` may be any tensors: weights, inputs, what layers return. `None` stands where no path
    leads from one of them to the loss. Gradients are tensors: they can be differentiated again.
    """
    if isinstance(loss, (list, tuple)):
        total = OPS["sum"](loss[0])
        for part in loss[1:]:
            total = total + OPS["sum"](part)
        loss = total
    wrt = list(variables) if isinstance(variables, (list, tuple)) else [variables]
    for tensor in (loss, *wrt):
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"`K.gradients` takes symbolic tensors, got {type(tensor).__name__}: {tensor!r}."
            )
    reached = _reached(loss)
    connected = [t for t in wrt if t in reached]
    if not connected:
        return [None] * len(wrt)
    unique = list(dict.fromkeys(connected))
    made = make_node(GRADIENTS, (loss, *unique), [Spec(t.shape, t.dtype) for t in unique])
    of = dict(zip(unique, made, strict=True))
    return [of.get(t) for t in wrt]


def _reached(loss: Tensor) -> set[Tensor]:
    """All tensors from which a differentiable path leads to the loss."""
    seen: set[Tensor] = set()
    stack = [loss]
    while stack:
        tensor = stack.pop()
        if tensor in seen or not is_differentiable(tensor.dtype):
            continue
        seen.add(tensor)
        if tensor.node is not None and tensor.node.op.gradient is not no_gradient:
            stack.extend(tensor.node.tensors())
    return seen


class NoRule(Exception):
    """A way back that may only use rules met an op without one."""


def differentiate(loss: Tensor, wrt: Sequence[Tensor], lowering: Lowering) -> list[Any]:
    """The gradients, spelled out in ordinary nodes."""
    loss = lowering.settled(loss)
    targets = [lowering.settled(t) for t in wrt]
    arriving = {loss: _ones(loss)} if isinstance(loss, Tensor) else {}
    return [
        OPS["zeros_like"](t) if g is None else shaped(g, t)
        for t, g in zip(targets, flow(arriving, targets, lowering), strict=True)
    ]


def flow(
    arriving: Mapping[Tensor, Any],
    targets: Sequence[Any],
    lowering: Lowering,
    within: Collection[Tensor] | None = None,
) -> list[Any]:
    """The gradients of settled tensors, given those that arrive at others; `None` where none comes.

    `within`: what the body of a loop is given. The way back ends there, and goes by rules only.
    """
    order = _between(arriving, targets, lowering, within or ())
    flowing: dict[Any, Any] = dict(arriving)
    on_path = {t for node in order for t in node.outputs} | {
        t for t in targets if isinstance(t, Tensor)
    }
    before = scope.name, scope.origin
    try:
        for node in reversed(order):
            arrived = [flowing.get(t) for t in node.outputs]
            if all(g is None for g in arrived):
                continue
            scope.name, scope.origin = node.scope, node.origin
            inputs = [lowering.settled(x) for x in node.inputs]
            sent = _backward(node, inputs, arrived, on_path, lowering, within is not None)
            for x, g in zip(inputs, sent, strict=True):
                if g is not None and isinstance(x, Tensor) and x in on_path:
                    # A gradient has the dtype and the shape of what it is the gradient of.
                    if isinstance(g, Tensor) and g.dtype != x.dtype:
                        g = OPS["cast"](g, x.dtype)
                    if isinstance(g, Tensor) and len(g.shape) == len(x.shape):
                        g.dims = x.dims
                    flowing[x] = g if flowing.get(x) is None else flowing[x] + g
    finally:
        scope.name, scope.origin = before
    return [flowing.get(t) for t in targets]


def _ones(loss: Tensor) -> Any:
    return OPS["ones_like"](loss) if loss.ndim else 1.0


def shaped(g: Any, like: Tensor) -> Any:
    """A gradient as a tensor: that of a loss which is one number begins as a plain 1."""
    return g if isinstance(g, Tensor) else OPS["ones_like"](like) * g


def _between(
    arriving: Collection[Tensor],
    targets: Sequence[Any],
    lowering: Lowering,
    within: Collection[Tensor],
) -> list[Node]:
    """The nodes on paths from the targets to where gradients arrive, inputs before users."""
    order: list[Node] = []
    state: dict[Node, bool] = {}  # False: opened, True: done
    stack = [t.node for t in arriving if t.node and t not in within]
    while stack:
        node = stack[-1]
        if node in state:
            stack.pop()
            if not state[node]:
                state[node] = True
                order.append(node)
            continue
        state[node] = False
        if node.op.gradient is no_gradient:
            continue
        for x in node.inputs:
            x = lowering.settled(x)
            if (
                isinstance(x, Tensor)
                and x.node
                and x.node not in state
                and is_differentiable(x.dtype)
                and x not in within
            ):
                stack.append(x.node)
    wanted = {t for t in targets if isinstance(t, Tensor)}
    kept = []
    for node in order:
        if node.op.gradient is not no_gradient and any(
            lowering.settled(x) in wanted for x in node.tensors()
        ):
            wanted.update(node.outputs)
            kept.append(node)
    return kept


def _backward(
    node: Node,
    inputs: list[Any],
    arrived: list[Any],
    on_path: set[Tensor],
    lowering: Lowering,
    rules_only: bool,
) -> Sequence[Any]:
    rule = node.op.gradient
    if rule is None:
        pull = node.op.pull
        found: Sequence[Any] | None = pull and pull(node, inputs, arrived, on_path, lowering)
        if found:
            return found
        if rules_only:
            raise NoRule(node)
        return _pull(node, inputs, arrived, on_path, lowering)
    single = len(node.outputs) == 1
    g = arrived[0] if single else tuple(arrived)
    y = node.outputs[0] if single else node.outputs
    sent = rule(g, y, *inputs, **node.attributes)
    return sent if isinstance(sent, (tuple, list)) else (sent,)


def _pull(
    node: Node, inputs: list[Any], arrived: list[Any], on_path: set[Tensor], lowering: Lowering
) -> list[Any]:
    """The gradients of an op without a rule: a node that plays the engine's tape backwards."""
    wanted = tuple(i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x in on_path)
    if node.op is PULLBACK:
        lowering.standalone.add(node)
    cotangents = [
        g if g is None else shaped(g, t) for g, t in zip(arrived, node.outputs, strict=True)
    ]
    made = make_node(
        PULLBACK,
        (*inputs, *cotangents),
        [Spec(inputs[i].shape, inputs[i].dtype, of=node, wanted=wanted) for i in wanted],
    )
    sent: list[Any] = [None] * len(inputs)
    for i, tensor in zip(wanted, made, strict=True):
        sent[i] = tensor
    return sent

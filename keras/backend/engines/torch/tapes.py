"""Gradients of ops without a rule: a tape per step, by an explicit backward row or by autograd."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ...graph.program import Step

Row = Callable[..., Any]

# op name -> (forward, backward): `forward(*inputs, **settled)` returns (outputs, saved) and
# `backward(saved, wanted, *gradients)` the gradients of the wanted inputs.
EXPLICIT: dict[str, tuple[Row, Row]] = {}


def taped(step: Step) -> Row:
    """The step's function, returning (outputs, what the way back needs)."""
    assert step.function is not None and step.node is not None
    if step.name in EXPLICIT:
        settled = {k: v for k, v in step.node.attributes.items() if k not in step.settled}
        return functools.partial(EXPLICIT[step.name][0], **settled)
    return _recorded(step.function, step.wanted, step.node.many)


def _recorded(function: Row, wanted: Sequence[int], many: bool) -> Row:
    def run(*inputs: Any, **settled: Any) -> Any:
        leaves = list(inputs)
        for i in wanted:
            leaves[i] = inputs[i].detach().requires_grad_()
        with torch.enable_grad():
            made = function(*leaves, **settled)
        outputs = tuple(made) if many else (made,)
        shown = tuple(o.detach() if isinstance(o, torch.Tensor) else o for o in outputs)
        return (shown if many else shown[0]), (outputs, leaves)

    return run


def puller(forward: Step, wanted: tuple[int, ...]) -> Row:
    """`function(tape, *gradients of the outputs)` -> gradients of the wanted inputs."""
    if forward.name in EXPLICIT:
        backward = EXPLICIT[forward.name][1]
        return lambda tape, *gradients: backward(tape, wanted, *gradients)

    def pull(tape: Any, *gradients: Any) -> tuple[Any, ...]:
        outputs, leaves = tape
        return _gradients(outputs, [leaves[i] for i in wanted], gradients, again=False)

    return pull


def _gradients(
    outputs: Sequence[Any], leaves: Sequence[Any], gradients: Sequence[Any], again: bool
) -> tuple[Any, ...]:
    pairs = [
        (o, g) for o, g in zip(outputs, gradients, strict=True) if g is not None and o.requires_grad
    ]
    if not pairs:
        return tuple(torch.zeros_like(leaf) for leaf in leaves)
    found = torch.autograd.grad(
        [o for o, _ in pairs],
        leaves,
        [g for _, g in pairs],
        allow_unused=True,
        retain_graph=True,
        create_graph=again,
    )
    return tuple(
        torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True)
    )


def pullback_function(count: int, function: Row, wanted: tuple[int, ...], many: bool) -> Row:
    """`function(*inputs, *gradients of the outputs, **bodies)` -> gradients of the wanted
    inputs."""

    def run(*arrays: Any, **bodies: Any) -> tuple[Any, ...]:
        inputs, gradients = list(arrays[:count]), arrays[count:]
        again = torch.is_grad_enabled()
        with torch.enable_grad():
            for i in wanted:
                if not inputs[i].requires_grad:
                    inputs[i] = inputs[i].detach().requires_grad_()
            made = function(*inputs, **bodies)
            outputs = tuple(made) if many else (made,)
            found = _gradients(outputs, [inputs[i] for i in wanted], gradients, again)
        return found if again else tuple(g.detach() for g in found)

    return run

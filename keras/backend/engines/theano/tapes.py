"""Gradients of ops without a rule, by PyTensor's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytensor

from ...graph.dtypes import is_float
from ...graph.program import Step
from .symbols import Known, is_symbol, stretch_to, symbol

Row = Callable[..., Any]


def _apart(x: Any) -> Any:
    """A variable of the same value, by which can be differentiated apart from all others."""
    x = symbol(x)
    return Known(x.type.shape)(x)


def taped(step: Step) -> Row:
    """The step's function, returning (outputs, what the way back needs)."""
    assert step.function is not None and step.node is not None
    function, wanted, many = step.function, step.wanted, step.node.many

    def run(*inputs: Any, **settled: Any) -> Any:
        made, own = _made(function, inputs, wanted, settled, many)
        return (made if many else made[0]), (made, own)

    return run


def _made(
    function: Row, inputs: Sequence[Any], wanted: tuple[int, ...], settled: Any, many: bool
) -> tuple[tuple[Any, ...], list[Any]]:
    """The outputs, and the wanted inputs that they were made of."""
    arrays = list(inputs)
    for i in wanted:
        arrays[i] = _apart(arrays[i])
    made = function(*arrays, **settled)
    return tuple(made) if many else (made,), [arrays[i] for i in wanted]


def _gradients(made: Sequence[Any], own: list[Any], gradients: Sequence[Any]) -> list[Any]:
    arrived: dict[Any, Any] = {}
    for y, g in zip(made, gradients, strict=True):
        if g is None or not is_symbol(y) or not is_float(y.dtype):
            continue
        g = symbol(g, y.dtype)
        g = stretch_to(g, y) if g.type.ndim < y.type.ndim else g
        arrived[y] = arrived[y] + g if y in arrived else g
    return list(
        pytensor.grad(
            None, own, known_grads=arrived, disconnected_inputs="ignore", return_disconnected="zero"
        )
    )


def puller(forward: Step, wanted: tuple[int, ...]) -> Row:
    """`function(tape, *gradients of the outputs)` -> gradients of the wanted inputs."""
    places = [forward.wanted.index(i) for i in wanted]

    def pull(tape: Any, *gradients: Any) -> tuple[Any, ...]:
        made, own = tape
        return tuple(_gradients(made, [own[i] for i in places], gradients))

    return pull


def pullback_function(count: int, function: Row, wanted: tuple[int, ...], many: bool) -> Row:
    """`function(*inputs, *gradients of the outputs)` -> gradients of the wanted inputs."""

    def run(*arrays: Any, **bodies: Any) -> tuple[Any, ...]:
        made, own = _made(function, arrays[:count], wanted, bodies, many)
        return tuple(_gradients(made, own, arrays[count:]))

    return run

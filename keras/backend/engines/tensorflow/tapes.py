"""Gradients of ops without a rule, by `tf.GradientTape`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ...graph.program import Step

Row = Callable[..., Any]


def taped(step: Step) -> Row:
    """The step's function, returning (outputs, what the way back needs)."""
    assert step.function is not None and step.node is not None
    function, wanted, many = step.function, step.wanted, step.node.many

    def run(*inputs: Any, **settled: Any) -> Any:
        made, tape = _recorded(function, inputs, wanted, settled, many)
        return (made if many else made[0]), tape

    return run


def _recorded(
    function: Row, inputs: Sequence[Any], wanted: Sequence[int], settled: Any, many: bool
) -> tuple[tuple[Any, ...], Any]:
    """The outputs as a tuple, and the tape with what was put in and what came out."""
    arrays = list(inputs)
    with tf.GradientTape(persistent=True) as tape:
        for i in wanted:
            arrays[i] = tf.identity(inputs[i])  # of its own: an input may be given twice
            tape.watch(arrays[i])
        made = function(*arrays, **settled)
    outputs = tuple(made) if many else (made,)
    return outputs, (tape, outputs, [arrays[i] for i in wanted])


def _gradients(recorded: Any, gradients: Sequence[Any]) -> tuple[Any, ...]:
    tape, outputs, leaves = recorded
    pairs = [
        (y, tf.broadcast_to(tf.cast(g, y.dtype), tf.shape(y)))
        for y, g in zip(outputs, gradients, strict=True)
        if g is not None and (y.dtype.is_floating or y.dtype.is_complex)
    ]
    found = tape.gradient(
        [y for y, _ in pairs],
        leaves,
        output_gradients=[g for _, g in pairs],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return tuple(map(tf.convert_to_tensor, found))


def puller(forward: Step, wanted: tuple[int, ...]) -> Row:
    """`function(tape, *gradients of the outputs)` -> gradients of the wanted inputs."""
    places = [forward.wanted.index(i) for i in wanted]

    def pull(recorded: Any, *gradients: Any) -> tuple[Any, ...]:
        found = _gradients(recorded, gradients)
        return tuple(found[i] for i in places)

    return pull


def pullback_function(count: int, function: Row, wanted: tuple[int, ...], many: bool) -> Row:
    """`function(*inputs, *gradients of the outputs)` -> gradients of the wanted inputs."""

    def run(*arrays: Any, **bodies: Any) -> tuple[Any, ...]:
        _, recorded = _recorded(function, arrays[:count], wanted, bodies, many)
        return _gradients(recorded, arrays[count:])

    return run

"""Gradients of ops without a rule, by `jax.vjp`; what JAX's functions make of symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ...graph.dtypes import name_of
from ...graph.program import Step

Row = Callable[..., Any]
TRIALS = (12, 24)  # sizes that stand for an unknown one


def taped(step: Step) -> Row:
    """The step's function, returning (outputs, the way back)."""
    assert step.function is not None and step.node is not None
    function, wanted, many = step.function, step.wanted, step.node.many

    def run(*inputs: Any, **settled: Any) -> Any:
        made, back = _vjp(function, inputs, wanted, settled, many)
        return (made if many else made[0]), (made, back)

    return run


def _vjp(function: Row, inputs: Any, wanted: Any, settled: Any, many: bool) -> tuple[Any, Any]:
    """The outputs as a tuple, and what pulls their gradients back to the wanted inputs."""

    def of_wanted(*some: Any) -> Any:
        arrays = list(inputs)
        for i, x in zip(wanted, some, strict=True):
            arrays[i] = x
        made = function(*arrays, **settled)
        return tuple(made) if many else (made,)

    return jax.vjp(of_wanted, *[inputs[i] for i in wanted])


def _gradients(made: Any, back: Any, gradients: Sequence[Any]) -> tuple[Any, ...]:
    filled = []
    for y, g in zip(made, gradients, strict=True):
        if not jnp.issubdtype(y.dtype, jnp.floating):
            filled.append(jnp.zeros(y.shape, jax.dtypes.float0))
        else:
            filled.append(jnp.zeros_like(y) if g is None else jnp.broadcast_to(g, y.shape))
    return tuple(back(tuple(filled)))


def puller(forward: Step, wanted: tuple[int, ...]) -> Row:
    """`function(tape, *gradients of the outputs)` -> gradients of the wanted inputs."""
    places = [forward.wanted.index(i) for i in wanted]

    def pull(tape: Any, *gradients: Any) -> tuple[Any, ...]:
        made, back = tape
        found = _gradients(made, back, gradients)
        return tuple(found[i] for i in places)

    return pull


def pullback_function(count: int, function: Row, wanted: tuple[int, ...], many: bool) -> Row:
    """`function(*inputs, *gradients of the outputs)` -> gradients of the wanted inputs."""

    def run(*arrays: Any, **bodies: Any) -> tuple[Any, ...]:
        made, back = _vjp(function, arrays[:count], wanted, bodies, many)
        return _gradients(made, back, arrays[count:])

    return run


def describe(function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
    """The shapes and dtypes of the results, and what puts the results into their structure."""
    first, second = (jax.eval_shape(function, *_trial(tensors, size)) for size in TRIALS)
    leaves, structure = jax.tree_util.tree_flatten(first)
    others = jax.tree_util.tree_leaves(second)
    results = [
        (
            tuple(p if p == q else None for p, q in zip(a.shape, b.shape, strict=True)),
            name_of(a.dtype),
        )
        for a, b in zip(leaves, others, strict=True)
    ]
    return results, lambda made: jax.tree_util.tree_unflatten(structure, list(made))


def _trial(tensors: Sequence[Any], size: int) -> list[Any]:
    return [
        jax.ShapeDtypeStruct([size if s is None else s for s in t.shape], t.dtype) for t in tensors
    ]

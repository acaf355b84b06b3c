"""A loop of which nobody knows how many turns it takes, with a way back.

JAX itself has none for such loops: it would have to keep an unknown number of states. Here the
turns are counted, and the way back computes the state before each turn anew from the first one:
little memory, and a time that grows with the square of the number of turns.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Values = tuple[Any, ...]


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def repeat(
    test: Callable[[Values, Values], Any],
    turn: Callable[[Values, Values], Values],
    held: Values,
    captured: Values,
) -> Values:
    """`held = turn(held, captured)` while `test(held, captured)`; all of it is in the arguments."""
    return _counted(test, turn, held, captured)[1]


def _counted(test: Any, turn: Any, held: Values, captured: Values) -> tuple[Any, Values]:
    """How many turns it took, and what is held then."""

    def go_on(carry: Any) -> Any:
        return jnp.reshape(test(carry[1], captured), ())

    def once(carry: Any) -> Any:
        return carry[0] + 1, turn(carry[1], captured)

    made: tuple[Any, Values] = jax.lax.while_loop(go_on, once, (jnp.int32(0), held))
    return made


def _forward(test: Any, turn: Any, held: Values, captured: Values) -> tuple[Values, Any]:
    turns, made = _counted(test, turn, held, captured)
    return made, (turns, held, captured)


def _backward(test: Any, turn: Any, kept: Any, gradients: Values) -> tuple[Any, Any]:
    turns, held, captured = kept
    count = len(_floats(held))

    def once_back(carry: Values, given: Values) -> Values:
        number, arrived, summed = carry[0] - 1, carry[1 : 1 + count], carry[1 + count :]
        first, outer = given[: len(held)], given[len(held) :]
        _, _, *before = repeat(_below, again, (jnp.int32(0), number, *first), outer)

        def of_floats(some: Values, others: Values) -> Values:
            return _floats(turn(_filled(before, some), _filled(outer, others)))

        _, back = jax.vjp(of_floats, _floats(before), _floats(outer))
        to_held, to_captured = back(arrived)
        return (number, *to_held, *(s + g for s, g in zip(summed, to_captured, strict=True)))

    def again(carry: Values, outer: Values) -> Values:
        return (carry[0] + 1, carry[1], *turn(carry[2:], outer))

    arrived = tuple(g for g, x in zip(gradients, held, strict=True) if _is_float(x))
    nothing = tuple(jnp.zeros_like(x) for x in _floats(captured))
    _, *found = repeat(_above_zero, once_back, (turns, *arrived, *nothing), (*held, *captured))
    return _spread(found[:count], held), _spread(found[count:], captured)


repeat.defvjp(_forward, _backward)


def _below(carry: Values, _: Any) -> Any:
    return carry[0] < carry[1]


def _above_zero(carry: Values, _: Any) -> Any:
    return carry[0] > 0


def _is_float(x: Any) -> bool:
    return x is not None and bool(jnp.issubdtype(jnp.asarray(x).dtype, jnp.floating))


def _floats(values: Sequence[Any]) -> Values:
    return tuple(x for x in values if _is_float(x))


def _filled(values: Sequence[Any], floats: Sequence[Any]) -> Values:
    """The values with these floats in the places of their own."""
    given = iter(floats)
    return tuple(next(given) if _is_float(x) else x for x in values)


def _no_gradient(x: Any) -> Any:
    return np.zeros(jnp.shape(x), jax.dtypes.float0)


def _spread(gradients: Sequence[Any], like: Sequence[Any]) -> Values:
    """Gradients in the places of the floats; the others have none."""
    given = iter(gradients)
    return tuple(
        next(given) if _is_float(x) else None if x is None else _no_gradient(x) for x in like
    )

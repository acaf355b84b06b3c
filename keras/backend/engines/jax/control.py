"""Rows of loops and branches: JAX's own, around the rendered bodies."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..turns import current, using
from . import random
from .repeat import repeat


def _scan(
    *arrays: Any,
    body: Any,
    sequences: int,
    states: int,
    reverse: bool,
    axis: int,
    ordered: bool,
    used: tuple[bool, ...],
) -> tuple[Any, ...]:
    held = tuple(jnp.asarray(x) for x in arrays[sequences : sequences + states])
    captured = arrays[sequences + states :]
    moved = tuple(jnp.moveaxis(x, axis, 0) for x in arrays[:sequences])

    def step(carry: Any, now: Any) -> Any:
        number, *before = carry
        with using(random.step_key(number)):
            made = body(*now, *before, *captured)
        outputs, news = made[: len(made) - states], made[len(made) - states :]
        news = tuple(
            jnp.broadcast_to(n, b.shape).astype(b.dtype) for n, b in zip(news, before, strict=True)
        )
        return (number + 1, *news), tuple(outputs)

    # JAX's reversed scan puts its outputs where the sequences stand, ours stand as computed.
    last, stacked = jax.lax.scan(step, (jnp.uint32(0), *held), moved, reverse=reverse)
    if len(moved[0]):
        finals = [y[0 if reverse else -1] for y in stacked]
    else:
        finals = [jnp.zeros(y.shape[1:], y.dtype) for y in stacked]
    if reverse and not ordered:
        stacked = tuple(jnp.flip(y, 0) for y in stacked)
    return (*finals, *(jnp.moveaxis(y, 0, axis) for y in stacked), *last[1:])


def _branch(
    condition: Any, *captured: Any, then: Any, otherwise: Any, counts: tuple[int, int]
) -> tuple[Any, ...]:
    first, second = captured[: counts[0]], captured[counts[0] :]
    if not isinstance(condition, jax.core.Tracer):
        return tuple(then(*first) if bool(condition) else otherwise(*second))
    shapes = jax.eval_shape(lambda: (tuple(then(*first)), tuple(otherwise(*second))))
    dtypes = [jnp.promote_types(a.dtype, b.dtype) for a, b in zip(*shapes, strict=True)]

    def cast(values: Any) -> tuple[Any, ...]:
        return tuple(jnp.asarray(v).astype(d) for v, d in zip(values, dtypes, strict=True))

    made: tuple[Any, ...] = jax.lax.cond(
        jnp.asarray(condition).astype(bool).reshape(()),
        lambda: cast(then(*first)),
        lambda: cast(otherwise(*second)),
    )
    return made


def _while(
    *arrays: Any, test: Any, turn: Any, states: int, tested: int, limit: int | None
) -> tuple[Any, ...]:
    held, captured = (tuple(map(jnp.asarray, xs)) for xs in (arrays[:states], arrays[states:]))
    key = current()
    most = np.iinfo(np.int32).max if limit is None else limit

    def go_on(carry: Any, given: Any) -> Any:
        return jnp.logical_and(carry[0] < most, test(*carry[1:], *given[1 : tested + 1])[0])

    def once(carry: Any, given: Any) -> Any:
        with using(given[0]), using(random.step_key(carry[0])):
            made = turn(*carry[1:], *given[tested + 1 :])
        news = (
            jnp.broadcast_to(n, b.shape).astype(b.dtype)
            for n, b in zip(made, carry[1:], strict=True)
        )
        return (carry[0] + 1, *news)

    return repeat(go_on, once, (jnp.int32(0), *held), (key, *captured))[1:]


def _numpy_call(*arrays: Any, function: Any, dtypes: tuple[str, ...]) -> tuple[Any, ...]:
    found = function(*[np.asarray(x) for x in arrays])
    return tuple(jnp.asarray(x, dtype=d) for x, d in zip(found, dtypes, strict=True))


def _print(x: Any, message: str) -> Any:
    jax.debug.print(message.replace("{", "{{").replace("}", "}}") + " {x}", x=x, ordered=True)
    return x


TABLE: dict[str, Any] = {
    "scan": _scan,
    "branch": _branch,
    "while_loop": _while,
    "numpy_call": _numpy_call,
    "print_tensor": _print,
    "native": lambda *arrays, function: function(*arrays),
}

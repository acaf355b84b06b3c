"""Rows of random numbers.

In a compiled program a key goes in with each call: the number of the call for all, folded with the
seed of each random node. Outside of one, numpy draws.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp

from ...ops.arrange import fill_in
from .. import draws
from ..protocol import Stateful


class Keys(threading.local):
    """The key of the program that is being compiled in this thread."""

    def __init__(self) -> None:
        self.key: Any = None


keys = Keys()


@contextmanager
def turn(number: Any) -> Iterator[None]:
    """Draw for the call with this number (or key)."""
    before = keys.key
    if jnp.ndim(number) == 0 and jnp.issubdtype(jnp.asarray(number).dtype, jnp.integer):
        number = jax.random.fold_in(jax.random.key(0, impl="unsafe_rbg"), number)
    keys.key = number
    try:
        yield
    finally:
        keys.key = before


class Turns:
    """The number of calls of a compiled program; its random nodes know it."""

    def __init__(self, nodes: Iterable[Any]) -> None:
        self.count = 0
        for node in nodes:
            if node is not None and "seed" in node.attributes:
                _turns.setdefault(node, []).append(self)

    def next(self) -> int:
        """The number of this call."""
        self.count += 1
        return self.count - 1


_turns: weakref.WeakKeyDictionary[Any, list[Turns]] = weakref.WeakKeyDictionary()


def state(node: Any) -> dict[str, Any]:
    """Where the draws of a random node stand: its programs' calls, and its generator outside."""
    calls = [turns.count for turns in _turns.get(node, ())]
    return {"calls": calls, "generator": draws.state(node)}


def set_state(node: Any, found: dict[str, Any]) -> None:
    """Let a random node, rendered as often as it was then, go on drawing from there."""
    for turns, count in zip(_turns.get(node, ()), found["calls"], strict=True):
        turns.count = count
    draws.set_state(node, found["generator"])


def current() -> Any:
    """The key of the program, `None` outside of one."""
    return keys.key


def step_key(number: Any) -> Any:
    """The key for one turn of a loop; `None` outside of programs."""
    return None if keys.key is None else jax.random.fold_in(keys.key, number)


@contextmanager
def using(key: Any) -> Iterator[None]:
    """Draw with this key."""
    before, keys.key = keys.key, key
    try:
        yield
    finally:
        keys.key = before


def _distribution(by_jax: Callable[..., Any], by_numpy: Callable[..., Any]) -> Stateful:
    def make(node: Any, shape: tuple[Any, ...], dtype: str, seed: int, **parameters: Any) -> Any:
        source = draws.source_of(node, seed)

        def run(*sizes: Any) -> Any:
            size = fill_in(shape, sizes)
            if keys.key is None:
                return jnp.asarray(by_numpy(source, size, **parameters), dtype=dtype)
            key = jax.random.fold_in(keys.key, seed)
            return by_jax(key, size, dtype, **parameters)

        return run

    return Stateful(make)


def _uniform(key: Any, size: Any, dtype: str, minval: float, maxval: float) -> Any:
    if not jnp.issubdtype(dtype, jnp.floating):
        return jax.random.randint(key, size, int(minval), int(maxval), dtype=dtype)
    return jax.random.uniform(key, size, dtype, minval, maxval)


def _normal(key: Any, size: Any, dtype: str, mean: float, stddev: float) -> Any:
    return jax.random.normal(key, size, dtype) * stddev + mean


def _truncated(key: Any, size: Any, dtype: str, mean: float, stddev: float) -> Any:
    return jax.random.truncated_normal(key, -2.0, 2.0, size, dtype) * stddev + mean


def _dropout_mask(node: Any, level: float, shape: Any, seed: int) -> Any:
    """Random bytes compared with a threshold; what is left of the level between two bytes is met by
    a second draw."""
    source = draws.source_of(node, seed)

    def run(x: Any, *sizes: Any) -> Any:
        size = x.shape if shape is None else fill_in(shape, sizes)
        if keys.key is None:
            return jnp.asarray(draws.kept(source, size, level), dtype=x.dtype)
        key = jax.random.fold_in(keys.key, seed)
        if (level * 256).is_integer():
            kept = jax.random.bits(key, size, "uint8") >= int(level * 256)
        else:
            kept = jax.random.bits(key, size, "uint16") >= round(level * 65536)
        return jnp.where(kept, jnp.asarray(1.0 / (1.0 - level), x.dtype), jnp.asarray(0, x.dtype))

    return run


TABLE: dict[str, Any] = {
    "random_uniform": _distribution(_uniform, draws.uniform),
    "random_normal": _distribution(_normal, draws.normal),
    "truncated_normal": _distribution(_truncated, draws.truncated),
    "random_binomial": _distribution(
        lambda key, size, dtype, p: jax.random.bernoulli(key, p, size).astype(dtype),
        draws.binomial,
    ),
    "dropout_mask": Stateful(_dropout_mask),
}

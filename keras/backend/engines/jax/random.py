"""Rows of random numbers.

In a compiled program a key goes in with each call: the number of the call for all, folded with the
seed of each random node. Outside of one, numpy draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp

from ...ops.arrange import fill_in
from .. import draws
from ..protocol import Stateful
from ..turns import current, using


@contextmanager
def turn(number: Any) -> Iterator[None]:
    """Draw for the call with this number (or key)."""
    if jnp.ndim(number) == 0 and jnp.issubdtype(jnp.asarray(number).dtype, jnp.integer):
        number = jax.random.fold_in(jax.random.key(0, impl="unsafe_rbg"), number)
    with using(number):
        yield


def step_key(number: Any) -> Any:
    """The key for one turn of a loop; `None` outside of programs."""
    return None if current() is None else jax.random.fold_in(current(), number)


def _distribution(by_jax: Callable[..., Any], by_numpy: Callable[..., Any]) -> Stateful:
    def make(node: Any, shape: tuple[Any, ...], dtype: str, seed: int, **parameters: Any) -> Any:
        source = draws.source_of(node, seed)

        def run(*sizes: Any) -> Any:
            size = fill_in(shape, sizes)
            if current() is None:
                return jnp.asarray(by_numpy(source, size, **parameters), dtype=dtype)
            key = jax.random.fold_in(current(), seed)
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
        if current() is None:
            return jnp.asarray(draws.kept(source, size, level), dtype=x.dtype)
        key = jax.random.fold_in(current(), seed)
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

"""Rows of random numbers.

In a compiled program a seed goes in with each call: the number of the call for all, mixed with the
seed of each random node. Outside of one, numpy draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from .. import draws
from ..protocol import Stateful
from ..turns import current, using
from .sizes import filled_in, sizes_of

mix = tf.random.experimental.stateless_fold_in


@contextmanager
def turn(number: Any) -> Iterator[None]:
    """Draw for the call with this number."""
    with using(None if number is None else tf.stack([tf.zeros((), number.dtype), number])):
        yield


@contextmanager
def step(number: Any) -> Iterator[None]:
    """Draw for one turn of a loop."""
    with using(None if current() is None else mix(current(), number)):
        yield


def _distribution(by_tensorflow: Callable[..., Any], by_numpy: Callable[..., Any]) -> Stateful:
    def make(node: Any, shape: tuple[Any, ...], dtype: str, seed: int, **parameters: Any) -> Any:
        source = draws.source_of(node, seed)

        def run(*sizes: Any) -> Any:
            size = filled_in(shape, sizes)
            if current() is None:
                return tf.constant(by_numpy(source, size, **parameters), dtype)
            return by_tensorflow(mix(current(), seed), size, dtype, **parameters)

        return run

    return Stateful(make)


def _uniform(seed: Any, size: Any, dtype: str, minval: float, maxval: float) -> Any:
    kind = tf.as_dtype(dtype)
    if kind.is_floating:
        return tf.random.stateless_uniform(size, seed, minval, maxval, kind)
    made = tf.random.stateless_uniform(size, seed, int(minval), int(maxval), tf.int64)
    return tf.cast(made, kind)


def _normal(seed: Any, size: Any, dtype: str, mean: float, stddev: float) -> Any:
    return tf.random.stateless_normal(size, seed, mean, stddev, dtype)


def _truncated(seed: Any, size: Any, dtype: str, mean: float, stddev: float) -> Any:
    return tf.random.stateless_truncated_normal(size, seed, mean, stddev, dtype)


def _binomial(seed: Any, size: Any, dtype: str, p: float) -> Any:
    return tf.cast(tf.random.stateless_uniform(size, seed) < p, dtype)


def _dropout_mask(node: Any, level: float, shape: Any, seed: int) -> Any:
    source = draws.source_of(node, seed)

    def run(x: Any, *sizes: Any) -> Any:
        size = sizes_of(x) if shape is None else filled_in(shape, sizes)
        if current() is None:
            return tf.constant(draws.kept(source, size, level), x.dtype)
        kept = tf.random.stateless_uniform(size, mix(current(), seed)) >= level
        return tf.where(kept, tf.cast(1.0 / (1.0 - level), x.dtype), tf.zeros((), x.dtype))

    return run


TABLE: dict[str, Any] = {
    "random_uniform": _distribution(_uniform, draws.uniform),
    "random_normal": _distribution(_normal, draws.normal),
    "truncated_normal": _distribution(_truncated, draws.truncated),
    "random_binomial": _distribution(_binomial, draws.binomial),
    "dropout_mask": Stateful(_dropout_mask),
}

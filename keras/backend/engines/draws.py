"""Random nodes' generators of numpy, and what is drawn from them."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

Source = np.random.Generator
_generators: weakref.WeakKeyDictionary[Any, Source] = weakref.WeakKeyDictionary()


def source_of(node: Any, seed: int) -> Source:
    """The generator of a random node; functions that share the node share it."""
    if node is None:
        return np.random.default_rng(seed)
    if node not in _generators:
        _generators[node] = np.random.default_rng(seed)
    return _generators[node]


def state(node: Any) -> Any:
    """Where a node's draws stand; `None` before the first."""
    source = _generators.get(node)
    return None if source is None else source.bit_generator.state


def set_state(node: Any, found: Any) -> None:
    """Let a node go on drawing from there."""
    if found is not None:
        source_of(node, 0).bit_generator.state = found


def uniform(source: Source, size: Any, minval: float, maxval: float) -> Any:
    return source.uniform(minval, maxval, size)


def normal(source: Source, size: Any, mean: float, stddev: float) -> Any:
    return source.normal(mean, stddev, size)


def truncated(source: Source, size: Any, mean: float, stddev: float) -> Any:
    """Normal numbers, those beyond two standard deviations drawn again."""
    made = source.normal(size=size)
    far = np.abs(made) > 2.0
    while far.any():
        made[far] = source.normal(size=int(far.sum()))
        far = np.abs(made) > 2.0
    return made * stddev + mean


def binomial(source: Source, size: Any, p: float) -> Any:
    return source.random(size) < p


def kept(source: Source, size: Any, level: float) -> Any:
    """What dropout leaves, as factors: 0, or what keeps the mean."""
    return (source.random(size) >= level) / (1.0 - level)

"""Rows of random numbers: each random node has a generator of its own, seeded once."""

from __future__ import annotations

import math
import weakref
from typing import Any

import torch

from ...ops.arrange import fill_in
from ..protocol import Stateful
from .arrange import device
from .elementwise import dtype_named

_generators: weakref.WeakKeyDictionary[Any, dict[Any, torch.Generator]] = weakref.WeakKeyDictionary()


def generator(node: Any, seed: int) -> torch.Generator:
    """The generator of a random node on the current device; functions that share the node share it."""
    here = device()
    known = _generators.setdefault(node, {}) if node is not None else {}
    if here not in known:
        known[here] = torch.Generator(device=here).manual_seed(seed)
    return known[here]


def _distribution(fill: Any) -> Stateful:
    def make(node: Any, shape: tuple[Any, ...], dtype: str, seed: int, **parameters: Any) -> Any:
        source, wanted = generator(node, seed), dtype_named(dtype)

        def run(*sizes: Any) -> Any:
            made = torch.empty(fill_in(shape, sizes), dtype=wanted, device=device())
            return fill(made, source, **parameters)

        return run

    return Stateful(make)


def _uniform(made: Any, source: Any, minval: float, maxval: float) -> Any:
    if not made.dtype.is_floating_point:
        return made.random_(int(minval), int(maxval), generator=source)
    return made.uniform_(minval, maxval, generator=source)


def _normal(made: Any, source: Any, mean: float, stddev: float) -> Any:
    return made.normal_(mean, stddev, generator=source)


def _truncated(made: Any, source: Any, mean: float, stddev: float) -> Any:
    """By the inverse of the distribution function, between its values at -2 and 2."""
    edge = math.erf(math.sqrt(2.0))
    made.uniform_(-edge, edge, generator=source).erfinv_()
    return made.mul_(stddev * math.sqrt(2.0)).clamp_(-2.0 * stddev, 2.0 * stddev).add_(mean)


def _binomial(made: Any, source: Any, p: float) -> Any:
    return made.bernoulli_(p, generator=source)


BLOCK = 65536  # masks are made at least so many numbers at a time


def _dropout_mask(node: Any, level: float, shape: Any, seed: int) -> Any:
    """Random words, viewed as bytes (or pairs of bytes), compared with a threshold.

    That costs a fraction of what `bernoulli_` does, and small masks are made many at a time. The level
    is met to 1/256 where it is a multiple of it, else to 1/65536, and the kept values are scaled by
    what it really is.
    """
    source = generator(node, seed)
    if device().type != "cpu":
        return _plain_mask(source, level, shape)
    draw = _drawing(source, level)
    waiting: dict[Any, list[Any]] = {}

    def run(x: Any, *sizes: Any) -> Any:
        size = x.shape if shape is None else fill_in(shape, sizes)
        key = size, x.dtype
        masks = waiting.get(key)
        if not masks:
            count = max(1, BLOCK // max(1, math.prod(size)))
            block = draw((count, *size)).to(x.dtype)
            masks = waiting[key] = list(torch.unbind(block))
        return masks.pop()

    return run


def _drawing(source: torch.Generator, level: float) -> Any:
    """A function that makes masks of a shape: 0, or the factor that keeps the mean."""
    fine = not (level * 256).is_integer()
    steps, kind, per_word = (65536, torch.int16, 4) if fine else (256, torch.uint8, 8)
    dropped = min(round(level * steps), steps - 1)
    scale = steps / (steps - dropped)
    threshold = dropped - 32768 if fine else dropped

    def draw(shape: tuple[int, ...]) -> Any:
        count = math.prod(shape)
        words = torch.empty(-(-count // per_word), dtype=torch.int64)
        words.random_(-(2**63), None, generator=source)
        numbers = words.view(kind)[:count].view(shape)
        return torch.mul(numbers >= threshold, scale)

    return draw


def _plain_mask(source: Any, level: float, shape: Any) -> Any:
    def run(x: Any, *sizes: Any) -> Any:
        size = x.shape if shape is None else fill_in(shape, sizes)
        made = torch.empty(size, dtype=x.dtype, device=x.device)
        return made.bernoulli_(1.0 - level, generator=source).mul_(1.0 / (1.0 - level))

    return run


TABLE: dict[str, Any] = {
    "random_uniform": _distribution(_uniform),
    "random_normal": _distribution(_normal),
    "truncated_normal": _distribution(_truncated),
    "random_binomial": _distribution(_binomial),
    "dropout_mask": Stateful(_dropout_mask),
}

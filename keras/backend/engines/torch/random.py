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

_generators: weakref.WeakKeyDictionary[Any, dict[Any, torch.Generator]] = (
    weakref.WeakKeyDictionary()
)


def generator(node: Any, seed: int) -> torch.Generator:
    """The generator of a random node on the current device; functions that share the node share
    it."""
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
    """Random words, viewed as bytes, compared with a threshold, small masks many at a time.

    That costs a fraction of what `bernoulli_` does.
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
            block = draw((count, *size), x.dtype)
            masks = waiting[key] = list(torch.unbind(block))
        return masks.pop()

    return run


def _drawing(source: torch.Generator, level: float) -> Any:
    """A function that makes masks of a shape: 0, or the factor that keeps the mean.

    A byte meets a level to 1/256. The threshold alternates between its two neighbours so that the
    level is met exactly on the average of the draws; each draw's factor is that of its own
    threshold.
    """
    whole, part = divmod(level * 256, 1.0)
    left = 0.0

    def draw(shape: tuple[int, ...], dtype: torch.dtype) -> Any:
        nonlocal left
        left += part
        dropped = min(int(whole) + int(left >= 0.5), 255)
        left -= float(left >= 0.5)
        count = math.prod(shape)
        words = torch.empty(-(-count // 8), dtype=torch.int64)
        words.random_(-(2**63), None, generator=source)
        numbers = words.view(torch.uint8)[:count].view(shape)
        # Torch compares four times as fast into floats as into truth values.
        made = torch.ge(numbers, dropped, out=torch.empty(shape, dtype=dtype))
        return made.mul_(torch.tensor(256.0 / (256 - dropped), dtype=dtype))

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

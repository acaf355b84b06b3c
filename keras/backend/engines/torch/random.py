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
# Masks that were made ahead for a random node, by their shapes, and what its level is behind by.
_ahead: weakref.WeakKeyDictionary[Any, list[dict[Any, Any]]] = weakref.WeakKeyDictionary()


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
    waiting: dict[Any, Any] = {"left": 0.0}
    if node is not None:
        _ahead.setdefault(node, []).append(waiting)
    draw = _drawing(source, level, waiting)

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


def _drawing(source: torch.Generator, level: float, kept: dict[Any, Any]) -> Any:
    """A function that makes masks of a shape: 0, or the factor that keeps the mean.

    A byte meets a level to 1/256. The threshold alternates between its two neighbours so that the
    level is met exactly on the average of the draws; each draw's factor is that of its own
    threshold.
    """
    whole, part = divmod(level * 256, 1.0)

    def draw(shape: tuple[int, ...], dtype: torch.dtype) -> Any:
        left = kept["left"] + part
        dropped = min(int(whole) + int(left >= 0.5), 255)
        kept["left"] = left - float(left >= 0.5)
        count = math.prod(shape)
        words = torch.empty(-(-count // 8), dtype=torch.int64)
        words.random_(-(2**63), None, generator=source)
        numbers = words.view(torch.uint8)[:count].view(shape)
        # Torch compares four times as fast into floats as into truth values.
        made = torch.ge(numbers, dropped, out=torch.empty(shape, dtype=dtype))
        return made.mul_(torch.tensor(256.0 / (256 - dropped), dtype=dtype))

    return draw


def state(node: Any) -> dict[str, Any]:
    """Where the draws of a random node stand: its generators, and the masks made ahead."""
    sources = _generators.get(node, {})
    return {
        "generators": {str(device): g.get_state().numpy() for device, g in sources.items()},
        "ahead": [
            {
                "left": waiting["left"],
                "masks": [
                    {"size": tuple(key[0]), "dtype": str(key[1])[6:], **_packed(masks)}
                    for key, masks in waiting.items()
                    if key != "left" and masks
                ],
            }
            for waiting in _ahead.get(node, ())
        ],
    }


def set_state(node: Any, found: dict[str, Any]) -> None:
    """Let a random node, rendered as often as it was then, go on drawing from there."""
    sources = _generators.setdefault(node, {})
    for name, values in found["generators"].items():
        here = torch.device(name)
        source = sources.setdefault(here, torch.Generator(device=here))
        source.set_state(torch.from_numpy(values))
    for waiting, then in zip(_ahead.get(node, ()), found["ahead"], strict=True):
        waiting.clear()
        waiting["left"] = then["left"]
        for each in then["masks"]:
            dtype = dtype_named(each["dtype"])
            block = torch.from_numpy(each["kept"]).to(dtype).mul_(each["factor"])
            waiting[tuple(each["size"]), dtype] = list(torch.unbind(block))


def _packed(masks: list[torch.Tensor]) -> dict[str, Any]:
    """Masks of one block: where they keep, and the factor."""
    block = torch.stack(masks)
    return {"kept": (block != 0).numpy(), "factor": float(block.max())}


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

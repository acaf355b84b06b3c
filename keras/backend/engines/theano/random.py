"""Rows of random numbers.

In a compiled program each draw is a function of a key: the number of the call, mixed with the
number of the turn inside of loops, and with the seed of the random node. So it can be computed
twice, on the way back through a loop, and is the same. Outside of programs numpy draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from .. import draws, turns
from ..protocol import Stateful
from .symbols import filled, is_symbol, sizes_of, symbol


class Mixed(Op):
    """Two numbers made one, which tells nothing of either."""

    __props__ = ()

    def make_node(self, key: Any, number: Any) -> Apply:
        return Apply(self, [key, symbol(number, "uint64")], [pt.scalar(dtype="uint64")])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        mixed = np.random.SeedSequence([int(x) for x in inputs]).generate_state(1, np.uint64)
        outputs[0][0] = np.asarray(mixed[0])

    def connection_pattern(self, node: Apply) -> Any:
        return [[False], [False]]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        raise AssertionError("no gradient flows through a key")


mixed = Mixed()


class Draw(Op):
    """Numbers of a distribution: key, sizes -> an array."""

    __props__ = ("draw", "dtype", "parameters", "seed", "shape")

    def __init__(
        self, draw: Callable[..., Any], shape: Any, dtype: str, seed: int, parameters: Any
    ) -> None:
        self.draw, self.shape, self.dtype, self.seed = draw, tuple(shape), dtype, seed
        self.parameters = tuple(parameters)

    def make_node(self, key: Any, *sizes: Any) -> Apply:
        made = pt.tensor(dtype=self.dtype, shape=self.shape)
        return Apply(self, [key, *(symbol(s, "int64") for s in sizes)], [made])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        given = iter(inputs[1:])
        size = tuple(int(next(given)) if s is None else s for s in self.shape)
        source = np.random.default_rng([self.seed, int(inputs[0])])
        outputs[0][0] = np.asarray(self.draw(source, size, *self.parameters), dtype=self.dtype)

    def connection_pattern(self, node: Apply) -> Any:
        return [[False] for _ in node.inputs]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        raise AssertionError("no gradient flows through a draw")


def drawn(draw: Callable[..., Any], sizes: Any, dtype: str, seed: int, *parameters: Any) -> Any:
    """Numbers that the running program draws."""
    known = [None if is_symbol(s) else s for s in sizes]
    moving = [s for s in sizes if is_symbol(s)]
    return Draw(draw, known, dtype, seed, parameters)(turns.current(), *moving)


def _distribution(draw: Callable[..., Any], *names: str) -> Stateful:
    def make(node: Any, shape: Any, dtype: str, seed: int, **parameters: Any) -> Any:
        given = [parameters[name] for name in names]
        return lambda *moving: drawn(draw, filled(shape, moving), dtype, seed, *given)

    return Stateful(make)


def _dropout_mask(node: Any, level: float, shape: Any, seed: int) -> Any:
    def run(x: Any, *moving: Any) -> Any:
        sizes = sizes_of(symbol(x)) if shape is None else filled(shape, moving)
        return drawn(draws.kept, sizes, x.dtype if is_symbol(x) else x.dtype.name, seed, level)

    return run


TABLE: dict[str, Any] = {
    "random_uniform": _distribution(draws.uniform, "minval", "maxval"),
    "random_normal": _distribution(draws.normal, "mean", "stddev"),
    "truncated_normal": _distribution(draws.truncated, "mean", "stddev"),
    "random_binomial": _distribution(draws.binomial, "p"),
    "dropout_mask": Stateful(_dropout_mask),
}

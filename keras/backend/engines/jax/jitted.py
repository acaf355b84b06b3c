"""Programs that XLA compiles whole: for a call, and for several calls in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...graph.dtypes import name_of
from ...graph.op import TensorList
from ...graph.program import Program
from .. import turns
from . import random
from .work import work

MOST = 32  # steps in one call: what the calls themselves cost is hardly felt any more
WORK = 2e10  # operations in one call: tenths of a second, for Ctrl-C and the progress bar must wait


class Picked:
    """Some rows of an array, picked inside the compiled program."""

    __slots__ = ("parts",)

    def __init__(self, whole: Any, rows: np.ndarray) -> None:
        self.parts = (whole, rows)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.parts[1]), *self.parts[0].shape[1:])

    @property
    def dtype(self) -> str:
        return name_of(self.parts[0].dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        whole, rows = self.parts
        return np.asarray(np.asarray(whole)[rows], dtype)


def _picked(x: Any) -> Any:
    if not isinstance(x, tuple):
        return x
    whole, rows = x
    return whole.at[rows].get(mode="promise_in_bounds", unique_indices=True)


def _parts(feeds: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(x.parts if isinstance(x, Picked) else x for x in feeds)


class Jitted:
    """A program's function of its parameters and variables, compiled for each set of shapes it
    meets; the old values of variables that get new ones are given up."""

    def __init__(self, function: Callable[..., Any], program: Program) -> None:
        self.function = function
        self.count = len(program.parameters)
        self.updated = [
            v for u, _ in program.updates for v in (u if isinstance(u, TensorList) else (u,))
        ]
        read, moved = list(program.variables), set(self.updated)
        self.moving = [i for i, v in enumerate(read) if v in moved]
        self.staying = [i for i, v in enumerate(read) if v not in moved]
        self.turns = turns.Turns(step.node for step in program.all_steps())
        self._once = jax.jit(self._step, donate_argnums=2)
        self.series = Series(self, read)

    def _step(self, turn: Any, feeds: Any, given: Any, kept: Any) -> Any:
        values: list[Any] = [None] * (len(given) + len(kept))
        for i, x in zip(self.moving, given, strict=True):
            values[i] = x
        for i, x in zip(self.staying, kept, strict=True):
            values[i] = x
        with random.turn(turn):
            return self.function(*[_picked(x) for x in feeds], *values)

    def __call__(self, *arrays: Any) -> Any:
        feeds = _parts(arrays[: self.count])
        given, kept = self.parted(arrays[self.count :])
        return self._once(np.uint32(self.turns.next()), feeds, given, kept)

    def parted(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The values of the variables that get new ones, and those of the others."""
        return [values[i] for i in self.moving], [values[i] for i in self.staying]


class Series:
    """Several calls of a program as one: a loop around its step, inside what XLA compiles."""

    def __init__(self, program: Jitted, read: Sequence[Any]) -> None:
        self.program = program
        places = {variable: place for place, variable in enumerate(program.updated)}
        self.places = [places[variable] for variable in program.updated]
        self.news = [places[read[i]] for i in program.moving]
        self.unread = sorted({*places.values()} - {*self.news})
        self._loop = jax.jit(self._steps, donate_argnums=3)
        self._known: dict[Any, int] = {}

    def most(self, feeds: Sequence[Any], values: Sequence[Any]) -> int:
        """How many calls with such feeds are best made as one; 1 where it would gain nothing."""
        key = tuple((x.shape, str(x.dtype)) for x in feeds)
        if key not in self._known:
            self._known[key] = self._found(feeds, values)
        return self._known[key]

    def _found(self, feeds: Sequence[Any], values: Sequence[Any]) -> int:
        given, kept = self.program.parted(values)
        if not given:
            return 1
        traced, (_, news) = jax.make_jaxpr(self.program._step, return_shape=True)(
            np.uint32(0), _parts(feeds), given, kept
        )
        stays = all(
            (news[place].shape, news[place].dtype) == (x.shape, x.dtype)
            for place, x in zip(self.news, given, strict=True)
        )
        if traced.effects or not stays:  # somebody looks, or the next step is another program
            return 1
        on_processor = any(d.platform == "cpu" for d in given[0].devices())
        return int(min(max(WORK / work(traced.jaxpr, on_processor), 1), MOST))

    def _steps(self, turn: Any, wholes: Any, rows: Any, given: Any, kept: Any) -> Any:
        def step(held: Any, now: Any) -> Any:
            number, some = now
            feeds = [r if w is None else (w, r) for w, r in zip(wholes, some, strict=True)]
            outputs, news = self.program._step(number, feeds, held, kept)
            held = [jnp.asarray(news[p], x.dtype) for p, x in zip(self.news, held, strict=True)]
            return held, (list(outputs), [news[p] for p in self.unread])

        numbers = turn + jnp.arange(len(rows[0]), dtype="uint32")
        last, (outputs, unread) = jax.lax.scan(step, given, (numbers, rows))
        values = dict(zip(self.news, last, strict=True))
        values |= {p: x[-1] for p, x in zip(self.unread, unread, strict=True)}
        return outputs, [values[place] for place in self.places]

    def __call__(self, calls: Sequence[Sequence[Any]], values: Sequence[Any]) -> Any:
        """The outputs of all calls, one above the other, and the variables' last values."""
        wholes, rows = [], []
        for feeds in zip(*calls, strict=True):
            whole = feeds[0].parts[0] if isinstance(feeds[0], Picked) else None
            if any(not isinstance(x, Picked) or x.parts[0] is not whole for x in feeds):
                whole = None
            wholes.append(whole)
            rows.append(
                jnp.stack([jnp.asarray(x) for x in feeds])
                if whole is None
                else np.stack([x.parts[1] for x in feeds])
            )
        given, kept = self.program.parted(values)
        first = np.uint32(self.program.turns.next(len(calls)))
        return self._loop(first, wholes, rows, given, kept)

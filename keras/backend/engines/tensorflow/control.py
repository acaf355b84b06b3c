"""Rows of loops and branches: TensorFlow's own, around the rendered bodies."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from ..protocol import Stateful
from . import random
from .elementwise import of_dtype
from .sizes import size_of, sizes_of


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
    moved = [_axis_first(x, axis) for x in arrays[:sequences]]
    held, captured = arrays[sequences : sequences + states], arrays[sequences + states :]
    loop = Loop(body, moved, held, captured, reverse, ordered, used)
    if not tf.is_tensor(loop.count):
        lasts, stacked, news = loop.run() if loop.count else loop.none()
    else:
        lasts, stacked, news = tf.cond(loop.count > 0, loop.run, loop.none)
    shown = (_axis_first(y, axis, back=True) for y in stacked)
    return (*lasts, *shown, *news)


def _axis_first(x: Any, axis: int, back: bool = False) -> Any:
    """An axis moved to the front, or back from there."""
    rank = len(x.shape)
    if axis == 0 or rank <= axis:
        return x
    if back:
        return tf.transpose(x, [*range(1, axis + 1), 0, *range(axis + 1, rank)])
    return tf.transpose(x, [axis, *(i for i in range(rank) if i != axis)])


class Loop:
    """A loop along the first axis of some sequences.

    The first step is taken before the loop: it says what shapes and dtypes the others have.
    """

    def __init__(
        self,
        body: Any,
        moved: list[Any],
        held: Any,
        captured: Any,
        reverse: bool,
        ordered: bool,
        used: tuple[bool, ...],
    ) -> None:
        self.body, self.captured = body, captured
        self.moved, self.held = moved, tuple(tf.convert_to_tensor(h) for h in held)
        self.reverse, self.ordered, self.used = reverse, ordered, used
        self.count = size_of(moved[0], 0)

    def _step(self, number: Any, now: Any, held: Any) -> tuple[list[Any], list[Any]]:
        """The outputs and the new states of a step."""
        with random.step(number):
            made = [tf.convert_to_tensor(m) for m in self.body(*now, *held, *self.captured)]
        outputs, news = made[: len(made) - len(held)], made[len(made) - len(held) :]
        return outputs, [_like(n, b) for n, b in zip(news, held, strict=True)]

    def _stacks(self, number: int, count: int) -> bool:
        return not self.used or self.used[count + number]

    def run(self) -> tuple[Any, Any, Any]:
        """The last outputs, those of all steps stacked, the last states; of one step at least."""
        count = self.count
        columns = [
            tf.TensorArray(x.dtype, count, element_shape=x.shape[1:]).unstack(x) for x in self.moved
        ]

        def place(number: Any) -> Any:
            return count - 1 - number if self.reverse else number

        def at(number: Any) -> list[Any]:
            return [column.read(place(number)) for column in columns]

        outputs, held = self._step(0, at(0), self.held)
        several = len(outputs)
        kept = [i for i in range(several) if self._stacks(i, several)]

        def write(rows: Any, number: Any, outputs: list[Any]) -> list[Any]:
            to = place(number) if self.ordered else number
            return [row.write(to, outputs[i]) for row, i in zip(rows, kept, strict=True)]

        empty = [tf.TensorArray(outputs[i].dtype, count) for i in kept]
        rows = write(empty, 0, outputs)

        def turn(number: Any, lasts: Any, rows: Any, held: Any) -> tuple[Any, ...]:
            made, news = self._step(number, at(number), held)
            made = [_like(new, last) for new, last in zip(made, lasts, strict=True)]
            return number + 1, made, write(rows, number, made), news

        _, lasts, rows, held = tf.while_loop(
            lambda number, *_: number < count, turn, (tf.constant(1), outputs, rows, held)
        )
        found = dict(zip(kept, rows, strict=True))
        stacked = [found[i].stack() if i in found else lasts[i] for i in range(several)]
        return tuple(lasts), tuple(stacked), tuple(held)

    def none(self) -> tuple[Any, Any, Any]:
        """What a loop of no steps returns: a step on zeros says the shapes of the outputs."""
        now = [tf.zeros(sizes_of(x)[1:], x.dtype) for x in self.moved]
        outputs, _ = self._step(0, now, self.held)
        lasts = tuple(tf.zeros_like(y) for y in outputs)
        stacked = tuple(
            tf.zeros([0, *sizes_of(y)], y.dtype) if self._stacks(i, len(lasts)) else y
            for i, y in enumerate(lasts)
        )
        return lasts, stacked, self.held


def _like(new: Any, before: Any) -> Any:
    """A new state in the dtype and the shape of the one before."""
    new = of_dtype(new, before.dtype.name)
    if new.shape.as_list() != before.shape.as_list():
        new = tf.ensure_shape(tf.broadcast_to(new, tf.shape(before)), before.shape)
    return new


def _branch(
    condition: Any, *captured: Any, then: Any, otherwise: Any, counts: tuple[int, int]
) -> tuple[Any, ...]:
    first, second = captured[: counts[0]], captured[counts[0] :]

    def run(body: Any, given: Any) -> tuple[Any, ...]:
        return tuple(tf.convert_to_tensor(m) for m in body(*given))

    made: tuple[Any, ...] = tf.cond(
        tf.reshape(of_dtype(condition, "bool"), ()),
        functools.partial(run, then, first),
        functools.partial(run, otherwise, second),
    )
    return tuple(made)


def _while(
    *arrays: Any, test: Any, turn: Any, states: int, tested: int, limit: int | None
) -> tuple[Any, ...]:
    held = tuple(map(tf.convert_to_tensor, arrays[:states]))
    for_test, for_turn = arrays[states : states + tested], arrays[states + tested :]

    def go_on(number: Any, *before: Any) -> Any:
        return tf.reshape(of_dtype(test(*before, *for_test)[0], "bool"), ())

    def once(number: Any, *before: Any) -> tuple[Any, ...]:
        with random.step(number):
            made = turn(*before, *for_turn)
        return (number + 1, *(_like(n, b) for n, b in zip(made, before, strict=True)))

    return tuple(tf.while_loop(go_on, once, (tf.constant(0), *held), maximum_iterations=limit)[1:])


# ---- calls of what is no engine's work


def _numpy_call(node: Any, function: Any, dtypes: tuple[str, ...]) -> Any:
    shapes = [t.shape for t in node.outputs] if node is not None else [None] * len(dtypes)

    def whole(*given: Any) -> list[Any]:
        found = function(*given)
        return [np.asarray(x, d) for x, d in zip(found, dtypes, strict=True)]

    def run(*arrays: Any) -> tuple[Any, ...]:
        made = tf.numpy_function(whole, [tf.convert_to_tensor(x) for x in arrays], list(dtypes))
        made = made if isinstance(made, (list, tuple)) else [made]  # one comes without a list
        return tuple(tf.ensure_shape(y, shape) for y, shape in zip(made, shapes, strict=True))

    return run


def _print(x: Any, message: str) -> Any:
    def show(value: Any) -> Any:
        print(message, value, flush=True)  # noqa: T201  what the user asked for
        return value

    made = tf.numpy_function(show, [x], x.dtype)
    made.set_shape(x.shape)
    return made


TABLE: dict[str, Any] = {
    "scan": _scan,
    "branch": _branch,
    "while_loop": _while,
    "numpy_call": Stateful(_numpy_call),  # the node knows the shapes
    "print_tensor": _print,
    "native": lambda *arrays, function: function(*arrays),
}

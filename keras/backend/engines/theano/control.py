"""Rows of loops and branches: PyTensor's own `scan` and `ifelse` around the rendered bodies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.traversal import io_toposort

from .. import turns
from ..protocol import Stateful
from . import modes, random
from .symbols import alike, known, sizes_of, stretch_to, symbol

try:
    from pytensor.conditional.op import ifelse as ifelse
except ImportError:  # its place before PyTensor 3.3.4
    from pytensor.ifelse import ifelse as ifelse

Row = Callable[..., Any]


def _scan(
    *arrays: Any,
    body: Row,
    sequences: int,
    states: int,
    reverse: bool,
    axis: int,
    ordered: bool,
    used: tuple[bool, ...],
) -> tuple[Any, ...]:
    given = [symbol(x) for x in arrays]
    moved = [_first(x, axis) for x in given[:sequences]]
    held = given[sequences : sequences + states]

    def step(now: Sequence[Any], before: Sequence[Any], captured: Sequence[Any]) -> list[Any]:
        made = [symbol(x) for x in body(*now, *before, *captured)]
        count = len(made) - states
        return [*made[:count], *map(_fitting, made[count:], before)]

    results, outputs = _scanned(step, moved, held, given[sequences + states :], reverse)
    stacked, traces = results[:outputs], results[outputs:]
    lasts = [last(y) for y in stacked]
    finals = [last(y, h) for y, h in zip(traces, held, strict=True)]
    if reverse and ordered:
        stacked = [y[::-1] for y in stacked]
    return (*lasts, *(_back(y, axis) for y in stacked), *finals)


def _scanned(
    step: Row, moved: Any, held: Any, captured: Any, reverse: bool
) -> tuple[list[Any], int]:
    """What each step makes, stacked: its outputs, and its states; and how many outputs these are.

    The loop is made of variables that stand for what it is given: PyTensor looks at all that a loop
    is computed from, and at all loops in there, each time it allocates something.
    """
    key = turns.current()
    real = [*moved, *held, *captured, *([] if key is None else [key])]
    own = [x.type() for x in real]
    first, second = len(moved), len(moved) + len(held)
    third = second + len(captured)
    with turns.using(None if key is None else own[third]):
        tried = step([x[0] for x in own[:first]], own[first:second], own[second:third])
    outputs = len(tried) - len(held)

    def once(number: Any, *some: Any) -> list[Any]:
        turn = None if key is None else random.mixed(some[third], number)
        with turns.using(turn):
            news: list[Any] = step(some[:first], some[first:second], some[second:third])
        return news

    made = pytensor.scan(
        once,
        sequences=[pt.arange(sizes_of(own[0])[0], dtype="int64"), *own[:first]],
        outputs_info=[*[None] * outputs, *own[first:second]],
        non_sequences=own[second:],
        go_backwards=reverse,
        **modes.of_loops(),
        return_list=True,
        return_updates=False,
    )
    results = _of(list(made), dict(zip(own, real, strict=True)))
    if not own[0].type.shape[0]:  # there may be no steps at all
        shaped = Stacked(own, tried, first)(*results, *real)
        results = list(shaped) if isinstance(shaped, (list, tuple)) else [shaped]
    return results, outputs


def _of(results: list[Any], given: dict[Any, Any]) -> list[Any]:
    """Results with real variables in the places of those that stood for them."""
    known = dict(given)
    for node in io_toposort(list(given), results):
        inputs = [known.get(x, x) for x in node.inputs]
        known.update(zip(node.outputs, node.clone_with_new_inputs(inputs).outputs, strict=True))
    return [known.get(y, y) for y in results]


class Stacked(Op):
    """What the steps of a loop made; if there were none, nothing, but in its shape.

    Only a step itself knows the shape: it is tried on zeros where nobody has made one.
    """

    def __init__(self, given: Sequence[Any], step: Sequence[Any], sequences: int) -> None:
        self.given, self.step, self.sequences = given, step, sequences

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def make_node(self, *arrays: Any) -> Apply:
        count = len(arrays) - len(self.given)
        self.view_map = {i: [i] for i in range(count)}
        return Apply(self, list(arrays), [y.type() for y in arrays[:count]])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        count = len(outputs)
        made = inputs[:count]
        if count and not len(made[0]):
            made = self.tried(inputs[count:])
        for output, y in zip(outputs, made, strict=True):
            output[0] = y

    def tried(self, arrays: Sequence[Any]) -> list[Any]:
        """No steps of the shape of one."""
        inputs, outputs = list(self.given), list(self.step)
        run = pytensor.function(inputs, outputs, mode=modes.chosen(), on_unused_input="ignore")
        run.trust_input = True  # of one step, where none was known to be
        one = [np.zeros((1, *x.shape[1:]), x.dtype) for x in arrays[: self.sequences]]
        made = run(*one, *arrays[self.sequences :])
        return [np.zeros((0, *y.shape), y.dtype) for y in made]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[i == j for j in range(len(node.outputs))] for i in range(len(node.inputs))]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [*cotangents, *(disconnected_type() for _ in inputs[len(outputs) :])]


def _fitting(new: Any, before: Any) -> Any:
    """A state after a step, of the type that it had before."""
    new = symbol(new, before.dtype)
    wider = [a == 1 != b for a, b in zip(new.type.shape, before.type.shape, strict=True)]
    return stretch_to(new, before) if any(wider) else known(new, before.type.shape)


def _first(x: Any, axis: int) -> Any:
    order = [axis, *(i for i in range(x.type.ndim) if i != axis)]
    return x.dimshuffle(order) if axis else x


def _back(x: Any, axis: int) -> Any:
    order = [*range(1, axis + 1), 0, *range(axis + 1, x.type.ndim)]
    return x.dimshuffle(order) if axis else x


class Last(Op):
    """The last of some slices; where there are none, what else is given, or zeros."""

    __props__ = ()

    def make_node(self, x: Any, *otherwise: Any) -> Apply:
        made = pt.tensor(dtype=x.dtype, shape=x.type.shape[1:])
        return Apply(self, [x, *otherwise], [made])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        x, *otherwise = inputs
        if len(x):
            outputs[0][0] = np.array(x[-1])
        else:
            outputs[0][0] = np.array(otherwise[0]) if otherwise else np.zeros(x.shape[1:], x.dtype)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        (x, *otherwise), (g,) = inputs, cotangents
        at_end = pt.eq(pt.arange(x.shape[0]), x.shape[0] - 1)
        shares = pt.shape_padright(at_end, g.type.ndim)
        nothing = symbol(0, x.dtype)
        to_x = pt.switch(shares, pt.shape_padleft(g), nothing)
        return [to_x, *(pt.switch(pt.eq(x.shape[0], 0), g, nothing) for _ in otherwise)]


last = Last()


def _branch(
    condition: Any, *captured: Any, then: Row, otherwise: Row, counts: tuple[int, int]
) -> tuple[Any, ...]:
    firsts = then(*captured[: counts[0]])
    seconds = otherwise(*captured[counts[0] :])
    pairs = [alike(a, b) for a, b in zip(firsts, seconds, strict=True)]
    shapes = [
        tuple(p if p == q else None for p, q in zip(a.type.shape, b.type.shape, strict=True))
        for a, b in pairs
    ]
    made = ifelse(
        pt.neq(symbol(condition), 0),
        [known(a, shape) for (a, _), shape in zip(pairs, shapes, strict=True)],
        [known(b, shape) for (_, b), shape in zip(pairs, shapes, strict=True)],
    )
    return tuple(made) if isinstance(made, (list, tuple)) else (made,)


class While(Op):
    """Turns of a loop of which nobody knows how many it takes: held, captured -> how many it were,
    and what is held then.

    The way back knows the number, so it is that of a `scan`.
    """

    __props__ = ()

    def __init__(self, test: Row, turn: Row, held: int, limit: int | None) -> None:
        self.test, self.turn, self.held, self.limit = test, turn, held, limit
        self.compiled: Any = None

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def make_node(self, *arrays: Any) -> Apply:
        number = pt.scalar(dtype="int64")
        inner = [x.type() for x in arrays]
        held, captured = inner[: self.held], inner[self.held :]
        news = self.turn(number, held, captured)
        mode = modes.chosen()
        inputs = [number, *inner]
        self.compiled = [
            pytensor.function(inputs, made, mode=mode, on_unused_input="ignore")
            for made in (self.test(number, held, captured), news)
        ]
        for function in self.compiled:
            function.trust_input = True
        made = [pt.scalar(dtype="int64"), *(x.type() for x in arrays[: self.held])]
        return Apply(self, list(arrays), made)

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        test, turn = self.compiled
        held, captured, count = inputs[: self.held], inputs[self.held :], np.int64(0)
        while (self.limit is None or count < self.limit) and bool(
            test(np.asarray(count), *held, *captured)
        ):
            held = turn(np.asarray(count), *held, *captured)
            count += 1
        for output, value in zip(outputs, [count, *held], strict=True):
            output[0] = np.array(value)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        own = [x.copy() for x in inputs]
        held, captured = own[: self.held], own[self.held :]
        traces = pytensor.scan(
            lambda number, *some: self.turn(number, some[: self.held], some[self.held :]),
            sequences=[pt.arange(outputs[0])],
            outputs_info=held,
            non_sequences=captured,
            **modes.of_loops(),
            return_list=True,
            return_updates=False,
        )
        finals = [last(y, h) for y, h in zip(traces, held, strict=True)]
        arrived = {
            y: g
            for y, g in zip(finals, cotangents[1:], strict=True)
            if not isinstance(g.type, DisconnectedType) and y.dtype.startswith("float")
        }
        return pytensor.grad(
            None, own, known_grads=arrived, disconnected_inputs="ignore", return_disconnected="zero"
        )


def _while(
    *arrays: Any, test: Row, turn: Row, states: int, tested: int, limit: int | None
) -> tuple[Any, ...]:
    key = turns.current()
    keyed = [] if key is None else [key]
    given = [symbol(x) for x in arrays]

    def go_on(number: Any, held: Any, captured: Any) -> Any:
        return pt.neq(symbol(test(*held, *captured[:tested])[0]), 0).reshape(())

    def once(number: Any, held: Any, captured: Any) -> list[Any]:
        own = random.mixed(captured[-1], number) if keyed else None
        with turns.using(own):
            made = turn(*held, *captured[tested : len(given) - states])
        return [_fitting(symbol(n), b) for n, b in zip(made, held, strict=True)]

    made = While(go_on, once, states, limit)(*given, *keyed)
    return tuple(made[1:])


class Outside(Op):
    """A function of numpy arrays."""

    __props__ = ("function", "types")

    def __init__(self, function: Row, types: Sequence[Any]) -> None:
        self.function, self.types = function, tuple(types)

    def make_node(self, *arrays: Any) -> Apply:
        return Apply(self, list(arrays), [pt.tensor(dtype=d, shape=s) for s, d in self.types])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        for output, made, (_, dtype) in zip(
            outputs, self.function(*inputs), self.types, strict=True
        ):
            output[0] = np.asarray(made, dtype=dtype)


class Printed(Op):
    """Its input, printed whenever it is computed."""

    __props__ = ("message",)
    view_map = {0: [0]}  # noqa: RUF012  so PyTensor declares it

    def __init__(self, message: str) -> None:
        self.message = message

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        print(self.message, inputs[0], flush=True)  # noqa: T201  what the user asked for
        outputs[0][0] = inputs[0]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return cotangents


def _numpy_call(node: Any, function: Row, dtypes: tuple[str, ...]) -> Row:
    types = [(tuple(t.shape), t.dtype) for t in node.outputs]

    def run(*arrays: Any) -> tuple[Any, ...]:
        made = Outside(function, types)(*map(symbol, arrays))
        return tuple(made) if isinstance(made, (list, tuple)) else (made,)

    return run


TABLE: dict[str, Any] = {
    "scan": _scan,
    "branch": _branch,
    "while_loop": _while,
    "numpy_call": Stateful(_numpy_call),
    "print_tensor": lambda x, message: Printed(message)(x),
}

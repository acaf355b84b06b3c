"""The way back through loops: another loop, from the last step to the first.

What the way back needs of a step, the loop gives out as further outputs. Products with values from
outside, such as weights, aren't summed step by step: their factors come out of the loop, and one
product of all steps makes the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..graph.control import Body, dependents, trace_mark
from ..graph.dtypes import is_differentiable
from ..graph.gradients import NoRule, flow, shaped
from ..graph.op import make_node
from ..graph.tensor import OPS, Node, Placeholder, Spec, Tensor
from .arrange import permute_dimensions, reshape, size_of, sum_to
from .create import zeros_like

if TYPE_CHECKING:
    from ..graph.lower import Lowering

Factors = tuple[Tensor, ...]


class Loop:
    """A node of a loop, and what stands in which place."""

    def __init__(self, node: Node, lowering: Lowering) -> None:
        self.node = node
        self.lowering = lowering
        self.settled = node.attributes
        self.body: Body = self.settled["body"]
        self.states: int = self.settled["states"]
        self.sequences: int = self.settled["sequences"]
        self.given = self.sequences + self.states
        self.outputs = len(self.body.outputs) - self.states
        self.parameters = [lowering.settled(t) for t in self.body.parameters]
        self.results = [lowering.settled(t) for t in self.body.outputs]
        self.captures = [lowering.settled(t) for t in self.body.captures]
        self.boundary = {*self.parameters, *(c for c in self.captures if is_tensor(c))}

    def inside(self) -> set[Node]:
        """The nodes that belong to a step: they depend on its parameters, or draw at random."""
        given, settled = set(self.parameters), self.lowering.settled
        return dependents(given, self.results, self.body.started, settled=settled)


def is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


class Back:
    """The step of the way back: what arrives at it, what it hands on, what it gives out."""

    def __init__(self, loop: Loop, arrived: Sequence[Any]) -> None:
        self.loop = loop
        self.arriving: dict[Tensor, Any] = {}
        self.slices: list[Placeholder] = []  # a gradient for each step
        self.stacks: list[Any] = []
        self.held: list[Placeholder] = []  # handed from step to step
        self.first: list[Any] = []
        self.news: list[Any] = []
        self.outputs: list[Any] = []
        count = loop.outputs
        lasts, stacked, states = arrived[:count], arrived[count : 2 * count], arrived[2 * count :]
        self.state_gradients = self._states(lasts, states)
        for number, g in enumerate(stacked):
            result = loop.results[number]
            if g is not None and is_tensor(result):
                place = Placeholder(result.shape, result.dtype)
                place.dims = result.dims
                self.slices.append(place)
                self.stacks.append(g)
                self._arrive(result, place)

    def _arrive(self, at: Tensor, g: Any) -> None:
        known = self.arriving.get(at)
        self.arriving[at] = g if known is None else known + g

    def hold(self, like: Tensor, first: Any, new: Any = None) -> Placeholder:
        """A value handed from step to step, which begins with `first`."""
        place = Placeholder(like.shape, like.dtype)
        place.dims = like.dims
        self.held.append(place)
        self.first.append(first)
        self.news.append(new)
        return place

    def _states(self, lasts: Sequence[Any], states: Sequence[Any]) -> dict[int, int]:
        """By the number of a state: where its gradient is held."""
        loop, found = self.loop, {}
        results = loop.results[loop.outputs :]
        finals = list(states)
        for number, g in enumerate(lasts):
            result = loop.results[number]
            if g is None or not is_tensor(result):
                continue
            same = [j for j, r in enumerate(results) if r is result]
            if same:  # the last output is a last state
                finals[same[0]] = g if finals[same[0]] is None else finals[same[0]] + g
            else:  # it arrives at the last step only
                nothing = zeros_like(loop.node.outputs[number])
                self._arrive(result, self.hold(result, g, nothing))
        for number, result in enumerate(results):
            if is_tensor(result) and is_differentiable(result.dtype):
                last = loop.node.outputs[2 * loop.outputs + number]
                g = finals[number]
                found[number] = len(self.held)
                self._arrive(result, self.hold(result, zeros_like(last) if g is None else g))
        return found

    def give(self, tensor: Tensor) -> int:
        """Give out a value of each step; its number among those that are."""
        for number, known in enumerate(self.outputs):
            if known is tensor:
                return number
        self.outputs.append(tensor)
        return len(self.outputs) - 1


def pull(
    node: Node, inputs: list[Any], arrived: list[Any], on_path: set[Tensor], lowering: Lowering
) -> list[Any] | None:
    """The gradients of a loop's inputs, by another loop; `None` if a step's ops lack a rule."""
    started = trace_mark()
    loop = Loop(node, lowering)
    back = Back(
        loop, [g if g is None else shaped(g, t) for g, t in zip(arrived, node.outputs, strict=True)]
    )
    wanted = [is_tensor(x) and x in on_path for x in inputs]
    targets = [*loop.parameters, *loop.captures]
    try:
        found = flow(back.arriving, targets, lowering, loop.boundary)
    except NoRule:
        return None
    back.loop = loop = Loop(node, lowering)  # loops inside of this one may have been replaced
    for number, place in back.state_gradients.items():
        g = found[loop.sequences + number]
        back.news[place] = zeros_like(back.held[place]) if g is None else _full(g, back.held[place])
    makers = [
        _maker(back, number, target, g) if is_wanted and g is not None else None
        for number, (target, g, is_wanted) in enumerate(zip(targets, found, wanted, strict=True))
    ]
    results = _run(loop, back, started)
    return [None if make is None else make(*results) for make in makers]


def _full(g: Any, like: Tensor) -> Any:
    """A state's gradient with the dtype that it had."""
    return OPS["cast"](g, like.dtype) if g.dtype != like.dtype else g


Maker = Callable[[list[Tensor], list[Tensor]], Any]  # (outputs stacked, states held) -> a gradient


def _maker(back: Back, number: int, target: Tensor, g: Tensor) -> Maker:
    """How the gradient of one of the loop's inputs follows from what the way back returns."""
    loop = back.loop
    if number < loop.sequences:
        place, axis = back.give(g), loop.settled["axis"]
        order = (*range(1, axis + 1), 0, *range(axis + 1, g.ndim + 1))
        return lambda stacks, held: permute_dimensions(stacks[place], order)
    if number < loop.given:
        place = back.state_gradients[number - loop.sequences]
        return lambda stacks, held: sum_to(held[place], loop.node.inputs[number])
    parts = [_part(back, target, addend) for addend in _addends(g, target)]

    def total(stacks: list[Tensor], held: list[Tensor]) -> Any:
        made = [part(stacks, held) for part in parts]
        return sum(made[1:], made[0])

    return total


def _addends(g: Any, like: Tensor) -> Iterator[Any]:
    """The terms of a sum."""
    node = g.node
    if node is not None and node.op.name == "add":
        terms = node.inputs
        if all(is_tensor(t) and tuple(t.shape) == tuple(g.shape) for t in terms):
            for term in terms:
                yield from _addends(term, like)
            return
    yield g


def _part(back: Back, target: Tensor, g: Tensor) -> Maker:
    """The sum over all steps of one term."""
    settled = g.node.attributes if g.node is not None else {}
    name = g.node.op.name if g.node is not None else ""
    given = g.node.inputs if g.node is not None else ()
    first_turned = name == "matmul" and settled["transpose_x"] and not settled["transpose_y"]
    if first_turned and g.ndim == given[0].ndim == given[1].ndim == 2:
        a, b = back.give(given[0]), back.give(given[1])
        return lambda stacks, held: OPS["matmul"](
            _folded(stacks[a]), _folded(stacks[b]), True, False
        )
    if name == "convolution_kernel":
        a, b = back.give(given[0]), back.give(given[1])
        return lambda stacks, held: OPS["convolution_kernel"](
            _folded(stacks[a]), _folded(stacks[b]), **settled
        )
    if name == "sum" and 0 in settled["axis"] and not settled["keepdims"]:
        a, axes = back.give(given[0]), (0, *(i + 1 for i in settled["axis"]))
        return lambda stacks, held: OPS["sum"](stacks[a], axes)
    place = len(back.held)
    held_sum = back.hold(target, zeros_like(target))
    back.news[place] = held_sum + g
    return lambda stacks, held: held[place]


def _folded(x: Tensor) -> Any:
    """(time, batch, ...) -> (time * batch, ...)."""
    return reshape(x, (-1, *(size_of(x, i) for i in range(2, x.ndim))))


def _run(loop: Loop, back: Back, started: int) -> tuple[list[Tensor], list[Tensor]]:
    """The way back as a node: its outputs, time first, and what it held at the end."""
    saved = _saved(loop, back)
    stacks = _give_out(loop, saved)
    settled = loop.settled
    ordered = settled["ordered"]
    # Step k of the loop is in place k of its outputs, or, ordered backwards, in the opposite one.
    reverse = not (settled["reverse"] and ordered)
    count = len(back.outputs)
    given, made = [*saved, *back.slices, *back.held], [*back.outputs, *back.news]
    body = Body(given, made, started, settled=loop.lowering.settled)
    time = stacks[0].shape[0]
    axis = settled["axis"]
    turned = [
        permute_dimensions(g, (axis, *(i for i in range(g.ndim) if i != axis))) for g in back.stacks
    ]
    specs = [Spec(t.shape, t.dtype) for t in back.outputs]
    specs += [Spec((time, *t.shape), t.dtype) for t in back.outputs]
    specs += [Spec(t.shape, t.dtype) for t in back.held]
    specs[0].attributes = {
        "body": body,
        "sequences": len(saved) + len(turned),
        "states": len(back.held),
        "reverse": reverse,
        "axis": 0,
        "ordered": not settled["reverse"],
        "used": (),
    }
    results = make_node(loop.node.op, (*stacks, *turned, *back.first, *body.captures), specs)
    return list(results[count : 2 * count]), list(results[2 * count :])


def _saved(loop: Loop, back: Back) -> list[Tensor]:
    """What the way back needs of a step."""
    inside, own = loop.inside(), {*back.slices, *back.held}
    found: dict[Tensor, None] = {}
    seen: set[Any] = set()
    stack = [t for t in (*back.outputs, *back.news) if is_tensor(t)]
    while stack:
        tensor = loop.lowering.settled(stack.pop())
        if not is_tensor(tensor) or tensor in seen or tensor in own:
            continue
        seen.add(tensor)
        if tensor in loop.parameters or tensor.node in inside:
            found[tensor] = None
        elif tensor.node is not None and tensor not in loop.boundary:
            stack.extend(tensor.node.inputs)
    return list(found) or [loop.parameters[0]]  # at least one says how many steps there are


def _give_out(loop: Loop, saved: Sequence[Tensor]) -> list[Tensor]:
    """These values of all steps, time first. The loop is replaced by one that gives them out."""
    known = {t: i for i, t in reversed(list(enumerate(loop.results[: loop.outputs])))}
    axis, extra = loop.settled["axis"], [t for t in saved if t not in known]
    new = _extended(loop, extra) if extra else list(loop.node.outputs)
    count = loop.outputs + len(extra)
    stacks = []
    for tensor in saved:
        number = known[tensor] if tensor in known else loop.outputs + extra.index(tensor)
        stacked = new[count + number]
        order = (axis, *(i for i in range(stacked.ndim) if i != axis))
        stacks.append(stacked if axis == 0 else permute_dimensions(stacked, order))
    return stacks


def _extended(loop: Loop, extra: Sequence[Tensor]) -> list[Tensor]:
    """The loop with further outputs, in the place of the one that was there."""
    node, count = loop.node, loop.outputs
    given = node.inputs[: loop.given]
    old, body = node.outputs, loop.body
    outputs = [*body.outputs[:count], *extra, *body.outputs[count:]]
    larger = Body(loop.parameters, outputs, body.started, settled=loop.lowering.settled)
    axis, time = loop.settled["axis"], _time(loop)
    lasts, stacked, states = old[:count], old[count : 2 * count], old[2 * count :]
    specs = [Spec(t.shape, t.dtype) for t in (*lasts, *extra)]
    specs += [Spec(t.shape, t.dtype) for t in stacked]
    specs += [Spec((*t.shape[:axis], time, *t.shape[axis:]), t.dtype) for t in extra]
    specs += [Spec(t.shape, t.dtype) for t in states]
    specs[0].attributes = {**loop.settled, "body": larger}
    made = make_node(node.op, (*given, *larger.captures), specs)
    kept = [*range(count), *range(count + len(extra), 2 * count + len(extra))]
    kept += range(2 * (count + len(extra)), len(made))
    for before, number in zip(old, kept, strict=True):
        made[number].dims = before.dims
        loop.lowering.replaced[before] = made[number]
    loop.lowering.rewired = True
    return list(made)


def _time(loop: Loop) -> int | None:
    """How many steps there are, if that is known."""
    if loop.sequences:
        size: int | None = loop.node.inputs[0].shape[loop.settled["axis"]]
        return size
    return loop.node.outputs[loop.outputs].shape[loop.settled["axis"]] if loop.outputs else None

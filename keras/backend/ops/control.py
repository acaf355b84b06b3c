"""Choices and loops: the learning phase, `switch`, `rnn` and its relatives.

A loop's step is called once, with symbolic placeholders; what depends on them is its body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.control import Body, branch_body, trace_mark
from ..graph.dtypes import promoted
from ..graph.function import evaluate, learning_phase
from ..graph.op import constant, is_symbolic, make_node, named, op
from ..graph.runtime import ready
from ..graph.shapes import shape_of
from ..graph.tensor import Constant, Placeholder, Spec, Tensor, Tensors
from . import way_back
from .arrange import expand_dims, squeeze, stack
from .create import zeros_like
from .elementwise import cast
from .index import getitem
from .truth import where


@op(name="in_train_phase")
def _by_phase(x: Tensor, alt: Tensor):
    a, b = shape_of(x), shape_of(alt)
    shape = (
        tuple(p if p == q else None for p, q in zip(a, b, strict=True)) if len(a) == len(b) else a
    )
    return Spec(shape, promoted(x, alt))


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` while training, `alt` while testing; both may be functions that make it.

    `training` decides at once if it is True, False, 0 or 1, and by its value if it is a tensor.
    """
    phase = learning_phase() if training is None else training
    if not is_symbolic(phase):
        chosen = x if phase else alt
        return chosen() if callable(chosen) else chosen
    first, second = (v() if callable(v) else v for v in (x, alt))
    if training is not None:
        return switch(phase, first, second)
    if first is second:
        return first
    made = _by_phase(_tensor(first), _tensor(second))
    made.uses_phase = True
    return made


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` while testing, `alt` while training."""
    return in_train_phase(alt, x, training)


# ---- branches


@op(name="branch", host=True)
def _branch(condition: Tensor, captured: Tensors, then, otherwise, counts):
    raise AssertionError("branches are made by `switch`")


def _traced(expression: Any) -> Any:
    return expression() if callable(expression) else expression


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two values: of two branches, where the condition is a scalar and they are functions,
    only the chosen one is computed; else the choice is made for each element.

    A condition of fewer dimensions chooses whole rows.
    """
    if not is_symbolic(condition):
        return _traced(then_expression if condition else else_expression)
    lazy = callable(then_expression) or callable(else_expression)
    started = trace_mark()
    first, second = _traced(then_expression), _traced(else_expression)
    if condition.ndim or not lazy:
        return _chosen(condition, first, second)
    several = isinstance(first, (list, tuple))
    firsts = [_tensor(t) for t in (first if several else [first])]
    seconds = [_tensor(t) for t in (second if several else [second])]
    then, otherwise = branch_body(firsts, started), branch_body(seconds, started)
    specs = [
        Spec(_common(a.shape, b.shape), promoted(a, b))
        for a, b in zip(firsts, seconds, strict=True)
    ]
    counts = (len(then.captures), len(otherwise.captures))
    specs[0].attributes = {"then": then, "otherwise": otherwise, "counts": counts}
    made = make_node(_branch.op, (condition, *then.captures, *otherwise.captures), specs)
    phase = any(t.uses_phase for t in (*firsts, *seconds))
    for tensor in made:
        tensor.uses_phase = tensor.uses_phase or phase
    return list(made) if several else made[0]


def _tensor(value: Any) -> Tensor:
    return value if is_symbolic(value) else constant(value)


def _value(value: Any) -> Any:
    """A tensor as it is, anything else as an array of the engine."""
    return value if is_symbolic(value) else ready(value)


def _common(a: Sequence[int | None], b: Sequence[int | None]) -> tuple[int | None, ...]:
    if len(a) != len(b):
        raise ValueError(f"The branches of a switch have shapes {tuple(a)} and {tuple(b)}.")
    return tuple(p if p == q else None for p, q in zip(a, b, strict=True))


def _chosen(condition: Any, x: Any, y: Any) -> Any:
    rank = max(len(shape_of(x)), len(shape_of(y)))
    if condition.ndim > rank:
        raise ValueError(
            f"The condition of a switch has shape {tuple(condition.shape)}: more dimensions than "
            f"its branches, which have {rank}."
        )
    if condition.dtype != "bool":
        condition = cast(condition, "bool")
    for _ in range(rank - condition.ndim if condition.ndim else 0):
        condition = expand_dims(condition, -1)
    return where(condition, x, y)


# ---- loops

Step = Callable[[list[Any], list[Any]], tuple[Sequence[Any], Sequence[Any]]]


@op(name="scan")
def _scan(arrays: Tensors, body, sequences, states, reverse, axis, ordered):
    raise AssertionError("scans are made by `scan`")


_scan.op.pull = way_back.pull


def scan(
    step: Step,
    sequences: Sequence[Tensor],
    states: Sequence[Tensor],
    reverse: bool = False,
    axis: int = 1,
    length: int | None = None,
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Call `step(slices, states) -> (outputs, new states)` along an axis of the sequences.

    Returns the last outputs, the outputs of all steps stacked along the axis, and the last states.
    """
    if not sequences:
        raise ValueError("scan needs at least one sequence to go along; got none.")
    at_once = not any(map(is_symbolic, (*sequences, *states)))
    sequences, states = list(map(_tensor, sequences)), list(map(_tensor, states))
    started = trace_mark()
    slices = [
        Placeholder(tuple(x.shape[:axis]) + tuple(x.shape[axis + 1 :]), x.dtype) for x in sequences
    ]
    held = [Placeholder(s.shape, s.dtype) for s in states]
    made = step(list(slices), list(held))
    outputs = [_tensor(t) for t in made[0]]
    news = [_kept(_tensor(t), s) for t, s in zip(made[1], held, strict=True)]
    body = Body([*slices, *held], [*outputs, *news], started)
    steps = sequences[0].shape[axis]
    steps = length if steps is None else steps
    specs = [Spec(t.shape, t.dtype) for t in outputs]
    specs += [Spec((*t.shape[:axis], steps, *t.shape[axis:]), t.dtype) for t in outputs]
    specs += [Spec(t.shape, t.dtype) for t in news]
    settled = {
        "body": body,
        "sequences": len(sequences),
        "states": len(states),
        "reverse": bool(reverse),
        "axis": axis,
        "ordered": False,  # whether outputs stand as the sequences do, not as they were computed
        "used": (),
    }
    specs[0].attributes = settled
    results = make_node(_scan.op, (*sequences, *states, *body.captures), specs)
    phase = any(t.uses_phase for t in body.outputs)
    for tensor in results:
        tensor.uses_phase = tensor.uses_phase or phase
    if at_once:
        results = _computed(results, body)
    count = len(outputs)
    return list(results[:count]), list(results[count : 2 * count]), list(results[2 * count :])


def _computed(results: Sequence[Tensor], *bodies: Body) -> Sequence[Any]:
    """What a loop over arrays returns: arrays, unless its steps know anything symbolic."""
    known = all(isinstance(t, Constant) for body in bodies for t in body.captures)
    return evaluate(results) if known else results


def _kept(new: Tensor, state: Tensor) -> Tensor:
    """A state keeps its dtype; its shape must fit."""
    if len(new.shape) != len(state.shape):
        raise ValueError(
            f"A loop's state has shape {tuple(state.shape)} before a step and {tuple(new.shape)} "
            "after it."
        )
    return new if new.dtype == state.dtype else cast(new, state.dtype)


def rnn(
    step_function: Callable[[Any, list[Any]], tuple[Any, list[Any]]],
    inputs: Any,
    initial_states: Sequence[Any],
    go_backwards: bool = False,
    mask: Any = None,
    constants: Sequence[Any] | None = None,
    unroll: bool = False,
    input_length: int | None = None,
    zero_output_for_mask: bool = False,
) -> tuple[Any, Any, list[Any]]:
    """Run `step_function(input at a time, states + constants) -> output, new states` over time.

    inputs (batch, time, ...), mask (batch, time) -> (last output, outputs (batch, time, ...), new
    states). Where the mask is 0 the states stay and the output is repeated (or is 0).
    `go_backwards` begins at the end; the outputs are in the order in which they were computed.
    `unroll` writes the steps one after the other, which needs a known number of them.
    """
    several = isinstance(inputs, (list, tuple))
    sequences = [_value(x) for x in (inputs if several else [inputs])]
    if any(x.ndim < 3 for x in sequences):
        shapes = [tuple(x.shape) for x in sequences]
        raise ValueError(f"rnn needs inputs (batch, time, ...), got {shapes}.")
    fixed = list(constants or [])
    states = list(map(_value, initial_states))

    def step(now: list[Any], held: list[Any]) -> tuple[list[Any], list[Any]]:
        output, news = step_function(now if several else now[0], [*held, *fixed])
        return [output], list(news)

    run = _unrolled if unroll else scan
    if mask is None:
        last, outputs, news = run(step, sequences, states, go_backwards, 1, input_length)
        return last[0], outputs[0], news
    probe = step([_slice(x, 0) for x in sequences], states)[0][0]
    masked = _masked(step, zero_output_for_mask)
    sequences, states = [*sequences, _time_mask(_value(mask))], [*states, zeros_like(probe)]
    _, outputs, news = run(masked, sequences, states, go_backwards, 1, input_length)
    return news[-1], outputs[0], news[:-1]


def _time_mask(mask: Any) -> Any:
    """(batch, time) or (batch, time, 1) -> (batch, time), of truth values."""
    if mask.ndim == 3:
        mask = squeeze(mask, 2)
    return mask if mask.dtype == "bool" else cast(mask, "bool")


def _pick(keep: Any, new: Any, old: Any) -> Any:
    for _ in range(len(shape_of(new)) - 1):
        keep = expand_dims(keep, -1)
    return where(keep, new, old)


def _masked(step: Step, zeros: bool) -> Step:
    """A step that a mask holds back: it is one more input, the output that lasts one more state."""

    def masked(now: list[Any], held: list[Any]) -> tuple[list[Any], list[Any]]:
        keep, lasting = now[-1], held[-1]
        (output,), news = step(now[:-1], held[:-1])
        kept = [_pick(keep, n, s) for n, s in zip(news, held[:-1], strict=True)]
        lasting = _pick(keep, output, lasting)
        shown = _pick(keep, output, zeros_like(output)) if zeros else lasting
        return [shown], [*kept, lasting]

    return masked


def _slice(x: Any, time: int) -> Any:
    return getitem(x, (slice(None), time))


def _unrolled(
    step: Step,
    sequences: list[Any],
    states: list[Any],
    backwards: bool,
    axis: int,
    length: int | None,
) -> tuple[list[Any], list[Any], list[Any]]:
    """As `scan`, the steps written one after the other."""
    steps = sequences[0].shape[axis] or length
    if steps is None:
        raise ValueError(
            "Unrolling needs a known number of time steps, got inputs of shape "
            f"{tuple(sequences[0].shape)}."
        )
    outputs: list[list[Any]] = []
    for time in reversed(range(steps)) if backwards else range(steps):
        made, news = step([_slice(x, time) for x in sequences], states)
        outputs.append(list(made))
        states = list(news)
    stacked = [stack(list(column), axis) for column in zip(*outputs, strict=True)]
    return outputs[-1], stacked, states


def while_loop(
    condition: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Sequence[Any],
    maximum_iterations: int | None = None,
) -> list[Tensor]:
    """Repeat `loop_vars = body(*loop_vars)` while `condition(*loop_vars)` holds."""
    at_once = not any(map(is_symbolic, loop_vars))
    states = list(map(_tensor, loop_vars))
    started = trace_mark()
    held = [Placeholder(s.shape, s.dtype) for s in states]
    test = Body(held, [_tensor(condition(*held))], started)
    made = body(*held)
    made = list(made) if isinstance(made, (list, tuple)) else [made]
    turn = Body(held, [_kept(_tensor(t), s) for t, s in zip(made, held, strict=True)], started)
    specs = [Spec(s.shape, s.dtype) for s in states]
    specs[0].attributes = {
        "test": test,
        "turn": turn,
        "states": len(states),
        "tested": len(test.captures),
        "limit": maximum_iterations,
    }
    made = make_node(_while.op, (*states, *test.captures, *turn.captures), specs)
    return list(_computed(made, test, turn) if at_once else made)


@op(name="while_loop")
def _while(arrays: Tensors, test, turn, states, tested, limit):
    raise AssertionError("loops are made by `while_loop`")


def map_fn(fn: Callable[[Any], Any], elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """`fn` of each element along the first axis, stacked; `elems` may be several tensors."""
    several = isinstance(elems, (list, tuple))

    def step(now: list[Tensor], held: list[Tensor]) -> tuple[list[Any], list[Any]]:
        made = fn(list(now) if several else now[0])
        return list(made) if isinstance(made, (list, tuple)) else [made], []

    _, outputs, _ = scan(step, list(elems) if several else [elems], [], axis=0)
    results = [named(cast(t, dtype) if dtype else t, name) for t in outputs]
    return results[0] if len(results) == 1 else results


def foldl(
    fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, name: str | None = None
) -> Any:
    """Combine the elements along the first axis: fn(fn(fn(first, second), third), ...)."""
    return named(_folded(fn, elems, initializer, backwards=False), name)


def foldr(
    fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, name: str | None = None
) -> Any:
    """Combine the elements along the first axis, from the last one back."""
    return named(_folded(fn, elems, initializer, backwards=True), name)


def _folded(fn: Callable[[Any, Any], Any], elems: Any, start: Any, backwards: bool) -> Any:
    if start is None:
        start = getitem(elems, -1 if backwards else 0)
        elems = getitem(elems, slice(None, -1) if backwards else slice(1, None))

    def step(now: list[Tensor], held: list[Tensor]) -> tuple[list[Any], list[Any]]:
        return [], [fn(held[0], now[0])]

    _, _, states = scan(step, [elems], [start], backwards, axis=0)
    return states[0]

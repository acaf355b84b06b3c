"""What is made of weights alone, made once for as long as they stay the same.

While a model predicts, its weights don't change: the factor and the summand of each batch
normalisation needn't be found anew at each call, and where the normalisation follows a convolution
or a product with weights, both become part of the kernel and the bias.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Sequence
from typing import Any

import torch

from ....graph.program import Program, Step, Value
from .. import conv
from .inplace import FRESH
from .patterns import View

ONE, TWO = (
    "abs exp negative reshape rsqrt sqrt square",
    "add divide maximum minimum multiply subtract",
)
SIMPLE = frozenset([*ONE.split(), *TWO.split()])
"""Steps whose outputs are no larger than their inputs together."""

LINEAR = frozenset(("convolution", "dense"))
EXACT = frozenset(("float32", "float64"))  # half precision might lose what it can't hold meanwhile


class Kept:
    """Steps from weights to arrays, carried out again only when a weight has changed."""

    def __init__(
        self, steps: Sequence[Step], given: Sequence[Value], made: Sequence[Value]
    ) -> None:
        self.steps, self.given, self.made = steps, given, made
        # Which weights, their versions, what is kept: one tuple, so that threads see them together.
        self.state: tuple[Sequence[Any], Sequence[int], Any] = ((), (), None)

    def __call__(self, *weights: Any) -> Any:
        known, versions, kept = self.state
        if kept is not None and all(
            ref() is w and version == w._version
            for ref, version, w in zip(known, versions, weights, strict=True)
        ):
            return kept
        # What is recorded, and what torch makes in its inference mode, is for this call only.
        if torch.is_inference_mode_enabled() or any(w.requires_grad for w in weights):
            return self._run(weights)
        if any(w.is_inference() for w in weights):  # these tell no version
            return self._run(weights)
        now = [w._version for w in weights]
        kept = self._run(weights)
        self.state = [weakref.ref(w) for w in weights], now, kept
        return kept

    def _run(self, weights: Sequence[Any]) -> Any:
        values: dict[Any, Any] = dict(zip(self.given, weights, strict=True))
        for step in self.steps:
            assert step.function is not None
            inputs = [values[x] if isinstance(x, Value) else x for x in step.inputs]
            values[step.outputs[0]] = step.function(*inputs, **step.settled)
        made = tuple(values[value] for value in self.made)
        return made if len(made) > 1 else made[0]


def found(program: Program) -> set[Any]:
    """What is there before the inputs are: weights, constants and all that is made of them alone.

    The steps that make it come first from now on. There is nothing in a program that changes
    weights, nor in one with gradients.
    """
    steps = list(program.all_steps())
    if program.outer is not None or any(s.tape is not None or s.forward is not None for s in steps):
        return set()
    changing = {id(variable) for variable, _ in program.updates}
    alone: set[Any] = {v for w, v in program.variables.items() if id(w) not in changing}
    alone.update(program.constants)
    early: dict[Step, None] = {}  # in order
    for step in program.steps:
        if _is_simple(step) and _reads_only(step, alone):
            early[step] = None
            alone.add(step.outputs[0])
    if early:
        program.steps = [*early, *(step for step in program.steps if step not in early)]
    return alone


def _is_simple(step: Step) -> bool:
    return step.name in SIMPLE and step.outputs[0].dtype in EXACT


def _reads_only(step: Step, alone: set[Any]) -> bool:
    values = [x for x in step.inputs if isinstance(x, Value)]
    return bool(values) and all(x in alone for x in values)


# ---- normalisations become part of what they follow


def fold(view: View, step: Step, alone: set[Any]) -> bool:
    """`x * factor + summand` behind a convolution or product: a part of kernel and bias."""
    if step.name != "add" or not alone:
        return False
    for made, summand in (step.inputs, step.inputs[::-1]):
        product = view.made_by(made, "multiply")
        if product is None or not _by_channel(summand, step, alone):
            continue
        for result, factor in (product.inputs, product.inputs[::-1]):
            linear = _linear(view, result)
            if linear is not None and _by_channel(factor, step, alone):
                return _include(view, step, linear, factor, summand, alone)
    return False


def _linear(view: View, value: Any) -> Step | None:
    """The step with kernel and bias that makes a value, if nobody else reads it."""
    for name in LINEAR:
        step = view.made_by(value, name)
        if step is None or step.outputs[0].dtype not in EXACT or step.node is None:
            continue
        if name == "dense":
            return step if len(step.inputs) == 3 and not step.settled else None
        return step if step.node.attributes.get("channels_last") else None
    return None


def _by_channel(value: Any, step: Step, alone: set[Any]) -> bool:
    return value in alone and tuple(value.shape) == tuple(step.outputs[0].shape[-1:])


def _include(
    view: View, step: Step, linear: Step, factor: Value, summand: Value, alone: set[Any]
) -> bool:
    x, kernel, *bias = linear.inputs
    if any(w not in alone for w in (kernel, *bias)):
        return False
    function, scale, node = linear.function, operator.mul, linear.node
    assert function is not None
    if linear.name == "convolution":
        assert node is not None
        function = conv.with_bias(linear.inputs, node.attributes, relu=False)
        scale = conv.scaled(linear.inputs, node.attributes)

    def early(run: Any, *inputs: Value) -> Value:
        made = view.program.fresh(inputs[0].shape, inputs[0].dtype)
        view.insert(Step(run, "multiply", inputs, [made], {}), before=linear)
        alone.add(made)
        return made

    scaled = early(scale, kernel, factor)
    moved = early(_moved, summand, *bias, factor) if bias else summand
    view.become(step, linear.name, function, (x, scaled, moved), node)
    return True


def _moved(summand: Any, bias: Any, factor: Any) -> Any:
    return torch.addcmul(summand, bias, factor)


# ---- one step for all of them


def gather(program: Program, alone: set[Any]) -> None:
    """Put the steps on weights alone into one that keeps what it makes.

    What is kept is read only by steps that make memory of their own: nothing may write into it.
    """
    readers: dict[Any, list[Step]] = {}
    for step in program.all_steps():
        for x in step.inputs:
            if isinstance(x, Value):
                readers.setdefault(x, []).append(step)
    results = {*program.results, *(v for _, v in program.updates)}
    given = {*program.variables.values(), *program.constants}
    of_weights = (s for s in program.steps if all(value in alone for value in s.outputs))
    group: dict[Step, None] = dict.fromkeys(of_weights)  # in order

    def fits(step: Step) -> bool:
        (made,) = step.outputs
        values = [x for x in step.inputs if isinstance(x, Value)]
        return (
            made not in results
            and all(x in given or maker.get(x) in group for x in values)
            and all(r in group or r.name in FRESH for r in readers.get(made, ()))
        )

    maker = {step.outputs[0]: step for step in group}
    while unfit := [step for step in group if not fits(step)]:
        for step in unfit:
            del group[step]
    if len(group) < 2:
        return
    inner = {x for step in group for x in step.inputs if isinstance(x, Value)}
    sources = [v for v in given if v in inner]
    made = [
        step.outputs[0]
        for step in group
        if any(reader not in group for reader in readers.get(step.outputs[0], ()))
    ]
    one = Step(Kept([*group], sources, made), "made_of_weights", tuple(sources), made, {})
    program.steps = [one, *(step for step in program.steps if step not in group)]

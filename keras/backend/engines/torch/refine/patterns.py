"""Groups of steps that one kernel does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from ....graph.program import Program, Step, Value
from ....ops.index import Cut
from .. import conv

Row = Callable[..., Any]
Pattern = Callable[["View", Step], bool]


class View:
    """A program while its steps are being replaced: who makes a value, how often it is read.

    Its list of steps stays as it was until all are replaced; `places` knows those that are left.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.places: dict[Step, float] = {step: i for i, step in enumerate(program.steps)}
        self.maker: dict[Value, Step] = {}
        self.reads: dict[Any, int] = {}
        for step in program.steps:
            for value in step.made:
                self.maker[value] = step
            for x in step.inputs:
                self._count(x, 1)
        for x in (*program.results, *(v for _, v in program.updates)):
            self._count(x, 1)

    def _count(self, x: Any, by: int) -> None:
        if isinstance(x, Value):
            self.reads[x] = self.reads.get(x, 0) + by

    def made_by(self, value: Any, name: str, alone: bool = True) -> Step | None:
        """The step that makes a value, if it has this name (and nobody else reads the value)."""
        step = self.maker.get(value) if isinstance(value, Value) else None
        if step is None or step.name != name or step.tape is not None or step.forward is not None:
            return None
        return step if not alone or self.reads[value] == 1 else None

    def ready(self, value: Value, step: Step) -> bool:
        """Whether a value is there before a step runs."""
        maker = self.maker.get(value)
        return maker is None or self.places[maker] < self.places[step]

    def insert(self, step: Step, before: Step) -> None:
        """A new step, behind those that were put there already."""
        self.places[step] = self.places[before] - 0.5
        for value in step.made:
            self.maker[value] = step
        for x in step.inputs:
            self._count(x, 1)

    def become(
        self, step: Step, name: str, function: Row, inputs: tuple[Any, ...], node: Any = None
    ) -> None:
        """Make a step another one; steps that nobody reads any more disappear."""
        step.node = node or step.node
        for x in inputs:
            self._count(x, 1)
        self._forget(step.inputs)
        step.name, step.function, step.inputs, step.settled = name, function, inputs, {}

    def _forget(self, inputs: tuple[Any, ...]) -> None:
        for x in inputs:
            self._count(x, -1)
            maker = self.maker.get(x) if isinstance(x, Value) else None
            if maker is None or maker.tape is not None:
                continue
            if maker in self.places and not any(self.reads.get(v) for v in maker.outputs):
                del self.places[maker]
                self._forget(maker.inputs)


def apply(program: Program, on_cpu: bool, others: Sequence[Pattern] = ()) -> None:
    """Look at each step once, in order; `others`: what else is looked for, first."""
    view = View(program)
    patterns = (*others, _softmax, _size, _concatenated, *(ON_CPU if on_cpu else ()))
    for step in program.steps:
        for pattern in patterns:
            if step in view.places and pattern(view, step):
                break
    program.steps = sorted(view.places, key=view.places.__getitem__)


# ---- single arrays


def _softmax(view: View, step: Step) -> bool:
    """`softmax` beside a `log_softmax` of the same: its exponential."""
    if step.name not in ("softmax", "log_softmax") or step.tape is not None:
        return False
    for other in view.program.steps:
        if other is step:
            return False
        if other not in view.places:
            continue
        both = {other.name, step.name} == {"softmax", "log_softmax"} and other.tape is None
        if both and other.inputs == step.inputs and other.settled == step.settled:
            if step.name == "log_softmax":
                _exchange(view, other, step)
            else:
                view.become(step, "exp", torch.exp, (other.outputs[0],))
            return True
    return False


def _exchange(view: View, first: Step, second: Step) -> None:
    """Let the first step make what the second does, and the second follow as its exponential."""
    view.places[second] = view.places[first] + 0.25
    for name in ("name", "function", "outputs", "node"):
        one, other = getattr(first, name), getattr(second, name)
        setattr(first, name, other)
        setattr(second, name, one)
    view.maker[first.outputs[0]], view.maker[second.outputs[0]] = first, second
    view.become(second, "exp", torch.exp, (first.outputs[0],))


_shares: dict[Any, Any] = {}


def _dot_with_shares(x: Any) -> Any:
    """The mean of a vector as a product with 1/n: one call of a fast kernel."""
    key = x.shape[0], x.dtype
    shares = _shares.get(key)
    if shares is None:
        if len(_shares) > 64:
            _shares.clear()
        shares = _shares[key] = torch.full(x.shape, 1.0 / x.shape[0], dtype=x.dtype)
    return torch.dot(x, shares)


def _mean(view: View, step: Step) -> bool:
    if step.name != "mean" or step.tape is not None or not isinstance(step.inputs[0], Value):
        return False
    x, y = step.inputs[0], step.outputs[0]
    if len(x.shape) != 1 or y.shape or x.dtype not in ("float32", "float64"):
        return False
    view.become(step, "mean", _dot_with_shares, (x,))
    return True


def _biased(view: View, step: Step) -> bool:
    """A convolution and the bias that is added to its channels."""
    if step.name != "add" or step.tape is not None:
        return False
    for made, bias in (step.inputs, step.inputs[::-1]):
        conv_step = view.made_by(made, "convolution")
        if conv_step is None or len(conv_step.inputs) != 2 or not isinstance(bias, Value):
            continue
        settled = conv_step.node.attributes if conv_step.node is not None else {}
        if not settled.get("channels_last") or len(bias.shape) != 1 or bias.dtype != made.dtype:
            continue
        if bias.shape[0] == made.shape[-1] and view.ready(bias, conv_step):
            function = conv.with_bias(conv_step.inputs, settled, relu=False)
            view.become(step, "convolution", function, (*conv_step.inputs, bias), conv_step.node)
            return True
    return False


def _rectified(view: View, step: Step) -> bool:
    """A convolution with its bias, and what is above zero of that."""
    conv_step = view.made_by(step.inputs[0], "convolution") if step.name == "rectify" else None
    if conv_step is None or len(conv_step.inputs) != 3 or step.tape is not None:
        return False
    value = conv_step.outputs[0]
    if value.dtype != "float32" or len(value.shape) != 4 or not conv.fuses_relu():
        return False
    assert conv_step.node is not None
    function = conv.with_bias(conv_step.inputs, conv_step.node.attributes, relu=True)
    view.become(step, "rectified_convolution", function, conv_step.inputs, conv_step.node)
    return True


def _size(view: View, step: Step) -> bool:
    """One number of a shape, without the others."""
    shape = view.made_by(step.inputs[0], "shape", alone=False) if step.name == "getitem" else None
    key = step.settled.get("key", ())
    if shape is None or len(step.inputs) != 1 or len(key) != 1 or not isinstance(key[0], int):
        return False
    axis = key[0]
    view.become(step, "size", lambda x: np.int32(x.shape[axis]), shape.inputs)
    return True


def _concatenated(view: View, step: Step) -> bool:
    """Gradients of all slices of an array, each amid zeros, added: one after the other instead."""
    terms = _terms(view, step) if step.name == "add" and step.tape is None else None
    if terms is None or any(t.inputs[1] is not terms[0].inputs[1] for t in terms):
        return False
    shape = step.outputs[0].shape
    cuts = [_only_cut(t, shape) for t in terms]
    axes = {axis for axis, _ in cuts}
    if axes == {-1} or len(axes) != 1:
        return False
    axis = axes.pop()
    pairs = sorted(zip((range(shape[axis])[cut] for _, cut in cuts), terms, strict=True), key=_at)
    numbers = [number for part, _ in pairs for number in part]
    if numbers != list(range(shape[axis])):
        return False
    parts = tuple(t.inputs[0] for _, t in pairs)
    view.become(step, "concatenate", lambda *arrays: torch.cat(arrays, axis), parts)
    return True


def _at(pair: tuple[range, Step]) -> int:
    return pair[0].start


def _terms(view: View, step: Step) -> list[Step] | None:
    """The slices amid zeros that a sum is made of, if it is made of such."""
    found: list[Step] = []
    for x in step.inputs:
        put = view.made_by(x, "put_slice")
        more = view.made_by(x, "add")
        terms = _terms(view, more) if more is not None else [put] if put is not None else None
        if terms is None or any(len(t.inputs) != 2 for t in terms):
            return None
        found += terms
    return found


def _only_cut(put: Step, shape: Sequence[Any]) -> tuple[int, slice]:
    """The one axis along which a slice is a part, and that slice; axis -1 if there are more."""
    key = put.settled["key"]
    plain = len(key) == len(shape) and all(isinstance(part, Cut) for part in key)
    cuts = [i for i, part in enumerate(key) if part.parts() != (None, None, None)] if plain else []
    if len(cuts) != 1 or not isinstance(shape[cuts[0]], int):
        return -1, slice(None)
    return cuts[0], slice(*key[cuts[0]].parts())


# ---- lists of arrays: fewer passes over all parameters


def _scaled(view: View, value: Any) -> tuple[Any, Any] | None:
    """(factor, list) of a product of a scalar and a list that is read once."""
    product = view.made_by(value, "list_multiply")
    if product is None:
        return None
    a, b = product.inputs
    if _is_list(a) == _is_list(b):
        return None
    return (b, a) if _is_list(a) else (a, b)


def _is_list(value: Any) -> bool:
    return isinstance(value, Value) and value.dtype == "list"


def _axpy(sign: float) -> Row:
    return lambda x, y, a: torch._foreach_add(x, y, alpha=sign * float(a))


def _addcmul(x: Any, y: Any, z: Any, a: Any) -> Any:
    return torch._foreach_addcmul(x, y, z, value=float(a))


def _addcdiv(sign: float) -> Row:
    return lambda x, y, z, a: torch._foreach_addcdiv(x, y, z, value=sign * float(a))


AXPY = {1.0: _axpy(1.0), -1.0: _axpy(-1.0)}
ADDCDIV = {1.0: _addcdiv(1.0), -1.0: _addcdiv(-1.0)}


def _sum(view: View, step: Step) -> bool:
    """`x + a * y`, `x + a * y**2` and `x + a * y / z` in one pass."""
    if step.name not in ("list_add", "list_subtract"):
        return False
    sign = 1.0 if step.name == "list_add" else -1.0
    x, y = step.inputs
    if not (_is_list(x) and _is_list(y)):
        return False
    orders = [(x, y)] if sign < 0 else [(x, y), (y, x)]
    return any(_fused(view, step, base, term, sign) for base, term in orders)


def _fused(view: View, step: Step, base: Any, term: Any, sign: float) -> bool:
    quotient = view.made_by(term, "list_divide")
    if quotient is not None and all(_is_list(v) for v in quotient.inputs):
        above = _scaled(view, quotient.inputs[0])
        factor, top = above if above is not None else (1.0, quotient.inputs[0])
        name = "list_addcdiv" if sign > 0 else "list_subcdiv"
        view.become(step, name, ADDCDIV[sign], (base, top, quotient.inputs[1], factor))
        return True
    found = _scaled(view, term)
    if found is None:
        return False
    factor, other = found
    square = view.made_by(other, "list_square")
    if square is not None and sign > 0:
        y = square.inputs[0]
        view.become(step, "list_addcmul", _addcmul, (base, y, y, factor))
    else:
        name = "list_axpy" if sign > 0 else "list_axmy"
        view.become(step, name, AXPY[sign], (base, other, factor))
    return True


ON_CPU = (_mean, _biased, _rectified, _sum)

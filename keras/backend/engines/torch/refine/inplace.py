"""Steps that write into memory that nobody needs any more.

A value may be overwritten by the step that reads it last, if its memory is its own: made fresh by a
step, or the old value of a variable that gets a new one. Whatever may be a view of something shares
its memory with it, and so do a tape and all that is recorded on it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import torch

from ....graph.op import TensorList
from ....graph.program import Program, Step, Value
from ..elementwise import aten
from ..steps import IN_PLACE

Row = Callable[..., Any]

# Steps whose outputs are memory of their own, whatever their inputs are.
FRESH = frozenset(
    [
        "add",
        "subtract",
        "multiply",
        "divide",
        "floor_divide",
        "mod",
        "power",
        "maximum",
        "minimum",
        "negative",
        "abs",
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "rsqrt",
        "square",
        "sin",
        "cos",
        "tan",
        "tanh",
        "tanh_gradient",
        "sigmoid",
        "sigmoid_gradient",
        "softplus",
        "erf",
        "rectify",
        "rectify_gradient",
        "sign",
        "round",
        "floor",
        "ceil",
        "softmax",
        "softmax_gradient",
        "log_softmax",
        "matmul",
        "dense",
        "where",
        "clip",
        "equal",
        "greater",
        "less",
        "argmax",
        "argmin",
        "convolution",
        "convolution_transpose",
        "convolution_kernel",
        "rectified_convolution",
        "put_rows",
        "put_slice",
        "take",
        "concatenate",
        "stack",
        "full_like",
        "full",
        "one_hot",
        "elu",
        "copy",
        "list_add",
        "list_subtract",
        "list_multiply",
        "list_divide",
        "list_square",
        "list_sqrt",
        "list_axpy",
        "list_axmy",
        "momentum_step",
        "rmsprop_step",
        "adam_step",
        "list_addcmul",
        "list_addcdiv",
        "list_subcdiv",
        "list_maximum",
        "list_minimum",
        "list_abs",
        "list_negative",
    ]
)

# Steps whose gradients are memory of their own.
FRESH_BACK = frozenset(("pool", "normalize_batch_in_training"))

# Steps whose first output is memory of its own beside what their tape holds.
FRESH_TAPED = frozenset(("normalize_batch_in_training",))


def _first(method: Row) -> Row:
    def run(x: Any, *others: Any) -> Any:
        method(x, *others)
        return x

    return run


def _with_factor(method: Row, keyword: str, sign: float) -> Row:
    def run(x: Any, *others: Any) -> Any:
        method(x, *others[:-1], **{keyword: sign * float(others[-1])})
        return x

    return run


_threshold = aten.threshold_backward.grad_input
SINGLE: dict[str, Row] = {
    "add": torch.Tensor.add_,
    "subtract": torch.Tensor.sub_,
    "multiply": torch.Tensor.mul_,
    "divide": torch.Tensor.div_,
    "negative": torch.Tensor.neg_,
    "exp": torch.Tensor.exp_,
    "log": torch.Tensor.log_,
    "square": torch.Tensor.square_,
    "tanh": torch.Tensor.tanh_,
    "sigmoid": torch.Tensor.sigmoid_,
    "rectify": torch.relu_,
    "rectify_gradient": lambda g, y: _threshold(g, y, 0, grad_input=g),
}
LIST: dict[str, Row] = {
    "list_add": _first(torch._foreach_add_),
    "list_subtract": _first(torch._foreach_sub_),
    "list_multiply": _first(torch._foreach_mul_),
    "list_divide": _first(torch._foreach_div_),
    "list_sqrt": _first(torch._foreach_sqrt_),
    "list_axpy": _with_factor(torch._foreach_add_, "alpha", 1.0),
    "list_axmy": _with_factor(torch._foreach_add_, "alpha", -1.0),
    "list_addcmul": _with_factor(torch._foreach_addcmul_, "value", 1.0),
    "list_addcdiv": _with_factor(torch._foreach_addcdiv_, "value", 1.0),
    "list_subcdiv": _with_factor(torch._foreach_addcdiv_, "value", -1.0),
}
COMMUTING = ("add", "multiply", "list_add", "list_multiply")


def apply(program: Program) -> None:
    """Let steps write in place where they may; give results memory of their own."""
    memory = Memory(program)
    replaced: set[Any] = set()  # variables whose old values nobody needs at the end
    for variable, _ in program.updates:
        replaced.update(variable if isinstance(variable, TensorList) else (variable,))
    for number, step in enumerate(program.steps):
        if step.name in IN_PLACE:
            _try_several(memory, number, step, replaced)
            continue
        row = SINGLE.get(step.name) or LIST.get(step.name)
        if row is None or step.tape is not None or step.forward is not None or step.settled:
            continue
        _try(memory, number, step, row, replaced)
    if program.outer is None:  # a loop overwrites nothing of what its body returns
        _separate(program, memory)


def _try(memory: Memory, number: int, step: Step, row: Row, replaced: set[Any]) -> None:
    orders = [step.inputs]
    if step.name in COMMUTING:
        orders.append((step.inputs[1], step.inputs[0]))
    for inputs in orders:
        target = inputs[0]
        if not _fits(target, step.outputs[0]) or target in inputs[1:]:
            continue
        if memory.free(target, number, replaced):
            step.inputs, step.function = inputs, row
            step.name += "_"
            memory.join(target, step.outputs[0])
            return


def _try_several(memory: Memory, number: int, step: Step, replaced: set[Any]) -> None:
    """A step that overwrites several operands: all of them or none."""
    row, written = IN_PLACE[step.name]
    targets = [step.inputs[i] for i in written]
    if all(memory.free(target, number, replaced) for target in targets):
        step.function = row
        step.name += "_"
        for target, output in zip(targets, step.outputs, strict=True):
            memory.join(target, output)


def _fits(target: Any, output: Value) -> bool:
    """Whether the result can stand where the operand stood."""
    if not isinstance(target, Value) or target.dtype != output.dtype:
        return False
    if target.number or target.host:  # no memory of the engine's
        return False
    if output.dtype == "list":
        return True
    return target.dims is not None and target.dims == output.dims


class Memory:
    """Which values share memory, and when each piece of memory is last read.

    A fresh value is a piece of its own. What a step makes that isn't is a piece that may lie on
    those of the step's inputs, `below` it. Where a step writes in place, pieces become one, which
    goes by its head; what is noted of a piece is noted there.
    """

    def __init__(self, program: Program) -> None:
        self.variables: dict[Value, Any] = {v: var for var, v in program.variables.items()}
        self.packs: set[Any] = set()  # lists: their memory is that of their members
        self.fresh: set[Any] = set()
        self.piece: dict[Value, Value] = {}
        self.below: dict[Value, tuple[Value, ...]] = {}
        self.held: dict[Value, tuple[Value, ...]] = {}  # what isn't fresh in a piece
        self.upwards: dict[Value, Value] = {}  # towards the head
        self.last: dict[Value, int] = {}
        for value in (*program.parameters, *program.variables.values(), *program.constants):
            self._begin(value, (), fresh=False)
        for number, step in enumerate(program.steps):
            self._add(number, step)
        end = len(program.steps)
        for result in program.results:
            self._read(result, end)
        # A new value of a variable lives on; the old one doesn't.
        for _, value in program.updates:
            self._read(value, end)
        for piece, below in reversed(self.below.items()):  # who reads a view reads what it is of
            for each in below:
                self.last[each] = max(self.last[each], self.last[piece])

    def _begin(self, value: Value, below: tuple[Value, ...], fresh: bool) -> None:
        self.piece[value], self.below[value], self.last[value] = value, below, -1
        self.held[value] = () if fresh else (value,)

    def _add(self, number: int, step: Step) -> None:
        given = [x for x in step.inputs if isinstance(x, Value)]
        for x in given:
            self._read(x, number)
        if step.name == "pack":
            self.packs.update(step.outputs)
        if step.forward is not None:
            made = step.forward.name in FRESH_BACK
        else:
            made = step.name in FRESH and step.tape is None
        view: Value | None = None  # one piece for all that isn't fresh
        for value in step.made:
            if made or (step.name in FRESH_TAPED and value is step.outputs[0]):
                self._begin(value, (), fresh=True)
                self.fresh.add(value)
            elif view is None:
                below = dict.fromkeys(self.piece[x] for x in given if x in self.piece)
                self._begin(value, tuple(below), fresh=False)
                view = value
            else:
                self.piece[value] = view

    def _read(self, x: Any, number: int) -> None:
        if isinstance(x, Value) and x in self.piece:
            piece = self.piece[x]
            self.last[piece] = max(self.last[piece], number)

    def _head(self, piece: Value) -> Value:
        while (above := self.upwards.get(piece)) is not None:
            self.upwards[piece] = self.upwards.get(above, above)  # half of the way next time
            piece = above
        return piece

    def pieces(self, value: Value) -> dict[Value, None]:
        """The heads of the pieces that a value may lie in, its own first."""
        found: dict[Value, None] = {}
        todo = [self.piece[value]] if value in self.piece else []
        while todo:
            head = self._head(todo.pop())
            if head not in found:
                found[head] = None
                todo.extend(self.below[head])
        return found

    def free(self, target: Value, number: int, replaced: set[Any]) -> bool:
        """Whether a step may overwrite an operand: it reads its memory last, and owns it."""
        own = self.held[self._head(self.piece[target])] if target in self.piece else (target,)
        if not all(root in self.packs or root in self.variables for root in own):
            return False  # without a look at all that it may be a view of
        pieces = self.pieces(target)
        if any(self.last[head] > number for head in pieces):
            return False
        for root in chain.from_iterable(self.held[head] for head in pieces):
            if root in self.variables:
                if self.variables[root] not in replaced:
                    return False
            elif root not in self.packs:
                return False
        return True

    def join(self, target: Value, output: Value) -> None:
        """Note that a step's output is its operand's memory from now on."""
        pieces = self.pieces(target)
        pieces[self._head(self.piece[output])] = None
        head, *others = pieces
        below = [each for piece in pieces for each in self.below[piece]]
        self.upwards.update(dict.fromkeys(others, head))
        self.below[head] = tuple(dict.fromkeys(b for b in below if self._head(b) is not head))
        self.held[head] = tuple(dict.fromkeys(chain(*(self.held[piece] for piece in pieces))))
        self.last[head] = max(self.last[piece] for piece in pieces)

    def shares(self, value: Value) -> set[Value]:
        """What tells the memory of values apart: two that have something in common may share it.
        Parameters, constants and variables are among it."""
        pieces = self.pieces(value)
        return {*pieces, *chain.from_iterable(self.held[head] for head in pieces)}


def _separate(program: Program, memory: Memory) -> None:
    """Results and new values that are views of what lives on become copies."""
    living = {*memory.variables, *program.parameters, *program.constants}
    for i, result in enumerate(program.results):
        if isinstance(result, Value) and memory.shares(result) & living:
            program.results[i] = _copied(program, result)
    taken: set[Any] = set()
    for i, (variable, value) in enumerate(program.updates):
        if not isinstance(value, Value) or value.dtype == "list":
            continue
        roots, own = memory.shares(value), program.variables.get(variable)
        is_view = own in roots and value not in memory.fresh
        if is_view or any(r in taken or (r in living and r is not own) for r in roots):
            program.updates[i] = (variable, _copied(program, value))
        taken |= roots


def _copied(program: Program, value: Value) -> Value:
    made = Value(program.unique("t"), value.shape, value.dtype)
    program.steps.append(Step(_clone, "copy", (value,), [made], {}))
    return made


def _clone(x: Any) -> Any:
    return [t.clone() for t in x] if isinstance(x, list) else x.clone() if torch.is_tensor(x) else x

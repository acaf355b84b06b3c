"""From the graph to a program: which lines have to run for these results, and in which order.

Lowering settles everything that a running program shouldn't think about: the learning phase becomes
a choice made, gradients become ordinary nodes, composites become simpler ops where the engine has
no row for them, equal nodes become one, and nodes that nothing needs are never met.
"""

from __future__ import annotations

import functools
import heapq
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .control import Body, asks_slopes, spelled_out
from .gradients import GRADIENTS, PULLBACK, differentiate
from .op import FOREACH, ITEM, PACK, TensorList
from .program import Program, Step, Value
from .state import LEARNING_PHASE, UPDATE, Variable
from .tensor import Constant, Node, Placeholder, Tensor

if TYPE_CHECKING:
    from ..engines.protocol import Engine

ALIASES = ("identity", "stop_gradient")


class Lowering:
    """Turns tensors into the steps of a `Program`."""

    def __init__(
        self, engine: Engine, phase: int, program: Program, outer: Lowering | None = None
    ) -> None:
        self.engine = engine
        self.phase = phase
        self.program = program
        self.outer = outer
        self.replaced: dict[Tensor, Any] = outer.replaced if outer else {LEARNING_PHASE: phase}
        self.spelled: dict[Tensor, Any] = outer.spelled if outer else {}
        self.updates: dict[Variable, Any] = outer.updates if outer else {}
        self.changes: dict[Node, Variable] = outer.changes if outer else {}  # that add up
        self.values: dict[Any, Any] = {}
        self.known: dict[Any, Step] = {}  # computed already: (op, inputs, arguments) -> step
        self.steps_of: dict[Node, Step | None] = {}
        self.standalone: set[Node] = outer.standalone if outer else set()  # pullbacks of pullbacks
        self.rewired = False  # nodes met before have been replaced by others

    # ---- replacing what the engine shouldn't see

    def resolve(self, tensor: Any) -> Any:
        """The tensor (or number) that stands for this one once everything special is settled."""
        while isinstance(tensor, Tensor):
            tensor = self.settled(tensor)
            node = tensor.node if isinstance(tensor, Tensor) else None
            if node is None:
                break
            if tensor in self.spelled:
                tensor = self.spelled[tensor]
            elif node.op.gradient is None or not self._spell_out(node, self.spelled):
                break
        return tensor

    def settled(self, tensor: Any) -> Any:
        """As `resolve`, but composites that have a gradient of their own stay whole."""
        while isinstance(tensor, Tensor):
            if tensor in self.replaced:
                tensor = self.replaced[tensor]
            elif isinstance(tensor, Placeholder) and self._stands_in(tensor):
                self.replaced[tensor] = tensor = tensor.default
            elif tensor.node is None or not self._settle(tensor.node):
                break
        return tensor

    def _stands_in(self, tensor: Placeholder) -> bool:
        """Whether a placeholder's default is computed, since nobody feeds it."""
        if tensor.default is None:
            return False
        level: Lowering | None = self
        while level is not None and tensor not in level.values:
            level = level.outer
        return level is None

    def _settle(self, node: Node) -> bool:
        """Replace the outputs of a special node; False if the node is an ordinary one."""
        op, replaced = node.op, self.replaced
        if op.name == "in_train_phase":
            replaced[node.outputs[0]] = node.inputs[0 if self.phase else 1]
        elif op is GRADIENTS:
            results = differentiate(node.inputs[0], node.inputs[1:], self)
            for output, result in zip(node.outputs, results, strict=True):
                replaced[output] = result
        elif op is UPDATE:
            replaced[node.outputs[0]] = node.inputs[0]
            self._note(node)
        elif op is ITEM and node.inputs[0].node.op is PACK:
            replaced[node.outputs[0]] = node.inputs[0].node.inputs[node.attributes["index"]]
        elif asks_slopes(node):
            replaced.update(zip(node.outputs, spelled_out(node, self.settled), strict=True))
        else:
            return op.gradient is None and self._spell_out(node, replaced)
        return True

    def _note(self, update: Node) -> None:
        """Note what an update makes of its variable."""
        variable, new = update.attributes["variable"], update.inputs[0]
        if update in self.changes:
            return
        if update.attributes["adds_up"]:
            if variable in self.changes.values():
                new = self.updates[variable] + (new - variable)
            self.changes[update] = variable
        self.updates[variable] = new

    def _spell_out(self, node: Node, where: dict[Tensor, Any]) -> bool:
        """Replace a composite for which the engine has no row by its definition."""
        if node.op.body is None or node.op.name in self.engine.table:
            return False
        assert node.expansion is not None
        where.update(zip(node.outputs, node.expansion, strict=True))
        return True

    # ---- order

    def run(self, roots: Sequence[Any]) -> None:
        """Add the steps that compute these tensors."""
        waiting, users = self._waiting(roots)
        while self.rewired:
            self.rewired = False
            waiting, users = self._waiting(roots)
        ready = [(node.number, node) for node, count in waiting.items() if not count]
        heapq.heapify(ready)
        while ready:
            _, node = heapq.heappop(ready)
            self._emit(node)
            for user in users.get(node, ()):
                waiting[user] -= 1
                if not waiting[user]:
                    heapq.heappush(ready, (user.number, user))

    def _waiting(self, roots: Sequence[Any]) -> tuple[dict[Node, int], dict[Node, list[Node]]]:
        """For how many nodes each node has to wait, and which wait for it."""
        waiting: dict[Node, int] = {}
        users: dict[Node, list[Node]] = {}
        found = [r for r in map(self.resolve, roots) if isinstance(r, Tensor)]
        stack = [r.node for r in found if r.node and r not in self.values]
        while stack:
            node = stack.pop()
            if node in waiting or node in self.steps_of:
                continue
            needed = {n for n in self._needs(node) if n not in self.steps_of}
            waiting[node] = len(needed)
            for other in needed:
                users.setdefault(other, []).append(node)
                stack.append(other)
        return waiting, users

    def _needs(self, node: Node) -> list[Node]:
        """The nodes that must run before this one and aren't given from outside."""
        tensors = [self.resolve(x) for x in node.inputs]
        if node.op is PULLBACK:
            tensors.extend(node.attributes["of"].outputs)
        if node.after and self.outer is None:
            tensors.extend(self.resolve(x) for x in node.after)
        return [
            t.node for t in tensors if isinstance(t, Tensor) and t.node and t not in self.values
        ]

    # ---- one node, one step

    def value(self, tensor: Any) -> Any:
        """What stands for a resolved tensor in the program: a `Value`, or a number."""
        tensor = self.resolve(tensor)
        if not isinstance(tensor, Tensor):
            return tensor
        if tensor in self.values:
            return self.values[tensor]
        level: Lowering | None = self
        while level is not None:
            if tensor in level.values:
                return level.values[tensor]
            top, level = level, level.outer
        made = top._leaf(tensor)
        top.values[tensor] = made
        return made

    def _leaf(self, tensor: Tensor) -> Value:
        if isinstance(tensor, Variable):
            return self.program.variable(tensor)
        if isinstance(tensor, Constant):
            return self.program.constant(tensor, self.engine.array(tensor.value, tensor.dtype))
        if isinstance(tensor, Placeholder):
            raise ValueError(
                f"The result depends on the input `{tensor.name}` of shape {tuple(tensor.shape)}, "
                "which isn't among the inputs of this function. Add it to `inputs`."
            )
        raise AssertionError(f"{tensor!r} was used before it was computed")

    def _emit(self, node: Node) -> None:
        if node.op.name in ALIASES:
            self.values[node.outputs[0]] = self.value(node.inputs[0])
            self.steps_of[node] = None
            return
        inputs = tuple(self.value(x) for x in node.inputs)
        key = self._key(node, inputs)
        step = self.known.get(key)
        if step is None:
            step = self.known[key] = self._step(node, inputs)
            self.program.steps.append(step)
        self.steps_of[node] = step
        for tensor, value in zip(node.outputs, step.outputs, strict=True):
            self.values[tensor] = value

    def _key(self, node: Node, inputs: tuple[Any, ...]) -> Any:
        """What makes two nodes equal; the node itself where nothing else can."""
        if not node.op.pure or node.op is PULLBACK:
            return node
        settled = tuple((name, _exactly(value)) for name, value in node.attributes.items())
        key = (node.op, tuple(map(_exactly, inputs)), settled)
        try:
            hash(key)
        except TypeError:  # an argument that has no hash, such as an array
            return node
        return key

    def _step(self, node: Node, inputs: tuple[Any, ...]) -> Step:
        name, settled = node.op.name, dict(node.attributes)
        host = name in self.engine.sizes and (
            name == "shape" or all(not isinstance(x, Value) or x.host for x in inputs)
        )
        outputs = [
            self.program.fresh(
                t.shape, "list" if isinstance(t, TensorList) else t.dtype, host, t.dims
            )
            for t in node.outputs
        ]
        if host:
            return Step(self.engine.sizes[name], name, inputs, outputs, settled, node)
        if name in self.engine.infix:
            inputs = tuple(self._on_engine(x, numbers=False) for x in inputs)
            outputs[0].number = all(not isinstance(x, Value) or x.number for x in inputs)
        elif not node.op.host:
            inputs = tuple(self._on_engine(x) for x in inputs)
        if name == "extent":
            outputs[0].number = True
        if node.op is PULLBACK:
            return self._pullback(node, inputs, outputs)
        for key, body in settled.items():
            if isinstance(body, Body):
                settled[key] = self._body(body)
        if node.op is FOREACH:
            name = settled["of"].name
            function, settled = self.engine.list_row(name, inputs, settled["settled"])
            return Step(function, f"list_{name}", inputs, outputs, settled, node)
        if node.op in (PACK, ITEM):
            function = list if node.op is PACK else operator.itemgetter(settled["index"])
            return Step(function, name, inputs, outputs, {}, node)
        function, settled = self.engine.row(node, inputs, settled)
        return Step(function, name, inputs, outputs, settled, node)

    def _on_engine(self, value: Any, numbers: bool = True) -> Any:
        """The value as an engine's array, be it a size (or a number) so far."""
        if not isinstance(value, Value) or not (value.host or (numbers and value.number)):
            return value
        converted = self.program.fresh(value.shape, value.dtype)
        array = self.engine.array
        dtype = value.dtype
        step = Step(lambda x: array(x, dtype), "array", (value,), [converted], {})
        self.program.steps.append(step)
        return converted

    # ---- loops and branches

    def _body(self, body: Body) -> Program:
        inner = Program(self.program)
        level = Lowering(self.engine, self.phase, inner, self)
        for tensor in (*body.parameters, *body.captures):
            resolved = self.resolve(tensor)
            if not isinstance(resolved, Tensor):  # a captured number stays what it is
                inner.parameters.append(inner.fresh((), "int32"))
                continue
            level.values[resolved] = inner.parameter(resolved)
        level.run(body.outputs)
        inner.results = [level.value(t) for t in body.outputs]
        return inner

    # ---- gradients by the engine, for ops that have no rule in the graph

    def _pullback(self, node: Node, inputs: tuple[Any, ...], outputs: list[Value]) -> Step:
        of: Node = node.attributes["of"]
        wanted: tuple[int, ...] = node.attributes["wanted"]
        if node in self.standalone:  # it will be differentiated itself: make it one function
            row, bodies = self._row_of(of)
            function = self.engine.pullback_function(of, row, wanted)
            return Step(function, "pullback", inputs, outputs, bodies, node)
        level: Lowering | None = self
        while level is not None and of not in level.steps_of:
            level = level.outer
        assert level is not None
        forward = level.steps_of[of]
        assert forward is not None
        if forward.tape is None:
            forward.tape = level.program.fresh((), "tape")
        forward.wanted = tuple(sorted({*forward.wanted, *wanted}))
        cotangents = inputs[len(of.inputs) :]
        step = Step(
            None, "pullback", (forward.tape, *cotangents), outputs, {"wanted": wanted}, node
        )
        step.forward = forward
        return step

    def _row_of(self, node: Node) -> tuple[Callable[..., Any], dict[str, Program]]:
        """A node's function of its arrays and of the bodies of its loops, and these bodies."""
        if node.op is PULLBACK:
            of = node.attributes["of"]
            row, bodies = self._row_of(of)
            return self.engine.pullback_function(of, row, node.attributes["wanted"]), bodies
        settled = {
            key: self._body(value) if isinstance(value, Body) else value
            for key, value in node.attributes.items()
        }
        inputs = [self.value(x) for x in node.inputs]
        function, settled = self.engine.row(node, inputs, settled)
        bodies = {key: value for key, value in settled.items() if isinstance(value, Program)}
        fixed = {key: value for key, value in settled.items() if key not in bodies}
        return functools.partial(function, **fixed), bodies

    def finish(self, outputs: Sequence[Any], updates: Sequence[Any]) -> Program:
        """Lower all outputs and updates (or pairs of a variable and its value) of a function."""
        for update in updates:
            if isinstance(update, Tensor):
                self.settled(update)
            else:
                self.updates[update[0]] = update[1]
        done: list[Any] | None = None
        while done != (values := list(self.updates.values())):  # computing one may reveal another
            done = values
            self.run([*outputs, *values])
        self.program.results = [self._result(t) for t in outputs]
        self.program.updates = [(v, self._result(t)) for v, t in self.updates.items()]
        return self.program

    def _result(self, tensor: Any) -> Any:
        value = self.value(tensor)
        return self._on_engine(value)


def _exactly(value: Any) -> Any:
    """A value that equals no other: not 1 as True and 1.0, nor 0.0 as -0.0."""
    return (type(value), repr(value) if type(value) is float else value)

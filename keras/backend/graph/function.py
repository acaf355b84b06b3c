"""`K.function`: a graph made callable."""

from __future__ import annotations

import itertools
import linecache
import re
import threading
import traceback
import weakref
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import runtime
from .dtypes import name_of
from .lower import Lowering
from .op import TensorList
from .program import Program, Step, Value, identifier
from .render import Source
from .samples import row_bytes
from .state import LEARNING_PHASE, UPDATE, Variable, as_value_of, values_of
from .sums import sample_bytes
from .tensor import Array, Node, Placeholder, Tensor, lifted

if TYPE_CHECKING:
    from ..engines.protocol import Series

_files = itertools.count(1)
_lock = threading.RLock()
_phase: int | None = None  # set by the user for everything


def learning_phase() -> Any:
    """1 while training, 0 while testing: a symbol that functions settle, or what the user has
    set."""
    return LEARNING_PHASE if _phase is None else _phase


def set_learning_phase(value: int | None) -> None:
    """Fix the learning phase for all that runs from here on (`None`: each function decides
    again)."""
    global _phase
    if value not in (0, 1, None):
        raise ValueError(f"The learning phase is 0 (testing) or 1 (training), got {value!r}.")
    _phase = None if value is None else int(value)


class ExecutionError(RuntimeError):
    """A step of a function failed; the message names the layer, the op and the user's line."""


class Compiled:
    """One rendering of a function: its source, and the variables it reads and writes."""

    def __init__(self, program: Program, name: str) -> None:
        self.engine = runtime.engine()
        # Whether it may be fed whole numbers in place of floats.
        self.whole = getattr(self.engine, "any_dtype", False) and _whole(program)
        self.engine.refine(program)
        self.source_map = Source(self.engine, f"<keras {name} {next(_files)}>")
        self.source_map.function(program)
        self.variables = list(program.variables)
        self.updated: list[Variable] = []
        for variable, _ in program.updates:
            self.updated.extend(variable if isinstance(variable, TensorList) else [variable])
        self.parameters = program.parameters
        self._call = self.engine.compile(self.source_map.compile(program.name), program)
        self._series: Series | None = getattr(self._call, "series", None)
        weakref.finalize(self, linecache.cache.pop, self.source_map.file, None)

    @property
    def source(self) -> str:
        return "\n".join(self.source_map.lines)

    def run(self, feeds: Sequence[Array]) -> tuple[Array, ...]:
        """The outputs as engine arrays; updates are carried out."""
        try:
            outputs, values = self._call(*feeds, *values_of(self.variables))
        except Exception as error:
            raise self._explained(error) from error
        for variable, value in zip(self.updated, values, strict=True):
            variable.value = value
        result: tuple[Array, ...] = outputs
        return result

    def most(self, feeds: Sequence[Array]) -> int:
        """How many runs with such feeds the engine would rather do in one call."""
        if self._series is None:
            return 1
        return self._series.most(feeds, values_of(self.variables))

    def run_several(self, runs: Sequence[Sequence[Array]]) -> Sequence[Array]:
        """One run after the other in one call; of each output, all there were, stacked."""
        assert self._series is not None
        try:
            outputs, values = self._series(runs, values_of(self.variables))
        except Exception as error:
            raise self._explained(error) from error
        for variable, value in zip(self.updated, values, strict=True):
            variable.value = value
        result: Sequence[Array] = outputs
        return result

    def _explained(self, error: Exception) -> Exception:
        for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
            if frame.f_code.co_filename == self.source_map.file:
                node = self.source_map.nodes.get(line)
                text = self.source_map.lines[line - 1].split("#")[0].strip()
                return ExecutionError(_account(node, text, frame.f_locals, error))
        return error


def _whole(program: Program) -> bool:
    """Whether whole numbers are all that it reads of what it is fed, as indices are."""
    fed = set(program.parameters)
    if fed.intersection(x for x in program.results if isinstance(x, Value)):
        return False
    if fed.intersection(x for _, x in program.updates if isinstance(x, Value)):
        return False
    return all(
        step.name == "cast" and step.outputs[0].dtype == "int32"
        for step in program.all_steps()
        if fed.intersection(x for x in step.inputs if isinstance(x, Value))
    )


def _account(node: Node | None, line: str, values: dict[str, Any], error: Exception) -> str:
    where = f"`{node.scope}`" if node is not None and node.scope else "the graph"
    what = node.op.name if node is not None else "a step"
    words = set(re.findall(r"\w+", line.split("=", 1)[-1]))
    used = [w for w in values if hasattr(values[w], "shape") and w in words]
    shapes = ", ".join(f"{name} {tuple(values[name].shape)}" for name in used)
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    message = f"In {where}, `{what}` failed: {first}\n  step:  {line}"
    if shapes:
        message += f"\n  given: {shapes}"
    if node is not None and node.origin[0]:
        message += f"\n  made at {node.origin[0]}:{node.origin[1]}"
    return message


class Function:
    """A callable graph: `f(inputs) -> outputs`, as numpy arrays; `updates` are carried out each
    time.

    `source` is the straight-line program that runs.
    """

    phase = 0  # the learning phase of calls that aren't fed one

    def __init__(
        self,
        inputs: Sequence[Tensor],
        outputs: Sequence[Any],
        updates: Iterable[Any] = (),
        name: str = "function",
        stand_ins: dict[Tensor, Any] | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.options = options or {}
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.updates = [_update(u) for u in updates]
        self.stand_ins = stand_ins or {}  # tensors that are computed as others
        self.name = identifier(name, "function")
        self.phase_index = (
            self.inputs.index(LEARNING_PHASE) if LEARNING_PHASE in self.inputs else -1
        )
        self.fed = [t for t in self.inputs if t is not LEARNING_PHASE]
        touched = [*self.outputs, *(u if isinstance(u, Tensor) else u[1] for u in self.updates)]
        self.uses_phase = any(isinstance(t, Tensor) and t.uses_phase for t in touched)
        self._variants: dict[int, Compiled] = {}
        self._row_bytes: dict[int, int | None] = {}
        self._sample_bytes: dict[int, int | None] = {}

    def variant(self, phase: int) -> Compiled:
        """The rendering for a learning phase."""
        phase = 0 if not self.uses_phase else phase if _phase is None else _phase
        found = self._variants.get(phase)
        if found is None:
            with _lock:
                found = self._variants.get(phase) or Compiled(self.lowered(phase), self.name)
                self._variants[phase] = found
        return found

    def lowered(self, phase: int) -> Program:
        """The steps for a learning phase, which no engine has refined yet."""
        program = Program(name=self.name)
        program.options = self.options
        lowering = Lowering(runtime.engine(), phase, program)
        lowering.replaced.update(self.stand_ins)
        for tensor in self.fed:
            lowering.values[tensor] = program.parameter(tensor)
        return lowering.finish(self.outputs, self.updates)

    def row_bytes(self, phase: int) -> int | None:
        """How large a sample's part of the largest value is, if the function treats each sample on
        its own; else `None`."""
        if phase not in self._row_bytes:
            self._row_bytes[phase] = row_bytes(self.lowered(phase if _phase is None else _phase))
        return self._row_bytes[phase]

    def sample_bytes(self, phase: int) -> int | None:
        """The same, if the function gives means over samples and adds up sums over samples."""
        if phase not in self._sample_bytes:
            program = self.lowered(phase if _phase is None else _phase)
            self._sample_bytes[phase] = sample_bytes(program)
        return self._sample_bytes[phase]

    @property
    def source(self) -> str:
        """What a call runs, unless it is fed another learning phase."""
        return self.variant(self.phase).source

    def run(self, feeds: Sequence[Array], phase: int = 0) -> tuple[Array, ...]:
        """As a call, on engine arrays, returning engine arrays."""
        return self.variant(phase).run(feeds)

    def __call__(self, inputs: Sequence[Any] = ()) -> list[Any]:
        running = runtime.engine()
        values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        phase = _phase or 0
        if self.phase_index >= 0 and len(values) == len(self.inputs):
            phase = int(bool(values.pop(self.phase_index)))
        if len(values) != len(self.fed):
            raise ValueError(
                f"Function `{self.name}` takes {len(self.inputs)} input(s) "
                f"({', '.join(t.name for t in self.inputs)}), got {len(inputs)}."
            )
        feeds = [feed(tensor, value) for tensor, value in zip(self.fed, values, strict=True)]
        return [running.numpy(x) for x in self.run(feeds, phase)]


def _update(item: Any) -> Tensor | tuple[Variable, Tensor]:
    """An update, or a pair of a variable and its new value, once it is known to be one."""
    if isinstance(item, Tensor) and item.node is not None and item.node.op is UPDATE:
        return item
    if isinstance(item, (tuple, list)) and len(item) == 2 and isinstance(item[0], Variable):
        return item[0], as_value_of(*item)
    raise TypeError(
        f"An update is `K.update(variable, value)` or a pair (variable, value), got {item!r}."
    )


def feed(tensor: Tensor, value: Any) -> Array:
    """A value for a placeholder as an engine array, its shape checked."""
    running = runtime.engine()
    if not running.is_array(value) or name_of(value.dtype) != tensor.dtype:
        value, _, _ = runtime.describe_value(value, tensor.dtype)
    value = running.array(value, tensor.dtype)
    shape, expected = value.shape, tensor.shape
    if len(shape) != len(expected) or any(
        b is not None and a != b for a, b in zip(shape, expected, strict=True)
    ):
        raise ValueError(
            f"`{tensor.name}` expects an array of shape {tuple(expected)}, "
            f"got shape {tuple(shape)}."
        )
    return value


def function(
    inputs: Any,
    outputs: Any,
    updates: Iterable[Any] | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> Function:
    """A callable that computes `outputs` from `inputs` and carries out `updates`.

    `inputs` may hold `K.learning_phase()`, fed with 0 or 1. The result is called with a list of
    arrays and returns a list of numpy arrays. Other arguments are for the engine's compiler, if it
    has one that takes them.
    """
    unknown = kwargs.keys() - runtime.takes_options() if kwargs else ()
    if unknown:
        raise TypeError(
            f"`K.function` doesn't know {', '.join(sorted(unknown))}; it takes "
            f"{', '.join(['inputs, outputs, updates, name', *sorted(runtime.takes_options())])}."
        )
    listed = list(map(lifted, inputs if isinstance(inputs, (list, tuple)) else [inputs]))
    for item in listed:
        if not isinstance(item, Tensor):
            raise TypeError(
                f"Inputs of `K.function` are tensors, got {type(item).__name__}: {item!r}."
            )
    results = list(map(lifted, outputs if isinstance(outputs, (list, tuple)) else [outputs]))
    if any(result is None for result in results):
        raise TypeError(
            f"Output {results.index(None)} of `K.function` is None. `K.gradients` gives None for "
            "what the loss doesn't depend on."
        )
    for number, result in enumerate(results):
        if isinstance(result, (list, tuple, dict, set, str)):
            raise TypeError(
                f"Output {number} of `K.function` is a {type(result).__name__}: {result!r}. "
                "Outputs are tensors, in one list."
            )
    return Function(listed, results, updates or (), name or "function", options=kwargs)


def evaluate(tensors: Sequence[Any]) -> list[Array]:
    """The values of tensors that need no input, as engine arrays, without writing a program."""
    running = runtime.engine()
    program = Program(name="evaluate")
    lowering = Lowering(running, _phase or 0, program)
    lowering.finish(tensors, ())
    if any(s.tape or s.forward for s in program.steps) or any(
        isinstance(a, Program) for s in program.steps for a in s.settled.values()
    ):
        made = Compiled(program, "evaluate")
        return list(made.run(()))
    values: dict[Any, Any] = {v: variable.value for variable, v in program.variables.items()}
    values.update(program.constants)
    with running.running():
        for step in program.steps:
            arguments = [values[x] if isinstance(x, Value) else x for x in step.inputs]
            result = list(arguments) if step.name == "pack" else _run(step, arguments)
            many = step.node is not None and step.node.many
            for value, array in zip(step.outputs, result if many else [result], strict=True):
                values[value] = array
    for variable, value in program.updates:
        new = values[value] if isinstance(value, Value) else value
        if isinstance(variable, TensorList):
            for member, array in zip(variable, new, strict=True):
                member.value = array
        else:
            variable.value = new
    return [values[r] if isinstance(r, Value) else r for r in program.results]


def _run(step: Step, arguments: list[Any]) -> Any:
    """What a step returns; if it fails, an error that names it."""
    assert step.function is not None
    try:
        return step.function(*arguments, **step.settled)
    except Exception as error:
        values = {str(x): a for x, a in zip(step.inputs, arguments, strict=True)}
        line = f"{step.name}({', '.join(values)})"
        raise ExecutionError(_account(step.node, line, values, error)) from error


__all__ = ["Function", "Placeholder", "evaluate", "feed", "function", "learning_phase"]

"""A program as TensorFlow notes it: its steps, one after the other, without its source.

For each op TensorFlow notes the line that made it, and keeps lines and their code until the process
ends. The sources of programs are new code each time, and 0.2 MB for a small model; what is here
never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...graph.program import Program, Step, Value
from ...graph.render import row_of

if TYPE_CHECKING:
    from ..protocol import Engine

Values = dict[Value, Any]


def stepwise(engine: Engine, program: Program) -> Callable[..., tuple[Any, Any]]:
    """The function that the source of a program says: (results, values of the updates)."""
    given = [*program.parameters, *program.variables.values()]

    def run(*arrays: Any) -> tuple[Any, Any]:
        values = {**program.constants, **dict(zip(given, arrays, strict=True))}
        results = _results(engine, program, values)
        updates: list[Any] = []
        for _, value in program.updates:
            if isinstance(value, Value) and value.dtype == "list":
                updates.extend(values[value])
            else:
                updates.append(_of(value, values))
        return results, updates

    return run


def _results(engine: Engine, program: Program, values: Values) -> tuple[Any, ...]:
    for step in program.steps:
        _take(engine, step, values)
    return tuple(_of(x, values) for x in program.results)


def _take(engine: Engine, step: Step, values: Values) -> None:
    function, settled = row_of(engine, step)
    inputs = [_of(x, values) for x in step.inputs]
    named = {key: _argument(engine, value, values) for key, value in settled.items()}
    made = inputs if step.name == "pack" else function(*inputs, **named)
    if step.tape is not None:
        made, values[step.tape] = made
    if len(step.outputs) == 1 and not (step.node is not None and step.node.many):
        values[step.outputs[0]] = made
    else:
        values.update(zip(step.outputs, made, strict=True))


def _argument(engine: Engine, value: Any, outside: Mapping[Value, Any]) -> Any:
    """A loop's body as a function; anything else as it is."""
    if not isinstance(value, Program):
        return value

    def body(*arrays: Any) -> tuple[Any, ...]:
        given: Sequence[Value] = value.parameters
        return _results(engine, value, {**outside, **dict(zip(given, arrays, strict=True))})

    return body


def _of(x: Any, values: Mapping[Value, Any]) -> Any:
    return values[x] if isinstance(x, Value) else x

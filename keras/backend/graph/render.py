"""From a program to straight-line Python source, one line a step, that an engine takes whole."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .program import Program, Step, Value
from .tensor import Node

if TYPE_CHECKING:
    from ..engines.protocol import Engine

UNREADABLE = {"inf": "1e999", "-inf": "-1e999", "nan": "(1e999 - 1e999)"}  # no names, no collisions
PLAIN = (bool, int, float, str, type(None))  # and no subclasses, such as numpy's float64


class Source:
    """The text of a program, the objects it names, and the node behind each of its lines."""

    def __init__(self, engine: Engine, file: str) -> None:
        self.engine = engine
        self.file = file
        self.lines: list[str] = []
        self.nodes: dict[int, Node] = {}
        self.names: dict[str, Any] = {}
        self.bound: dict[int, str] = {}
        self.numbers: dict[str, int] = {}  # the last one that a stem was given
        self.local: set[str] = set()  # names that mean something else inside of the function

    def function(self, program: Program, indent: str = "") -> None:
        """Write a program as a function; loop bodies are functions inside it."""
        given = [v.name for v in program.parameters]
        if program.outer is None:
            given += [v.name for v in program.variables.values()]
            self.local.update([program.name, *given])
            self.names.update({value.name: array for value, array in program.constants.items()})
        self.lines.append(f"{indent}def {program.name}({', '.join(given)}):")
        last = _last_uses(program)
        for number, step in enumerate(program.steps):
            self._step(step, indent + "    ", last.get(number, []))
        results = _tuple(program.results)
        if program.outer is None:
            updates = ["*" + v.name if v.dtype == "list" else str(v) for _, v in program.updates]
            results += ", " + _tuple(updates)
        self.lines.append(f"{indent}    return {results}")

    def _step(self, step: Step, indent: str, finished: list[Value]) -> None:
        made = ", ".join(v.name for v in step.outputs)
        if step.node is not None and step.node.many and len(step.outputs) == 1:
            made = f"[{made}]"
        function, settled = row_of(self.engine, step)
        if step.tape is not None:
            made = f"({made}), {step.tape.name}"
        arguments = [_text(x) for x in step.inputs]
        arguments += [f"{key}={self._argument(key, v, indent)}" for key, v in settled.items()]
        if step.name == "pack":
            line = f"{indent}{made} = [{', '.join(arguments)}]"
        elif step.name in self.engine.infix and step.tape is None:
            line = f"{indent}{made} = {arguments[0]} {self.engine.infix[step.name]} {arguments[1]}"
        else:
            line = f"{indent}{made} = {self._name(step.name, function)}({', '.join(arguments)})"
        if finished:
            line += f"; del {', '.join(v.name for v in finished)}"
        if step.node is not None:
            self.nodes[len(self.lines) + 1] = step.node
            shapes = ", ".join(str(tuple(v.shape)) for v in step.outputs)
            line = f"{line:<79} # {step.node.scope} {shapes}".rstrip()
        self.lines.append(line)

    def _argument(self, key: str, value: Any, indent: str) -> str:
        if isinstance(value, Program):
            value.name = value.unique("body")
            self.function(value, indent)
            return value.name
        if type(value) in PLAIN or (type(value) is tuple and all(type(v) in PLAIN for v in value)):
            text = repr(value)
            if "nan" not in text and "inf" not in text:
                return text
        named = str(getattr(value, "__name__", key))
        return self._name(named if named.isidentifier() else key, value)

    def _name(self, stem: str, thing: Any) -> str:
        """The global name under which the source finds an object."""
        name = self.bound.get(id(thing))
        if name is None:
            name, number = stem, self.numbers.get(stem, 1)
            while name in self.names or name in self.local:
                number += 1
                name = f"{stem}_{number}"
            self.names[name], self.numbers[stem] = thing, number
            self.bound[id(thing)] = name
        return name

    def compile(self, name: str) -> Callable[..., Any]:
        """The Python function; tracebacks show its source."""
        text = "\n".join(self.lines) + "\n"
        linecache.cache[self.file] = (len(text), None, text.splitlines(keepends=True), self.file)
        space: dict[str, Any] = dict(self.names)
        exec(compile(text, self.file, "exec"), space)
        made: Callable[..., Any] = space[name]
        return made


def row_of(engine: Engine, step: Step) -> tuple[Any, dict[str, Any]]:
    """What a step calls, and the keywords that it gives."""
    if step.forward is not None:
        return engine.puller(step.forward, step.settled["wanted"]), {}
    if step.tape is not None:
        return engine.taped(step), step.settled
    return step.function, step.settled


def _text(value: Any) -> str:
    if isinstance(value, Value):
        return value.name
    return UNREADABLE.get(repr(value), repr(value))


def _tuple(values: list[Any]) -> str:
    return (
        "("
        + "".join(f"{_text(v) if not isinstance(v, str) else v}, " for v in values).rstrip()
        + ")"
    )


def _last_uses(program: Program) -> dict[int, list[Value]]:
    """By the number of a step: the values that nothing reads after it."""
    last: dict[Value, int] = {}
    for number, step in enumerate(program.steps):
        for value in step.made:
            last[value] = number
        for x in step.inputs:
            if isinstance(x, Value) and x in last:
                last[x] = number
    for kept in (*program.results, *(v for _, v in program.updates)):
        last.pop(kept, None)
    finished: dict[int, list[Value]] = {}
    for value, number in last.items():
        finished.setdefault(number, []).append(value)
    return finished

"""A program: the steps that lowering chose, before they become source."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .state import Variable
    from .tensor import Array, Constant, Node, Tensor


class Value:
    """Something a program computes or is given: a name in the source."""

    __slots__ = ("constant", "dims", "dtype", "host", "name", "number", "shape")

    def __init__(
        self, name: str, shape: Any, dtype: str, host: bool = False, dims: Any = None
    ) -> None:
        self.name = name
        self.shape = shape
        self.dtype = dtype
        self.dims = dims  # as a tensor's: equal numbers are equal sizes; None if nothing is known
        self.host = host  # computed outside of the engine: a size
        self.constant = False
        self.number = False  # a Python number: arithmetic takes it as it is

    def __repr__(self) -> str:
        return self.name


def identifier(text: str, default: str) -> str:
    """A text as a name that Python takes."""
    name = re.sub(r"\W+", "_", text) or default
    return f"v_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


class Step:
    """One line of the program: `outputs = function(*inputs, **settled)`."""

    __slots__ = (
        "forward",
        "function",
        "inputs",
        "name",
        "node",
        "outputs",
        "settled",
        "tape",
        "wanted",
    )

    def __init__(
        self,
        function: Callable[..., Any] | None,
        name: str,
        inputs: tuple[Any, ...],
        outputs: list[Value],
        settled: dict[str, Any],
        node: Node | None = None,
    ) -> None:
        self.function = function
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.settled = settled
        self.node = node
        self.tape: Value | None = None  # what the way back needs, when it is the engine's business
        self.wanted: tuple[int, ...] = ()  # inputs whose gradients are asked of that tape
        self.forward: Step | None = None  # on the way back: the step that made the tape

    @property
    def made(self) -> list[Value]:
        """All that this step makes, its tape included."""
        return [*self.outputs, self.tape] if self.tape is not None else self.outputs


class Program:
    """Steps, what they are given, what they give; programs of loop bodies know their outer
    program."""

    def __init__(self, outer: Program | None = None, name: str = "function") -> None:
        self.outer = outer
        self.name = name
        self.parameters: list[Value] = []
        self.variables: dict[Variable, Value] = outer.variables if outer else {}
        self.constants: dict[Value, Array] = outer.constants if outer else {}
        self.names: dict[str, int] = outer.names if outer else {}
        self.taken: set[str] = outer.taken if outer else {name}
        self.steps: list[Step] = []
        self.results: list[Any] = []
        self.updates: list[tuple[Variable, Any]] = []
        self.options: dict[str, Any] = {}  # what the user says to the engine's compiler

    def fresh(self, shape: Any, dtype: str, host: bool = False, dims: Any = None) -> Value:
        """A new value to be computed."""
        return Value(self.unique("t"), shape, dtype, host, dims)

    def parameter(self, tensor: Tensor) -> Value:
        """A value that the caller passes."""
        value = Value(self.unique("x"), tensor.shape, tensor.dtype, dims=tensor.dims)
        self.parameters.append(value)
        return value

    def variable(self, variable: Variable) -> Value:
        """The value that a variable has when the program starts."""
        if variable not in self.variables:
            name = self.unique(identifier(variable.name.split(":")[0], "w"), first="")
            value = Value(name, variable.shape, variable.dtype, dims=variable.dims)
            self.variables[variable] = value
        return self.variables[variable]

    def constant(self, tensor: Constant, array: Array) -> Value:
        """A value known before the program runs."""
        value = Value(self.unique("c"), tensor.shape, tensor.dtype)
        value.constant = True
        self.constants[value] = array
        return value

    def tell_used(self) -> None:
        """Tell loops which of their outputs are used."""
        read: set[Any] = set()
        for step in self.steps:
            read.update(x for x in step.inputs if isinstance(x, Value))
            if step.forward is not None:  # the way back needs what it has gradients of
                gradients = zip(step.forward.outputs, step.inputs[1:], strict=True)
                read.update(value for value, g in gradients if g is not None)
        read.update(r for r in self.results if isinstance(r, Value))
        read.update(v for _, v in self.updates)
        for step in self.steps:
            if "used" in step.settled:
                step.settled["used"] = tuple(value in read for value in step.outputs)
        for inner in self.bodies():
            inner.tell_used()

    def bodies(self) -> Iterator[Program]:
        """The programs of loops and branches."""
        for step in self.steps:
            for value in step.settled.values():
                if isinstance(value, Program):
                    yield value

    def all_steps(self) -> Iterator[Step]:
        """The steps, those of loops and branches included."""
        yield from self.steps
        for inner in self.bodies():
            yield from inner.all_steps()

    def unique(self, stem: str, first: str = "1") -> str:
        """A name that the source doesn't use yet."""
        while True:
            number = self.names.get(stem, 0) + 1
            self.names[stem] = number
            name = f"{stem}{first if number == 1 else number if first else f'_{number}'}"
            if name not in self.taken:
                self.taken.add(name)
                return name

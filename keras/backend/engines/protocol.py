"""What the graph asks of an engine: tables of rows, and these few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..graph.program import Program, Step
    from ..graph.tensor import Array, Node, Tensor

Row = Callable[..., Any]


class Prepared:
    """A row that is chosen once, while the program is written: `prepare(inputs, **settled)` returns
    a function of the arrays. The inputs have a `shape` (`None` where unknown) and a `dtype`."""

    __slots__ = ("prepare",)

    def __init__(self, prepare: Callable[..., Row]) -> None:
        self.prepare = prepare


class Stateful:
    """A row of a random op: `make(node, **settled)` returns a function that draws anew at each
    call."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[..., Row]) -> None:
        self.make = make


class Series(Protocol):
    """A program's function that makes several calls in one; the function's attribute `series`."""

    def most(self, feeds: Sequence[Array], values: Sequence[Array]) -> int:
        """How many calls with such feeds are best made as one; 1 where it would gain nothing."""

    def __call__(self, calls: Sequence[Sequence[Array]], values: Sequence[Array]) -> Any:
        """The outputs of the calls, stacked, and the variables' values after the last one."""


class Engine(Protocol):
    """An engine is its table of rows (op name -> function of arrays) and what can't be a row."""

    name: str
    table: Mapping[str, Any]
    infix: Mapping[str, str]  # ops that are Python operators on the engine's arrays
    sizes: Mapping[str, Row]  # arithmetic on shapes, beside the arrays: graph/host.py's, by numpy

    # arrays
    def is_array(self, value: Any) -> bool:
        """True for this engine's arrays."""

    def array(self, value: Any, dtype: str) -> Array:
        """An array where programs run; it may share memory with `value`."""

    def own(self, value: Any, dtype: str, device: Any) -> Array:
        """An array that shares memory with nobody: a variable's value."""

    def memory(
        self, shape: Sequence[int], dtype: str, device: Any
    ) -> tuple[Any, Callable[[], Array]]:
        """Memory for a variable's value, as a numpy array into which the caller writes, and the
        function that then makes the value of it."""

    def numpy(self, array: Array, copy: bool = False) -> Any:
        """A numpy array (or number) of the same values."""

    def cast(self, array: Array, dtype: str) -> Array:
        """The same numbers in another dtype."""

    def scalars(self, arrays: Sequence[Array]) -> Any:
        """Many scalars (or vectors, from a `Series`) read at once, as a vector of numpy."""

    def batches(self, arrays: Sequence[Array], order: Any, size: int) -> Iterator[Sequence[Array]]:
        """The arrays' rows in batches, in the given order (`None`: as they are)."""

    def forget(self) -> None:
        """Let go of programs that are kept in case they are needed again. What is still used stays
        usable, be it that it has to be compiled anew."""

    def forked(self) -> None:
        """Get ready to compute in a process forked from one in which the engine ran, or to refuse
        to."""

    # rows
    def row(
        self, node: Node, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        """The function for a node, and the keywords that it still takes."""

    def list_row(
        self, name: str, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        """The function that does an op on lists of arrays."""

    def run_now(self, name: str, inputs: Sequence[Any], settled: dict[str, Any]) -> Any:
        """One op on arrays, at once."""

    def describe(self, function: Row, tensors: Sequence[Tensor]) -> tuple[Any, Row]:
        """What one of the engine's own functions makes of tensors: the (shape, dtype) of each
        result, and a function that puts a list of results into the structure it returns them in."""

    def met_a_symbol(self, error: Exception) -> bool:
        """Whether one of the engine's own functions complains of being given a tensor of the
        graph."""

    def device_named(self, name: str) -> Any:
        """A device by its name, or the nearest thing there is on this machine."""

    def device_names(self) -> list[str]:
        """What there is on this machine, as '/cpu:0', '/gpu:0', '/gpu:1'."""

    # random numbers
    def random_state(self, nodes: Sequence[Node]) -> dict[str, Any]:
        """Where the draws of random nodes stand, and the engine's own generator: dicts, lists,
        numbers and numpy arrays."""

    def set_random_state(self, nodes: Sequence[Node], state: dict[str, Any]) -> None:
        """Go on drawing from there; the nodes are rendered already."""

    # gradients of ops that the graph has no rule for
    def taped(self, step: Step) -> Row:
        """The step's function, returning (what it returned, what the way back needs)."""

    def puller(self, forward: Step, wanted: tuple[int, ...]) -> Row:
        """`function(tape, *gradients of the outputs)` -> gradients of the wanted inputs."""

    def pullback_function(self, of: Node, function: Row, wanted: tuple[int, ...]) -> Row:
        """`function(*inputs, *gradients of the outputs, **bodies)` -> gradients of the wanted
        inputs, as one function that can be differentiated again; bodies of loops are keywords."""

    # programs
    def refine(self, program: Program) -> None:
        """Improve a program by what this engine knows."""

    def compile(self, function: Row, program: Program) -> Row:
        """A program's function of its parameters and variables, made ready to run. It may have a
        `series`."""

    def running(self) -> AbstractContextManager[Any]:
        """The mode in which programs run; loops enter it once for all their steps."""

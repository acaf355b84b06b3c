"""What lives between two runs of a graph: variables, updates to them, the learning phase."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from . import runtime
from .op import Op, TensorList, constant, make_node
from .tensor import OPS, Array, Spec, Tensor, scope

LEARNING_PHASE = Tensor((), "int32", name="keras_learning_phase")
LEARNING_PHASE.uses_phase = True


_beginning = threading.RLock()  # two threads may be the first to read a variable


class Variable(Tensor):
    """A tensor with a value that stays: a weight, a state, a counter.

    The initial value (an array, a symbolic tensor, or a function that returns one) is computed when
    it is first read, so that loading weights into a big model initialises nothing.
    """

    __slots__ = ("_initial", "_value", "constraint", "device", "sparse")

    def __init__(
        self,
        initial: Any,
        shape: Any,
        dtype: str,
        name: str | None = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__(shape, dtype, name=name)
        self._initial = initial
        self._value: Array | None = None
        self.constraint = constraint
        self.sparse = False  # it was given a sparse matrix
        self.device = runtime.current_device()

    @property
    def value(self) -> Array:
        """The engine's array."""
        if self._value is None:
            with _beginning:
                if self._value is None:
                    self._value = self._first_value()
        return self._value

    @value.setter
    def value(self, array: Array) -> None:
        self._value = array
        self._initial = None

    @property
    def is_initialized(self) -> bool:
        return self._value is not None

    def _first_value(self) -> Array:
        initial = self._initial
        if callable(initial):
            initial = initial()
        if isinstance(initial, Tensor):
            from .function import evaluate

            initial = evaluate([initial])[0]
        array, _, _ = runtime.describe_value(initial, self.dtype)
        self._initial = None
        return runtime.engine().own(array, self.dtype, self.device)

    def assign(self, value: Any) -> None:
        """Set the value from an array of the same shape."""
        array, shape, _ = runtime.describe_value(value, self.dtype)
        self._check(shape)
        self.value = runtime.engine().own(array, self.dtype, self.device)

    def fill(self, fill: Callable[[Any], Any], shape: Sequence[int]) -> None:
        """Set the value by a function that writes it into memory, as a numpy array of `shape`."""
        self._check(shape)
        into, finished = runtime.engine().memory(shape, self.dtype, self.device)
        fill(into)
        self.value = finished()

    def take(self, array: Array, shape: Sequence[int]) -> None:
        """Set the value to the engine's array, which nobody else has."""
        self._check(shape)
        self.value = array

    def _check(self, shape: Sequence[int]) -> None:
        if any(a is not None and a != b for a, b in zip(self.shape, shape, strict=False)) or len(
            shape
        ) != len(self.shape):
            raise ValueError(
                f"`{self.name}` has shape {tuple(self.shape)}; "
                f"it can't take a value of shape {tuple(shape)}."
            )

    def numpy(self, copy: bool = True) -> Any:
        """The value as a numpy array; without `copy` it is only to be looked at, at once."""
        return runtime.engine().numpy(self.value, copy=copy)


def _update_rule(value: Any) -> Spec:
    raise AssertionError("updates are made with their specs")


UPDATE = Op("update", _update_rule, pure=False)


@contextmanager
def control_dependencies(control_inputs: Sequence[Tensor]) -> Iterator[None]:
    """What is described inside comes after these updates: whoever computes it carries them out.

    `K.identity(variable)` inside is the variable's new value.
    """
    for item in control_inputs:
        if not isinstance(item, Tensor):
            raise TypeError(
                f"`K.control_dependencies` takes tensors, got {type(item).__name__}: {item!r}."
            )
    before = scope.after
    scope.after = (*before, *control_inputs)
    try:
        yield
    finally:
        scope.after = before


def update(x: Variable | TensorList, new_x: Any) -> Tensor:
    """The assignment `x <- new_x`, carried out by a function that lists or evaluates it.

    It is a tensor: its value is the new one.
    """
    return _assignment(x, new_x, adds_up=False)


def change(x: Variable, new_x: Any) -> Tensor:
    """As `update`, where the new value is the old one and a difference.

    Several changes of a variable in one function add up, as those that a shared layer makes at
    each of its calls.
    """
    return _assignment(x, new_x, adds_up=True)


def _assignment(x: Variable | TensorList, new_x: Any, adds_up: bool) -> Tensor:
    if not isinstance(x, (Variable, TensorList)):
        raise TypeError(f"`K.update` assigns to variables, got {type(x).__name__}: {x!r}.")
    spec = Spec(x.shape, x.dtype, variable=x, adds_up=adds_up)
    made: Tensor = make_node(UPDATE, (as_value_of(x, new_x),), spec)
    return made


def values_of(variables: Sequence[Variable]) -> list[Array]:
    """The engine's arrays of all of them, faster than asking each: it is done for every step."""
    return [v.value if (held := v._value) is None else held for v in variables]


def as_value_of(variable: Variable | TensorList, value: Any) -> Tensor:
    """What a variable is to become, in its dtype; its shape must be that of the variable."""
    if not isinstance(value, Tensor):
        value = constant(value, variable.dtype)
    made: Tensor = value
    if isinstance(variable, TensorList):
        return made
    if len(value.shape) != variable.ndim or any(
        a is not None and a != b for a, b in zip(value.shape, variable.shape, strict=True)
    ):
        raise ValueError(
            f"`{variable.name}` has shape {tuple(variable.shape)}; "
            f"it can't be updated to a value of shape {tuple(value.shape)}."
        )
    if value.dtype != variable.dtype:
        made = OPS["cast"](value, variable.dtype)
    return made

"""Reading and writing values, and asking what a tensor is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import config
from .graph import runtime
from .graph.dtypes import name_of
from .graph.function import evaluate
from .graph.shapes import product
from .graph.state import Variable, change
from .graph.tensor import Placeholder, Tensor, lifted, scope

_uids: defaultdict[str, int] = defaultdict(int)


def eval(x: Any) -> Any:  # noqa: A001  its classic name
    """The value of a tensor that needs no input, as a numpy array."""
    x = lifted(x)
    if not isinstance(x, Tensor):
        return runtime.engine().numpy(x) if runtime.is_engine_array(x) else np.asarray(x)
    if isinstance(x, Variable):
        return get_value(x)
    return runtime.engine().numpy(evaluate([x])[0], copy=True)  # no view of a variable


def get_value(x: Any) -> Any:
    """A variable's value as a numpy array of its own."""
    return x.numpy() if isinstance(x, Variable) else eval(x)


def set_value(x: Variable, value: Any) -> None:
    """Set a variable's value from an array."""
    if not isinstance(x, Variable):
        raise TypeError(f"`K.set_value` sets variables, got {type(x).__name__}: {x!r}.")
    x.assign(value)


def batch_get_value(ops: Sequence[Any]) -> list[Any]:
    """The values of several variables."""
    return [get_value(x) for x in ops]


def batch_set_value(tuples: Sequence[tuple[Variable, Any]]) -> None:
    """Set several variables, given as (variable, value)."""
    for variable, value in tuples:
        set_value(variable, value)


def update_add(x: Variable, increment: Any) -> Tensor:
    """The assignment `x <- x + increment`."""
    return change(x, x + lifted(increment))


def update_sub(x: Variable, decrement: Any) -> Tensor:
    """The assignment `x <- x - decrement`."""
    return change(x, x - lifted(decrement))


def moving_average_update(x: Variable, value: Any, momentum: Any) -> Tensor:
    """The assignment `x <- momentum * x + (1 - momentum) * value`."""
    return change(x, x * momentum + lifted(value) * (1.0 - momentum))


def is_tensor(x: Any) -> bool:
    """True for symbolic tensors."""
    return isinstance(lifted(x), Tensor)


def is_variable(x: Any) -> bool:
    """True for variables."""
    return isinstance(x, Variable)


def is_placeholder(x: Any) -> bool:
    """True for placeholders."""
    return isinstance(x, Placeholder)


def is_keras_tensor(x: Any) -> bool:
    """True for what a layer returned, `Input` included."""
    if not isinstance(x, Tensor):
        raise ValueError(f"Expected a symbolic tensor, got {type(x).__name__}: {x!r}.")
    return hasattr(x, "_keras_history")


def int_shape(x: Any) -> tuple[int | None, ...]:
    """The static shape as a tuple, `None` where unknown.

    >>> int_shape(placeholder((None, 3)))  # doctest: +SKIP
    (None, 3)
    """
    x = lifted(x)
    if isinstance(x, Tensor):
        return x._keras_shape
    return tuple(int(s) for s in np.shape(x))


def ndim(x: Any) -> int:
    """The number of dimensions."""
    return len(int_shape(x))


def dtype(x: Any) -> str:
    """The name of the dtype."""
    return name_of(x.dtype)


def count_params(x: Any) -> int:
    """The number of elements of a tensor of known shape."""
    count = product(int_shape(x))
    if count is None:
        raise ValueError(f"`K.count_params` needs a known shape, got {int_shape(x)}.")
    return count


def cast_to_floatx(x: Any) -> Any:
    """A numpy array (or tensor) of the default float type."""
    x = lifted(x)
    if isinstance(x, Tensor):
        from .ops.elementwise import cast

        return cast(x, config.floatx())
    return np.asarray(x, dtype=config.floatx())


def get_uid(prefix: str = "") -> int:
    """The next number for a name that begins so; counting starts at 1."""
    _uids[prefix] += 1
    return _uids[prefix]


def reset_uids() -> None:
    """Start all counting at 1 again."""
    _uids.clear()


def clear_session() -> None:
    """Forget names, settings and functions of a session: names count from 1, the learning phase is
    open again, and the memory of programs kept for later is free. Models stay usable."""
    from .session import set_session

    start_afresh()
    set_session(None)
    runtime.forget()


def start_afresh() -> None:
    """Names count from 1, and the learning phase is open again."""
    from .graph.function import set_learning_phase

    reset_uids()
    set_learning_phase(None)


@contextmanager
def device(name: str) -> Iterator[Any]:
    """What is made and run inside lives on this device: 'cpu', 'cuda:0', or '/gpu:0' as in
    TensorFlow.

    Where there is no such device, the default one is used.
    """
    before = runtime.set_device(runtime.engine().device_named(name))
    try:
        yield runtime.current_device()
    finally:
        runtime.set_device(before)


@contextmanager
def name_scope(name: str) -> Iterator[str]:
    """Tensors and variables made inside have names that begin with this one."""
    before = scope.name
    scope.name = f"{before}/{name}" if before and name else name or before
    try:
        yield scope.name
    finally:
        scope.name = before

"""PyTensor's own functions on symbolic tensors, and functions of K on what they return.

A variable stands for each tensor that a function of PyTensor's is given. What comes out is a
variable, and goes on as one in PyTensor's functions; where K gets it, all that lies between becomes
a node of the graph.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import io_toposort
from pytensor.tensor import TensorType, TensorVariable, _as_tensor_variable
from pytensor.tensor.variable import _tensor_py_operators

from ...graph import op
from ...graph.dtypes import name_of
from ...graph.tensor import SYMBOLS, Placeholder, Tensor
from ...ops.native import node_of
from . import modes
from .symbols import known, symbol

Row = Callable[..., Any]


def accept_symbols() -> None:
    """Let PyTensor's functions take tensors of the graph, and functions of K its variables; tensors
    have the methods of variables."""
    _as_tensor_variable.register(Tensor, _stand_in)
    SYMBOLS[TensorVariable] = tensor_of
    SYMBOLS[SharedVariable] = tensor_of
    SYMBOLS[Constant] = tensor_of
    for name in dir(_tensor_py_operators):
        if not hasattr(Tensor, name):
            setattr(Tensor, name, _lent(name))


def _lent(name: str) -> property:
    """A method of PyTensor's variables (`x.dimshuffle(0, "x")`, `x.T`) for tensors."""
    return property(lambda tensor: getattr(variable_of(tensor), name))


def _stand_in(tensor: Tensor, name: str | None, ndim: int | None, **kwargs: Any) -> Any:
    return pt.as_tensor_variable(variable_of(tensor), name=name, ndim=ndim, **kwargs)


def variable_of(tensor: Tensor) -> Any:
    """The variable that stands for a tensor."""
    found = tensor.__dict__.get("_variable")
    if found is None or found.type.shape != tuple(tensor.shape):
        found = pt.tensor(tensor.name, dtype=tensor.dtype, shape=tuple(tensor.shape))
        found.tag.tensor = tensor
        tensor.__dict__["_variable"] = found
    return found


def tensor_of(variable: Any) -> Tensor:
    """The tensor for a variable: the one it stands for, a placeholder for an input of PyTensor's,
    a constant, or a node that computes it."""
    made: Tensor | None = getattr(variable.tag, "tensor", None)
    if made is not None:
        return made
    if isinstance(variable, Constant):
        made = op.constant(np.asarray(variable.data), variable.dtype)
    elif variable.owner is None and not isinstance(variable, SharedVariable):
        made = Placeholder(variable.type.shape, name_of(variable.dtype), variable.name)
        made.__dict__["_variable"] = variable
    else:
        return _computed(variable)
    variable.tag.tensor = made
    return made


def _computed(variable: Any) -> Tensor:
    """The output of a new node; others of the same computation are outputs of that node, too."""
    some = [variable] if variable.owner is None else variable.owner.outputs
    made = [y for y in some if isinstance(y.type, TensorType)]
    if variable not in made:
        raise TypeError(f"{variable!r} of PyTensor is no tensor: {variable.type}.")
    given = _given(made)
    function = functools.partial(_replaced, given, made)
    name = type(getattr(variable.owner, "op", variable)).__name__
    function.__name__ = name  # type: ignore[attr-defined]  # a `partial` may have one
    results = [(tuple(y.type.shape), name_of(y.dtype)) for y in made]
    tensors = node_of(function, [tensor_of(x) for x in given], results)
    for y, tensor in zip(made, tensors, strict=True):
        y.tag.tensor = tensor
    found: Tensor = variable.tag.tensor
    return found


def _given(made: Sequence[Any]) -> list[Any]:
    """The variables that some are computed from, as far back as something is a tensor already."""
    found, seen = [], set()
    waiting = [x for y in made if y.owner is not None for x in y.owner.inputs]
    while waiting:
        x = waiting.pop()
        if x in seen or isinstance(x, (Constant, SharedVariable)):
            continue
        seen.add(x)
        if x.owner is None or hasattr(x.tag, "tensor"):
            found.append(x)
        else:
            waiting.extend(x.owner.inputs)
    return found


def _replaced(given: Sequence[Any], made: Sequence[Any], *arrays: Any) -> list[Any]:
    """The same computation on other arrays."""
    values: dict[Any, Any] = {
        x: known(symbol(array, x.dtype), x.type.shape)
        for x, array in zip(given, arrays, strict=True)
    }
    for node in io_toposort(list(given), list(made)):
        inputs = [values.get(x, x) for x in node.inputs]
        values.update(zip(node.outputs, node.clone_with_new_inputs(inputs).outputs, strict=True))
    return [values.get(y, y) for y in made]


def described(function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
    """The shapes and dtypes of the results, and what puts the results into their structure."""
    given = [pt.tensor(dtype=t.dtype, shape=tuple(t.shape)) for t in tensors]
    made = function(*given)
    several = isinstance(made, (list, tuple))
    results = [(tuple(y.type.shape), name_of(y.dtype)) for y in (made if several else [made])]
    return results, (lambda found: list(found)) if several else (lambda found: found[0])


def at_once(*arrays: Any, function: Row) -> list[Any]:
    """What a function of variables makes of arrays."""
    run = pytensor.function(
        [], list(map(symbol, function(*map(symbol, arrays)))), mode=modes.chosen()
    )
    made: list[Any] = run()
    return made


TABLE: dict[str, Any] = {"native": lambda *arrays, function: function(*arrays)}

"""Tensors out of nothing: constants, filled tensors, ranges, placeholders, variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import config
from ..graph.dtypes import dtype_of, name_of
from ..graph.op import (
    blocked,
    constant as make_constant,
    exposed,
    is_symbolic,
    make_node,
    named,
    op,
    shortcut,
)
from ..graph.runtime import is_engine_array, meet
from ..graph.shapes import shape_of
from ..graph.state import Variable
from ..graph.tensor import Constant, Placeholder, Spec, Tensor, Tensors, lifted, scope
from .arrange import sizes_of


@op(name="full", host=True)
def _full(sizes: Tensors, value, shape, dtype):
    return Spec(shape, dtype, value=value, shape=tuple(shape), dtype=dtype)


@op(name="full_like")
def full_like(x: Tensor, value, dtype=None):
    """A tensor of the shape of `x`, filled with a number."""
    dtype = name_of(dtype or dtype_of(x))
    return Spec(shape_of(x), dtype, value=value, dtype=dtype)


blocked(full_like, _full)


def filled(shape: Any, value: float, dtype: Any = None) -> Tensor:
    """A symbolic tensor filled with a number; sizes of its shape may be tensors."""
    sizes, moving = sizes_of(shape)
    dtype = name_of(dtype or config.floatx())
    made: Tensor = make_node(
        _full.op, moving, Spec(sizes, dtype, value=value, shape=sizes, dtype=dtype)
    )
    return made


@exposed
def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones in the shape of `x`."""
    return named(full_like(x, 1, dtype), name)


@exposed
def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros in the shape of `x`."""
    return named(full_like(x, 0, dtype), name)


def constant(
    value: Any, dtype: Any = None, shape: Sequence[int] | None = None, name: str | None = None
) -> Constant:
    """A tensor of known numbers; with `shape`, a single number fills it."""
    dtype = None if dtype is None else name_of(dtype)
    if dtype is None and isinstance(value, (int, float)) and not isinstance(value, bool):
        dtype = config.floatx()
    if dtype is None and isinstance(value, (list, tuple)):
        dtype = config.floatx() if np.asarray(value).dtype.kind in "iuf" else None
    if shape is not None:
        # Of its own dtype first: a number spread over a shape takes no memory, until it is copied.
        known = None if dtype == "bfloat16" else dtype
        value = (
            np.broadcast_to(np.asarray(value, known), tuple(shape))
            if np.size(value) == 1
            else np.reshape(value, tuple(shape))
        )
    made: Constant = named(make_constant(value, dtype), name)
    return made


def variable(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    constraint: Callable[[Tensor], Tensor] | None = None,
) -> Variable:
    """A tensor whose value stays until it is updated; `value` is an array or a symbolic tensor."""
    meet()
    label, value = scoped(name) if name else None, lifted(value)
    if is_symbolic(value):
        if None in value.shape:
            raise ValueError(f"A variable needs a full shape, got {tuple(value.shape)}.")
        return Variable(value, value.shape, name_of(dtype or value.dtype), label, constraint)
    sparse = hasattr(value, "tocoo")  # a scipy matrix
    if sparse:
        value = value.toarray()
    array = value if is_engine_array(value) else np.array(value)
    dtype = name_of(dtype or config.floatx())
    made = Variable(array, tuple(array.shape), dtype, label, constraint)
    made.sparse = sparse
    return made


def scoped(name: str) -> str:
    """A name inside the current name scope, with TensorFlow's `:0`."""
    name = name if name.endswith(":0") else f"{name}:0"
    return f"{scope.name}/{name}" if scope.name else name


def placeholder(
    shape: Sequence[int | None] | None = None,
    ndim: int | None = None,
    dtype: Any = None,
    sparse: bool = False,
    name: str | None = None,
) -> Placeholder:
    """A tensor that is fed; give its shape (`None` for any size) or its number of dimensions."""
    if shape is None:
        if ndim is None:
            raise ValueError("`K.placeholder` needs a `shape`, or `ndim` where no size is known.")
        shape = (None,) * ndim
    meet()
    label = (name if ":" in name else f"{name}:0") if name else None
    return Placeholder(tuple(shape), name_of(dtype or config.floatx()), label, sparse)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros (a plain tensor where the shape is symbolic)."""
    return _variable_of(shape, 0, dtype, name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones (a plain tensor where the shape is symbolic)."""
    return _variable_of(shape, 1, dtype, name)


def _variable_of(shape: Any, value: float, dtype: Any, name: str | None) -> Any:
    wanted = (shape,) if isinstance(shape, (int, np.integer)) else shape
    made = filled(wanted, value, dtype)
    if None in made.shape:
        return named(made, name)
    return variable(made, dtype, name)


def eye(size: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """A variable that holds an identity matrix."""
    shape = (size, size) if isinstance(size, (int, np.integer)) else tuple(size)
    return variable(np.eye(*shape), dtype, name)


@op(name="arange", host=True)
def _arange(bounds: Tensors, given, dtype):
    size = None
    if None not in given:
        start, stop, step = given
        size = max(0, math.ceil((stop - start) / step))
    return Spec((size,), dtype, given=given, dtype=dtype)


blocked(_arange)


@exposed
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """The numbers from `start` up to `stop`, exclusive; one bound counts from 0."""
    if stop is None:
        start, stop = 0, start
    given = tuple(None if is_symbolic(b) else b for b in (start, stop, step))
    moving = [b for b in (start, stop, step) if is_symbolic(b)]
    dtype = name_of(dtype)
    settled: dict[str, Any] = {"given": given, "dtype": dtype}
    spec = _arange.op.rule(moving, given, dtype)
    return make_node(_arange.op, moving, Spec(spec.shape, dtype, **settled))


@shortcut(full_like)
def _(x, value, dtype=None):
    if is_symbolic(x) and None not in x.shape and not hasattr(x, "specs"):
        return filled(x.shape, value, dtype or x.dtype)
    return NotImplemented

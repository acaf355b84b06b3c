"""PyTensor's variables in the graph's terms: dtypes as the ops promise them, sizes as numbers where
they are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.tensor.basic import Alloc
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.math import cast as pytensors_cast

from ...graph.dtypes import promoted
from ..arrays import is_number, sum_to_shape

Sizes = Sequence[Any]


def is_symbol(value: Any) -> bool:
    """True for a variable of PyTensor."""
    return isinstance(value, Variable)


def symbol(value: Any, dtype: str | None = None) -> Any:
    """A variable of a dtype, out of a variable, an array or a number."""
    if not is_symbol(value):
        return pt.constant(np.asarray(value, dtype=dtype))
    return value if dtype is None or value.dtype == dtype else cast(value, dtype)


def alike(*values: Any) -> list[Any]:
    """Operands as variables of the dtype that the graph gives to an expression of them."""
    values = tuple(v if is_symbol(v) or is_number(v) else symbol(v) for v in values)
    dtype = promoted(*values)
    return [symbol(v, dtype) for v in values]


def cast(x: Any, dtype: str) -> Any:
    """The same numbers in another dtype; without C, PyTensor's own op does it number by number."""
    if x.dtype == dtype:
        return x
    made = pytensors_cast(x, dtype).owner
    return Elemwise(made.op.scalar_op, nfunc_spec=("asarray", 1, 1))(*made.inputs)


def sizes_of(x: Any) -> tuple[Any, ...]:
    """The sizes of a variable's axes: numbers where they are known."""
    return tuple(x.shape[i] if s is None else s for i, s in enumerate(x.type.shape))


def filled(sizes: Sizes, moving: Sequence[Any]) -> tuple[Any, ...]:
    """The sizes with the computed ones in their places."""
    given = iter(moving)
    return tuple(_size(next(given)) if s is None else s for s in sizes)


def _size(value: Any) -> Any:
    return cast(value, "int64") if is_symbol(value) else int(value)


def size_vector(sizes: Sizes) -> Any:
    """Sizes as one variable."""
    return pt.stack([symbol(s, "int64") for s in sizes]) if sizes else symbol([], "int64")


def filled_with(value: Any, sizes: Sizes, dtype: str) -> Any:
    """A variable of some sizes, all of it one number."""
    return spread_over(symbol(value, dtype), sizes)


def spread_over(x: Any, sizes: Sizes) -> Any:
    """A copy of a variable, stretched to some sizes.

    PyTensor's own function simplifies all that the sizes are computed from, each time anew, to see
    which of them it knows.
    """
    given = [symbol(s, "int64") for s in sizes]
    made = pt.tensor(dtype=x.dtype, shape=tuple(None if is_symbol(s) else int(s) for s in sizes))
    return Apply(Alloc(), [x, *given], [made]).outputs[0] if sizes else x


def common(*shapes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """What is known of the shape to which operands of one rank are stretched."""
    return tuple(_stretched_size(sizes) for sizes in zip(*shapes, strict=True))


def _stretched_size(sizes: Sequence[int | None]) -> int | None:
    for size in sizes:
        if size not in (1, None):
            return size
    return None if None in sizes else 1


class Known(Op):
    """A variable of which more, or less, is known: its shape is said to be this one."""

    __props__ = ("shape",)
    view_map = {0: [0]}  # noqa: RUF012  so PyTensor declares it

    def __init__(self, shape: tuple[int | None, ...]) -> None:
        self.shape = shape

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [pt.tensor(dtype=x.dtype, shape=self.shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = inputs[0]

    def infer_shape(self, *given: Any) -> Any:
        return given[-1]  # behind the node, and the graph before PyTensor 3.1

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [known(cotangents[0], inputs[0].type.shape)]


def known(x: Any, shape: tuple[int | None, ...]) -> Any:
    """The variable with this static shape."""
    return x if x.type.shape == tuple(shape) else Known(tuple(shape))(x)


class StretchTo(Op):
    """The first input broadcast to the shape of the second."""

    __props__ = ()
    view_map = {0: [0]}  # noqa: RUF012

    def make_node(self, x: Any, like: Any) -> Apply:
        return Apply(self, [x, like], [pt.tensor(dtype=x.dtype, shape=like.type.shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = np.broadcast_to(inputs[0], inputs[1].shape)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [sum_to(cotangents[0], inputs[0]), disconnected_type()]


class SumTo(Op):
    """The first input summed over the axes along which the second was stretched."""

    __props__ = ()

    def make_node(self, x: Any, like: Any) -> Apply:
        return Apply(self, [x, like], [pt.tensor(dtype=x.dtype, shape=like.type.shape)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = np.array(sum_to_shape(*inputs), dtype=inputs[0].dtype)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [stretch_to(cotangents[0], inputs[0]), disconnected_type()]


stretch_to, sum_to = StretchTo(), SumTo()


class Stretch(Op):
    """All inputs broadcast to their common shape, which nobody knows before they are there.

    PyTensor itself stretches only what is known to be of size 1.
    """

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        rank = max(x.type.ndim for x in inputs)
        inputs = tuple(pt.shape_padleft(x, rank - x.type.ndim) for x in inputs)
        shape = common(*[x.type.shape for x in inputs])
        node = Apply(self, list(inputs), [pt.tensor(dtype=x.dtype, shape=shape) for x in inputs])
        self.view_map = {i: [i] for i in range(len(inputs))}
        return node

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        for output, array in zip(outputs, np.broadcast_arrays(*inputs), strict=True):
            output[0] = array

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[i == j for j in range(len(node.outputs))] for i in range(len(node.inputs))]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
        return [
            g if isinstance(g.type, DisconnectedType) else sum_to(g, x)
            for x, g in zip(inputs, cotangents, strict=True)
        ]


def stretched(*values: Any) -> list[Any]:
    """Variables of one shape."""
    made = Stretch()(*values)
    return list(made) if isinstance(made, (list, tuple)) else [made]

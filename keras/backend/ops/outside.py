"""Functions of numpy arrays as ops: for work that no engine does better, such as a beam search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.op import blocked, gradient, op
from ..graph.shapes import shape_of
from ..graph.tensor import Spec, Tensor, Tensors


@op
def numpy_call(arrays: Tensors, function, shapes, dtypes):
    """`function(*arrays)` of numpy arrays; it returns a tuple of arrays of these dtypes."""
    return [
        Spec(shape, dtype, function=function, dtypes=tuple(dtypes))
        for shape, dtype in zip(shapes, dtypes, strict=True)
    ]


blocked(numpy_call)


def outside(
    function: Callable[..., tuple[Any, ...]],
    arrays: Sequence[Any],
    *results: tuple[Sequence[int | None], str],
) -> tuple[Any, ...]:
    """The results of a function of numpy arrays, described as (shape, dtype); no gradient flows."""
    shapes, dtypes = zip(*results, strict=True)
    made: tuple[Any, ...] = numpy_call(list(arrays), function, shapes, dtypes)
    return made


@op(name="print_tensor", pure=False)
def _print(x: Tensor, message):
    return Spec(shape_of(x), x.dtype, message=message)


@gradient(_print)
def _(g, y, x, message):
    return g


def print_tensor(x: Any, message: str = "") -> Any:
    """`x`, printed after the message whenever the result is computed."""
    return _print(x, str(message))

"""Products: of matrices, of stacks of matrices, and the dense layer's product with its bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..config import normalize_data_format
from ..graph.dtypes import promoted
from ..graph.op import composed, composite, exposed, gradient, op
from ..graph.shapes import axis_of, broadcast, shape_of
from ..graph.tensor import Spec, Tensor
from .arrange import (
    expand_dims,
    number_of,
    permute_dimensions,
    reshape,
    reshape_like,
    size_of,
    sizes_like,
    sum_to,
)
from .reduce import sum


@op
def matmul(x: Tensor, y: Tensor, transpose_x=False, transpose_y=False):
    """The product of matrices, or of stacks of them; either may be taken transposed."""
    a, b = shape_of(x), shape_of(y)
    if len(a) < 2 or len(b) < 2:
        raise ValueError(f"matmul: shapes {tuple(a)} and {tuple(b)} are no matrices.")
    rows, inner = (a[-1], a[-2]) if transpose_x else (a[-2], a[-1])
    other, columns = (b[-1], b[-2]) if transpose_y else (b[-2], b[-1])
    if None not in (inner, other) and inner != other:
        raise ValueError(
            f"A product of {tuple(a)}{' transposed' if transpose_x else ''} and "
            f"{tuple(b)}{' transposed' if transpose_y else ''} needs equal inner sizes, got "
            f"{inner} and {other}."
        )
    stack = broadcast(a[:-2], b[:-2], who="matmul")
    return Spec(
        (*stack, rows, columns),
        promoted(x, y),
        transpose_x=bool(transpose_x),
        transpose_y=bool(transpose_y),
    )


@gradient(matmul)
def _(g, out, x, y, transpose_x, transpose_y):
    to_x = matmul(y, g, transpose_y, True) if transpose_x else matmul(g, y, False, not transpose_y)
    to_y = matmul(g, x, True, transpose_x) if transpose_y else matmul(x, g, not transpose_x, False)
    return sum_to(to_x, x), sum_to(to_y, y)


@exposed
@composed
def dot(x: Tensor, y: Tensor) -> Any:
    """The product of the last axis of `x` with the last but one of `y`.

    (..., n) and (n, m) -> (..., m); (..., n) and (..., n, m) -> (..., ..., m).
    """
    a, b = shape_of(x), shape_of(y)
    if not a or not b:
        return x * y
    if len(a) == 2 and len(b) == 2:
        return matmul(x, y)
    left = reshape(x, (-1, size_of(x, len(a) - 1)))
    if len(b) == 1:
        flat = matmul(left, expand_dims(y, 1))
        return reshape(flat, sizes_like(x, a[:-1])) if len(a) > 1 else reshape(flat, ())
    right = y if len(b) == 2 else _matrix(y, b)
    kept = (*range(len(b) - 2), len(b) - 1)
    rest = [b[i] for i in kept]
    return reshape(matmul(left, right), [*sizes_like(x, a[:-1]), *sizes_like(y, rest, kept)])


def _matrix(y: Any, sizes: Sequence[int | None]) -> Any:
    """(..., n, m) -> (n, everything else)."""
    rank = len(sizes)
    moved = permute_dimensions(y, (rank - 2, *range(rank - 2), rank - 1))
    return reshape(moved, (size_of(y, rank - 2), -1))


@composite
def dense(x: Tensor, kernel: Tensor, bias: Tensor | None = None):
    """`x @ kernel + bias`: (..., n), (n, units), (units,) -> (..., units)."""
    y = dot(x, kernel)
    return y if bias is None else y + bias


@gradient(dense)
def _(g, y, x, kernel, bias):
    flat_x, flat_g = x, g
    if len(shape_of(x)) != 2:
        flat_x = reshape(x, (-1, shape_of(x)[-1]))
        flat_g = reshape(g, (-1, shape_of(g)[-1]))
    to_x = matmul(flat_g, kernel, False, True)
    if len(shape_of(x)) != 2:
        to_x = reshape_like(to_x, x)
    to_bias = None if bias is None else sum(flat_g, 0)
    return to_x, matmul(flat_x, flat_g, True, False), to_bias


@composed
def batch_dot(x: Tensor, y: Tensor, axes: Any = None) -> Any:
    """For each sample, the product of `x` and `y` summed over the axes `axes[0]` and `axes[1]`.

    (batch, a, n) and (batch, n, b), axes (2, 1) -> (batch, a, b). Two vectors give (batch, 1).
    """
    a, b = shape_of(x), shape_of(y)
    first, second = _contracted(axes, a, b)
    if len(a) == len(b) == 3:
        return matmul(x, y, first == 1, second == 2)
    x_rest = [i for i in range(1, len(a)) if i != first]
    y_rest = [i for i in range(1, len(b)) if i != second]
    left = permute_dimensions(x, (0, *x_rest, first))
    right = permute_dimensions(y, (0, second, *y_rest))
    if len(x_rest) != 1:
        left = reshape(left, [size_of(x, 0), number_of(x, x_rest), size_of(x, first)])
    if len(y_rest) != 1:
        right = reshape(right, [size_of(y, 0), size_of(y, second), number_of(y, y_rest)])
    made = matmul(left, right)
    if len(x_rest) != 1 or len(y_rest) != 1:
        kept = [size_of(x, i) for i in x_rest] + [size_of(y, i) for i in y_rest]
        made = reshape(made, [size_of(x, 0), *(kept or [1])])
    return made


def _contracted(axes: Any, a: Sequence[int | None], b: Sequence[int | None]) -> tuple[int, int]:
    """The axes that a `batch_dot` sums over, checked."""
    shapes = f"{tuple(a)} and {tuple(b)}"
    if len(a) < 2 or len(b) < 2:
        raise ValueError(f"batch_dot needs a batch axis and one more in both, got {shapes}.")
    if None not in (a[0], b[0]) and a[0] != b[0]:
        raise ValueError(f"batch_dot: {shapes} are batches of different sizes.")
    if axes is None:
        axes = len(a) - 1, 1 if len(b) == 2 else len(b) - 2
    pair = (axes, axes) if isinstance(axes, int) else tuple(axes)
    if len(pair) != 2 or any(not isinstance(i, int) for i in pair):
        raise ValueError(f"batch_dot takes two axes, one of each tensor, got {axes!r}.")
    first, second = axis_of(pair[0], len(a), "batch_dot"), axis_of(pair[1], len(b), "batch_dot")
    if 0 in (first, second):
        raise ValueError(f"batch_dot can't sum over the batch axis, got axes {axes!r}.")
    if None not in (a[first], b[second]) and a[first] != b[second]:
        hint = (
            ""
            if max(len(a), len(b)) < 4
            else (
                " All other axes stay side by side; before Keras 2.2.5 those in front of two "
                "axes were one batch: `K.reshape` to three axes says that."
            )
        )
        raise ValueError(
            f"batch_dot: axis {first} and axis {second} of {shapes} differ in size.{hint}"
        )
    return first, second


@composed
def bias_add(x: Tensor, bias: Tensor, data_format: str | None = None) -> Any:
    """`x + bias`, the bias along the channels; a bias of more dimensions has one of them per
    axis."""
    last = normalize_data_format(data_format) == "channels_last"
    rank, sizes = len(shape_of(x)), shape_of(bias)
    if len(sizes) not in (1, rank - 1):
        raise ValueError(
            f"A bias for shape {tuple(shape_of(x))} has 1 or {rank - 1} dimensions, "
            f"got {tuple(sizes)}."
        )
    if not last and rank > 2:  # the original reshapes a bias of many dimensions, without turning it
        bias = reshape(bias, (sizes[-1], *sizes[:-1], *(1,) * (rank - 1 - len(sizes))))
    return x + bias

"""Shapes: reshaping, joining, cutting, repeating, turning; nothing here computes new numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.dtypes import dtype_of, promoted
from ..graph.op import OPS, TensorList, blocked, exposed, gradient, is_symbolic, named, op, shortcut
from ..graph.runtime import engine
from ..graph.shapes import axes_of, axis_of, broadcast, product, reshaped, shape_of
from ..graph.tensor import Spec, Tensor, Tensors, lifted


@op
def shape(x: Tensor):
    """The shape as a tensor of integers, unknown dimensions included."""
    return Spec((len(shape_of(x)),), "int32")


blocked(shape)


def sizes_of(wanted: Any) -> tuple[tuple[int | None, ...], list[Any]]:
    """A shape argument as (known sizes, `None` for others) and the tensors that give the others."""
    if is_symbolic(wanted):
        known = getattr(wanted, "static_sizes", None)
        return known or (None,) * (wanted.shape[0] or 0), [
            wanted[i] for i in range(wanted.shape[0])
        ]
    sizes: list[int | None] = []
    moving = []
    for size in wanted if isinstance(wanted, (list, tuple)) else tuple(wanted):
        if is_symbolic(size):
            sizes.append(None)
            moving.append(size)
        else:
            sizes.append(None if size is None else int(size))
    return tuple(sizes), moving


def fill_in(sizes: Sequence[int | None], moving: Sequence[Any]) -> tuple[int, ...]:
    """The sizes with the computed ones in their places: what an engine's row calls."""
    given = iter(moving)
    return tuple(int(next(given)) if s is None else s for s in sizes)


@op(name="reshape", host=True)
def _reshape(x: Tensor, sizes: Tensors, shape):
    return Spec(reshaped(shape_of(x), shape, "reshape"), dtype_of(x), shape=tuple(shape))


@gradient(_reshape)
def _(g, y, x, *sizes, shape):
    return (reshape_like(g, x), *(None for _ in sizes))


@shortcut(_reshape)
def _(x, sizes, shape):
    same = len(shape) == x.ndim and all(
        (a == b and b is not None) or (a == -1 and list(x.shape).count(None) <= 1 and b is None)
        for a, b in zip(shape, x.shape, strict=True)
    )
    return x if same and not isinstance(x, TensorList) else NotImplemented


@exposed
def reshape(x: Any, shape: Any) -> Any:
    """The same values, in order, in another shape; one size may be -1 and follows from the
    others."""
    sizes, moving = sizes_of(shape)
    if sizes.count(None) == 1 and -1 not in sizes:  # the one that isn't known follows from the rest
        sizes, moving = tuple(-1 if s is None else s for s in sizes), []
    return _reshape(x, moving, sizes)


@op(host=True)
def reshape_as(x: Tensor, like: Tensor):
    """`x` in the shape of `like`."""
    return Spec(shape_of(like), dtype_of(x))


@gradient(reshape_as)
def _(g, y, x, like):
    return reshape_like(g, x), None


def reshape_like(x: Any, like: Any) -> Any:
    """`x` in the shape of `like`, by a fixed shape where at most one dimension is unknown."""
    sizes = shape_of(like)
    if list(sizes).count(None) <= 1:
        return _reshape(x, [], tuple(-1 if s is None else s for s in sizes))
    return reshape_as(x, like)


@op
def sum_to_shape(x: Tensor, like: Tensor):
    """`x` summed over the axes along which `like` was stretched."""
    return Spec(shape_of(like), dtype_of(x))


@gradient(sum_to_shape)
def _(g, y, x, like):
    return stretch_to(g, x), None


@op
def stretch_to(x: Tensor, like: Tensor):
    """`x` broadcast to the shape of `like`."""
    return Spec(broadcast(shape_of(x), shape_of(like), who="stretch_to"), dtype_of(x))


@gradient(stretch_to)
def _(g, y, x, like):
    return sum_to(g, x), None


def sum_to(g: Any, like: Any, out: Any = None) -> Any:
    """A gradient brought back to the shape of the operand it belongs to.

    `out`: what the operands made; the gradient has its shape, also where that isn't known.
    """
    if not is_symbolic(like):
        return None
    if not is_symbolic(g):
        return OPS["ones_like"](like) * g if like.ndim else g
    have, want = (out if is_symbolic(out) else g).dims, like.dims
    if have == want:
        return g
    extra = len(have) - len(want)
    unsure = [i for i, d in enumerate(want) if have[i + extra] != d and d < 0]
    if unsure:
        return sum_to_shape(g, like)
    axes = tuple(range(extra)) + tuple(
        i + extra for i, size in enumerate(want) if size == 1 and have[i + extra] != 1
    )
    if not axes:
        return stretch_to(g, like)
    summed = OPS["sum"](g, axes, True)
    return reshape_like(summed, like) if extra else summed


def number_of(x: Any, axes: Sequence[int]) -> Any:
    """The number of values along some axes: a Python number if it is known, else a tensor."""
    total: Any = None
    for axis in axes:
        total = total * size_of(x, axis) if total is not None else size_of(x, axis)
    return 1 if total is None else total


def size_of(x: Any, axis: int) -> Any:
    """The size of an axis: a Python number if it is known, else a tensor."""
    size = shape_of(x)[axis]
    return shape(x)[axis] if size is None else size


def size(x: Any, name: str | None = None) -> Any:
    """The number of values as a tensor of an integer."""
    x = lifted(x)
    return named(OPS["prod"](shape(x) if is_symbolic(x) else set_static_sizes(x)), name)


def flatten(x: Any) -> Any:
    """All values in one dimension."""
    return reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    """(batch, ...) -> (batch, everything else in one dimension)."""
    return reshape(x, (-1, product(shape_of(x)[1:]) or prod_of_rest(x)))


def prod_of_rest(x: Any) -> Any:
    """The number of values of one sample, where it isn't known beforehand."""
    return OPS["prod"](shape(x)[1:])


@op
def expand_dims(x: Tensor, axis=-1):
    """A new dimension of size 1 at `axis`."""
    rank = len(shape_of(x)) + 1
    axis = axis_of(axis, rank, "expand_dims")
    sizes = list(shape_of(x))
    sizes.insert(axis, 1)
    return Spec(tuple(sizes), dtype_of(x), axis=axis)


@gradient(expand_dims)
def _(g, y, x, axis):
    return squeeze(g, axis)


@op
def squeeze(x: Tensor, axis):
    """The dimension `axis`, of size 1, is left out."""
    sizes = shape_of(x)
    axis = axis_of(axis, len(sizes), "squeeze")
    if sizes[axis] not in (1, None):
        raise ValueError(f"squeeze: axis {axis} of shape {tuple(sizes)} has not size 1.")
    return Spec(sizes[:axis] + sizes[axis + 1 :], dtype_of(x), axis=axis)


@gradient(squeeze)
def _(g, y, x, axis):
    return expand_dims(g, axis)


@op(name="transpose")
def _transpose(x: Tensor, pattern):
    sizes = shape_of(x)
    if sorted(pattern) != list(range(len(sizes))):
        raise ValueError(f"permute_dimensions: {tuple(pattern)} is no order of {len(sizes)} axes.")
    return Spec(tuple(sizes[i] for i in pattern), dtype_of(x), pattern=tuple(pattern))


@gradient(_transpose)
def _(g, y, x, pattern):
    back = [0] * len(pattern)
    for i, j in enumerate(pattern):
        back[j] = i
    return permute_dimensions(g, back)


def permute_dimensions(x: Any, pattern: Sequence[int]) -> Any:
    """The axes in another order."""
    rank = len(shape_of(x))
    order = tuple(axis_of(i, rank, "permute_dimensions") for i in pattern)
    return x if order == tuple(range(rank)) and is_symbolic(x) else _transpose(x, order)


@exposed
def transpose(x: Any) -> Any:
    """The axes in reverse order."""
    return permute_dimensions(x, tuple(reversed(range(len(shape_of(x))))))


@op(name="concatenate")
def _concatenate(tensors: Tensors, axis):
    shapes = [shape_of(t) for t in tensors]
    sizes: list[int | None] = list(shapes[0])
    if any(len(s) != len(sizes) for s in shapes):
        raise ValueError(f"concatenate: ranks differ in {[tuple(s) for s in shapes]}.")
    for i in range(len(sizes)):
        given = [s[i] for s in shapes]
        if i == axis:
            sizes[i] = None if None in given else sum(given)  # type: ignore[arg-type]
            continue
        known = {s for s in given if s is not None}
        if len(known) > 1:
            raise ValueError(
                f"concatenate: shapes {[tuple(s) for s in shapes]} differ outside of axis {axis}."
            )
        sizes[i] = known.pop() if known else None
    return Spec(tuple(sizes), promoted(*tensors), axis=axis)


@gradient(_concatenate)
def _(g, y, *tensors, axis):
    sizes = [shape_of(t)[axis] for t in tensors]
    if None not in sizes:
        return split(g, sizes, axis)
    return split_like(g, list(tensors), axis)


@exposed
def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """Tensors joined along an axis."""
    if not tensors:
        raise ValueError("concatenate: got no tensors.")
    return _concatenate(list(tensors), axis_of(axis, len(shape_of(tensors[0])), "concatenate"))


@op
def split(x: Tensor, sizes, axis):
    """`x` cut along an axis into parts of the given sizes."""
    whole = shape_of(x)
    parts = [(*whole[:axis], size, *whole[axis + 1 :]) for size in sizes]
    return [Spec(part, dtype_of(x), sizes=tuple(sizes), axis=axis) for part in parts]


@gradient(split)
def _(g, y, x, sizes, axis):
    return _concatenate(_given(g, y), axis)


@op
def split_like(x: Tensor, like: Tensors, axis):
    """`x` cut along an axis into parts as long as the tensors `like`."""
    return [Spec(shape_of(part), dtype_of(x), axis=axis) for part in like]


@gradient(split_like)
def _(g, y, x, *like, axis):
    return (_concatenate(_given(g, y), axis), *(None for _ in like))


def _given(g: Sequence[Any], y: Sequence[Any]) -> list[Any]:
    """Gradients of several outputs, zeros for outputs that nothing used."""
    return [OPS["zeros_like"](t) if d is None else d for d, t in zip(g, y, strict=True)]


@op(name="stack")
def _stack(tensors: Tensors, axis):
    sizes = list(broadcast(*(shape_of(t) for t in tensors), who="stack"))
    axis = axis_of(axis, len(sizes) + 1, "stack")
    sizes.insert(axis, len(tensors))
    return Spec(tuple(sizes), promoted(*tensors), axis=axis)


@gradient(_stack)
def _(g, y, *tensors, axis):
    return unstack(g, len(tensors), axis)


@exposed
def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """Tensors of one shape joined along a new axis."""
    return _stack(list(x), axis)


@op
def unstack(x: Tensor, count, axis=0):
    """The `count` slices along an axis, one by one."""
    sizes = shape_of(x)
    rest = sizes[:axis] + sizes[axis + 1 :]
    return [Spec(rest, dtype_of(x), count=count, axis=axis) for _ in range(count)]


@gradient(unstack)
def _(g, y, x, count, axis):
    return _stack(_given(g, y), axis)


@op(name="tile", host=True)
def _tile(x: Tensor, sizes: Tensors, repeats):
    have = shape_of(x)
    shape = tuple(
        None if s is None or r is None else s * r for s, r in zip(have, repeats, strict=True)
    )
    return Spec(shape, dtype_of(x), repeats=tuple(repeats))


@gradient(_tile)
def _(g, y, x, *sizes, repeats):
    folded: list[Any] = []
    own = [s if s is not None else shape(x)[i] for i, s in enumerate(shape_of(x))]
    given = iter(sizes)
    for repeat, size in zip(repeats, own, strict=True):
        folded += [next(given) if repeat is None else repeat, size]
    summed = OPS["sum"](reshape(g, folded), tuple(range(0, len(folded), 2)))
    return (summed, *(None for _ in sizes))


@exposed
def tile(x: Any, n: Any) -> Any:
    """`x` repeated `n[i]` times along axis i (one number: along the last axis)."""
    rank = len(shape_of(x))
    repeats, moving = sizes_of((n,) if isinstance(n, int) else n)
    return _tile(x, moving, (1,) * (rank - len(repeats)) + repeats)


@op
def repeat_elements(x: Tensor, rep, axis):
    """Each slice along an axis `rep` times in a row."""
    sizes = list(shape_of(x))
    axis = axis_of(axis, len(sizes), "repeat_elements")
    size = sizes[axis]
    sizes[axis] = None if size is None else size * int(rep)
    return Spec(tuple(sizes), dtype_of(x), rep=int(rep), axis=axis)


@gradient(repeat_elements)
def _(g, y, x, rep, axis):
    sizes = [s if s is not None else shape(x)[i] for i, s in enumerate(shape_of(x))]
    return OPS["sum"](reshape(g, [*sizes[: axis + 1], rep, *sizes[axis + 1 :]]), axis + 1)


def repeat(x: Any, n: int) -> Any:
    """(batch, dim) -> (batch, n, dim): each sample `n` times."""
    if len(shape_of(x)) != 2:
        raise ValueError(
            f"repeat needs a tensor with 2 dimensions, got shape {tuple(shape_of(x))}."
        )
    return tile(expand_dims(x, 1), (1, n, 1))


@op(name="reverse")
def _reverse(x: Tensor, axes):
    return Spec(shape_of(x), dtype_of(x), axes=axes)


@gradient(_reverse)
def _(g, y, x, axes):
    return _reverse(g, axes)


@exposed
def reverse(x: Any, axes: Any) -> Any:
    """The order of values turned round along the axes."""
    return _reverse(x, axes_of(axes, len(shape_of(x)), "reverse"))


@op
def pad(x: Tensor, padding, value=0.0):
    """`padding[i] = (before, after)` copies of a value around axis i."""
    sizes = tuple(
        None if s is None else s + before + after
        for s, (before, after) in zip(shape_of(x), padding, strict=True)
    )
    return Spec(sizes, dtype_of(x), padding=tuple(tuple(p) for p in padding), value=value)


@gradient(pad)
def _(g, y, x, padding, value):
    return g[tuple(slice(before, -after or None) for before, after in padding)]


def set_static_sizes(x: Any) -> Any:
    """The symbolic shape of `x`, which remembers the sizes that are known already."""
    x = lifted(x)
    if not is_symbolic(x):
        return engine().array(shape_now(x), "int32")
    made = shape(x)
    made.static_sizes = tuple(x.shape)
    return made


def shape_now(x: Any) -> list[int]:
    """The shape of an array."""
    return [int(s) for s in x.shape]


def sizes_like(x: Any, sizes: Sequence[int | None], axes: Sequence[int] | None = None) -> list[Any]:
    """Sizes for a reshape: those known as numbers, the others read from `x` when it is there.

    `axes` says which axes of `x` the sizes are (by default its first ones, in order).
    """
    numbers = range(len(sizes)) if axes is None else axes
    return [
        size if size is not None else shape(x)[axis]
        for size, axis in zip(sizes, numbers, strict=True)
    ]

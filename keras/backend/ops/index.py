"""Picking values: slices, rows by number, one-hot rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from ..graph.dtypes import dtype_of, is_float
from ..graph.gradients import shaped
from ..graph.op import blocked, composed, constant, exposed, gradient, is_symbolic, op
from ..graph.runtime import is_engine_array
from ..graph.shapes import axis_of, shape_of
from ..graph.tensor import Spec, Tensor, Tensors, lifted
from .arrange import squeeze
from .elementwise import cast
from .reduce import max as greatest, sum as total
from .truth import greater, isfinite, less, logical_and, where


@op(name="getitem", host=True)
def _getitem(x: Tensor, moving: Tensors, key):
    return Spec(_sliced(shape_of(x), key), dtype_of(x), key=key)


@gradient(_getitem)
def _(g, y, x, *moving, key):
    return (put_slice(shaped(g, y), x, list(moving), key), *(None for _ in moving))


@op(host=True)
def put_slice(g: Tensor, like: Tensor, moving: Tensors, key):
    """Zeros in the shape of `like`, with `g` where the slice was taken."""
    return Spec(shape_of(like), dtype_of(g), key=key)


@gradient(put_slice)
def _(g, y, part, like, *moving, key):
    return (_getitem(g, list(moving), key), None, *(None for _ in moving))


class Cut:
    """A slice with `None` for bounds that are computed: hashable, unlike Python's own before
    3.12."""

    __slots__ = ("start", "step", "stop")

    def __init__(self, start: Any, stop: Any, step: Any) -> None:
        self.start, self.stop, self.step = start, stop, step

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cut) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def parts(self) -> tuple[Any, Any, Any]:
        """Start, stop and step."""
        return self.start, self.stop, self.step

    def __repr__(self) -> str:
        return f"Cut{self.parts()}"


MOVING = "moving"  # stands in a key for a number that is computed


@exposed
def getitem(x: Any, key: Any) -> Any:
    """`x[key]`: numbers, slices with steps, `...`, new axes; numbers may be tensors."""
    parts = list(key) if isinstance(key, tuple) else [key]
    masks = [p for p in parts if _is_list(p)]
    if masks:
        return _by_rows(x, parts)
    rank = len(shape_of(x))
    used = sum(p is not None and p is not Ellipsis for p in parts)
    if used > rank:
        raise IndexError(f"{used} indices for a tensor of shape {tuple(shape_of(x))}.")
    if Ellipsis in [p if p is Ellipsis else 0 for p in parts]:
        at = next(i for i, p in enumerate(parts) if p is Ellipsis)
        parts[at : at + 1] = [slice(None)] * (rank - used)
    else:
        parts += [slice(None)] * (rank - used)
    if all(isinstance(p, slice) and p == slice(None) for p in parts) and is_symbolic(x):
        return x
    moving: list[Any] = []
    settled = tuple(_part(p, moving) for p in parts)
    return _getitem(x, moving, settled)


def _is_list(part: Any) -> bool:
    if isinstance(part, (list, np.ndarray)):
        return np.ndim(part) > 0
    return is_symbolic(part) and part.ndim > 0


def _by_rows(x: Any, parts: list[Any]) -> Any:
    before = sum(p is not None for p in parts[:-1])
    if len([p for p in parts if _is_list(p)]) > 1 or any(p != slice(None) for p in parts[:-1]):
        raise IndexError(
            "One list of row numbers, after full slices, is what symbolic indexing takes."
        )
    return gather_along(x, parts[-1], before)


def _part(part: Any, moving: list[Any]) -> Any:
    if part is None or isinstance(part, bool):
        return None
    if isinstance(part, slice):
        return Cut(*(_number(b, moving) for b in (part.start, part.stop, part.step)))
    return _number(part, moving)


def _number(value: Any, moving: list[Any]) -> Any:
    if is_symbolic(value):
        moving.append(value)
        return MOVING
    return None if value is None else int(value)


def real_key(key: Sequence[Any], moving: Sequence[Any]) -> tuple[Any, ...]:
    """The key as numpy and the engines take it, computed numbers in their places."""
    given = iter(moving)

    def number(value: Any) -> Any:
        return int(next(given)) if value == MOVING else value

    return tuple(
        slice(number(p.start), number(p.stop), number(p.step)) if isinstance(p, Cut) else number(p)
        for p in key
    )


def _sliced(sizes: Sequence[int | None], key: Sequence[Any]) -> tuple[int | None, ...]:
    result: list[int | None] = []
    axis = 0
    for part in key:
        if part is None:
            result.append(1)
            continue
        size = sizes[axis]
        axis += 1
        if not isinstance(part, Cut):
            if isinstance(part, int) and size is not None and not -size <= part < size:
                raise IndexError(
                    f"Index {part} is out of range for axis {axis - 1} of size {size}."
                )
            continue
        result.append(_cut_size(size, part))
    return tuple(result)


def _cut_size(size: int | None, cut: Cut) -> int | None:
    parts = (cut.start, cut.stop, cut.step)
    if MOVING in parts:
        return None
    if size is not None:
        return len(range(*slice(*parts).indices(size)))
    if parts == (None, None, None) or parts == (None, None, -1):
        return None
    return None


def slice_(x: Any, start: Any, size: Any) -> Any:
    """The part of `x` that begins at `start` and has the given size (-1: up to the end)."""
    starts = list(start) if not is_symbolic(start) else [start[i] for i in range(start.shape[0])]
    sizes = list(size) if not is_symbolic(size) else [size[i] for i in range(size.shape[0])]
    if len(starts) != len(shape_of(x)) or len(sizes) != len(starts):
        raise ValueError(
            f"slice: {len(starts)} starts and {len(sizes)} sizes for shape {tuple(shape_of(x))}."
        )
    ends = [
        None if not is_symbolic(n) and n == -1 else s + n
        for s, n in zip(starts, sizes, strict=True)
    ]
    return getitem(x, tuple(slice(s, e) for s, e in zip(starts, ends, strict=True)))


@op
def take(reference: Tensor, indices: Tensor, axis=0):
    """Slices of `reference` along an axis, by number."""
    sizes = shape_of(reference)
    shape = sizes[:axis] + tuple(shape_of(indices)) + sizes[axis + 1 :]
    return Spec(shape, dtype_of(reference), axis=axis)


@gradient(take)
def _(g, y, reference, indices, axis):
    return put_rows(shaped(g, y), indices, reference, axis), None


@op
def put_rows(g: Tensor, indices: Tensor, like: Tensor, axis=0):
    """Zeros in the shape of `like`; each slice of `g` is added at its number."""
    return Spec(shape_of(like), dtype_of(g), axis=axis)


@gradient(put_rows)
def _(g, y, rows, indices, like, axis):
    return take(g, indices, axis), None, None


def gather(reference: Any, indices: Any) -> Any:
    """Rows of `reference`, by number: indices (...), reference (n, ...) -> (..., ...)."""
    return gather_along(reference, indices, 0)


def gather_along(reference: Any, indices: Any, axis: int) -> Any:
    """Slices of `reference` along an axis, by number."""
    reference, indices = lifted(reference), lifted(indices)
    if not is_symbolic(indices) and not is_engine_array(indices):
        indices = np.asarray(indices)
    if is_symbolic(reference) and not is_symbolic(indices):
        indices = constant(indices, "int64")
    if is_float(dtype_of(indices)):
        indices = cast(indices, "int32")
    return take(reference, indices, axis_of(axis, len(shape_of(reference)), "gather"))


@op(name="one_hot")
def _one_hot(indices: Tensor, num_classes, dtype):
    return Spec((*shape_of(indices), num_classes), dtype, num_classes=num_classes, dtype=dtype)


blocked(_one_hot)


@exposed
def one_hot(indices: Any, num_classes: int) -> Any:
    """(...) of class numbers -> (..., num_classes) of zeros and a one."""
    return _one_hot(indices, int(num_classes), config.floatx())


@composed
def in_top_k(predictions: Tensor, targets: Tensor, k: int) -> Any:
    """For each row of (batch, classes): is the value of the target class among the `k` greatest?

    Equal values share their rank. A value that is no finite number never is.
    """
    classes = shape_of(predictions)[-1]
    if classes is None:
        raise ValueError(
            f"in_top_k needs a known number of classes, got shape {tuple(shape_of(predictions))}."
        )
    hot = cast(one_hot(targets, classes), "bool")
    value = greatest(where(hot, predictions, -np.inf), -1, True)
    rivals = total(cast(greater(predictions, value), "int32"), -1)
    return logical_and(less(rivals, int(k)), isfinite(squeeze(value, -1)))

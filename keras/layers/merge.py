"""Layers that make one tensor of several, and the same as functions."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from .. import backend as K
from ..backend.graph.shapes import broadcast
from .base import Layer
from .base.fields import Whole


class _Merge(Layer):
    """The base of layers of several inputs; a layer of your own has `_merge_function(inputs)`.

    Inputs of fewer dimensions are stretched to the others as numpy does, the batch aside:
    (batch, 4, 2) and (batch, 2) fit together.
    """

    supports_masking = True

    def _merge_function(self, inputs: list[Any]) -> Any:
        raise NotImplementedError(
            f"`{type(self).__name__}` needs a method `_merge_function(inputs)`."
        )

    def _who(self) -> str:
        return f"{type(self).__name__} `{self.name}`"

    def _listed(self, shapes: Any, count: int | None = None) -> list[tuple[int | None, ...]]:
        """The shapes of the inputs, if there are as many as the layer needs."""
        several = isinstance(shapes, list) and all(isinstance(s, (list, tuple)) for s in shapes)
        if not several or (len(shapes) != count if count else len(shapes) < 2):
            needed = f"exactly {count}" if count else "at least 2"
            raise ValueError(
                f"{self._who()} needs a list of {needed} tensors, got "
                f"{f'{len(shapes)} of shapes {shapes}' if several else f'one of shape {shapes}'}."
            )
        return [tuple(s) for s in shapes]

    def build(self, input_shape: Any) -> None:
        shapes = self._listed(input_shape)
        batches = {s[0] for s in shapes} - {None}
        if len(batches) > 1:
            raise ValueError(
                f"{self._who()} needs inputs of one batch size, got {sorted(batches)} in {shapes}."  # type: ignore[type-var]  # None was taken out
            )
        self._check_shapes(shapes)
        self.built = True

    def _check_shapes(self, shapes: list[tuple[int | None, ...]]) -> None:
        """Raise if inputs of these shapes don't fit together."""
        self.compute_output_shape(shapes)

    def call(self, inputs: Any) -> Any:
        self._listed(
            [K.int_shape(x) for x in inputs] if isinstance(inputs, list) else K.int_shape(inputs)
        )
        rank = max(K.ndim(x) for x in inputs)
        return self._merge_function([_of_rank(x, rank) for x in inputs])

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = self._listed(input_shape)
        batches = {s[0] for s in shapes} - {None}
        try:
            rest = broadcast(*(s[1:] for s in shapes))
        except ValueError as error:
            raise ValueError(
                f"{self._who()}: shapes {shapes} don't fit together: apart from the batch, sizes "
                "must be equal or 1."
            ) from error
        return (batches.pop() if len(batches) == 1 else None, *rest)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where all inputs that have a mask have it set."""
        self._check_masks(inputs, mask)
        return _all_of([m for m in mask or () if m is not None])

    def _check_masks(self, inputs: Any, mask: Any) -> None:
        if mask is None:
            return
        if not isinstance(mask, list) or not isinstance(inputs, list) or len(mask) != len(inputs):
            raise ValueError(
                f"{self._who()} needs a list of masks, one for each of its inputs (None where "
                f"there is none), got {mask!r}."
            )


def _of_rank(x: Any, rank: int) -> Any:
    """`x` with dimensions of size 1 behind the batch, as many as it lacks."""
    for _ in range(rank - K.ndim(x)):
        x = K.expand_dims(x, 1)
    return x


def _all_of(masks: Sequence[Any]) -> Any:
    result = None
    for mask in masks:
        mask = mask if mask.dtype == "bool" else K.cast(mask, "bool")
        result = mask if result is None else K.logical_and(result, mask)
    return result


class Add(_Merge):
    """`a + b + ...`."""

    def _merge_function(self, inputs: list[Any]) -> Any:
        total = inputs[0]
        for x in inputs[1:]:
            total = total + x
        return total


class Subtract(_Merge):
    """`a - b`, of two inputs."""

    def build(self, input_shape: Any) -> None:
        self._listed(input_shape, 2)
        super().build(input_shape)

    def _merge_function(self, inputs: list[Any]) -> Any:
        return inputs[0] - inputs[1]


class Multiply(_Merge):
    """`a * b * ...`, elementwise."""

    def _merge_function(self, inputs: list[Any]) -> Any:
        total = inputs[0]
        for x in inputs[1:]:
            total = total * x
        return total


class Average(Add):
    """`(a + b + ...) / count`."""

    def _merge_function(self, inputs: list[Any]) -> Any:
        return super()._merge_function(inputs) / len(inputs)


class Maximum(_Merge):
    """The greatest, elementwise."""

    def _merge_function(self, inputs: list[Any]) -> Any:
        total = inputs[0]
        for x in inputs[1:]:
            total = K.maximum(total, x)
        return total


class Minimum(_Merge):
    """The least, elementwise."""

    def _merge_function(self, inputs: list[Any]) -> Any:
        total = inputs[0]
        for x in inputs[1:]:
            total = K.minimum(total, x)
        return total


class Concatenate(_Merge):
    """The inputs one after the other along `axis`; all other sizes must be equal.

    >>> Concatenate().compute_output_shape([(None, 3, 4), (None, 3, 2)])
    (None, 3, 6)
    """

    axis: Whole = -1

    def call(self, inputs: Any) -> Any:
        return K.concatenate(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = self._listed(input_shape)
        rank = len(shapes[0])
        if any(len(s) != rank for s in shapes) or not -rank <= self.axis < rank:
            raise ValueError(
                f"{self._who()} needs inputs of one rank, in which there is an axis {self.axis}; "
                f"got {shapes}."
            )
        axis = self.axis % rank
        result: list[int | None] = []
        for i, sizes in enumerate(zip(*shapes, strict=True)):
            known = {size for size in sizes if size is not None}
            if i == axis:
                result.append(None if None in sizes else sum(size or 0 for size in sizes))
            elif len(known) > 1:
                raise ValueError(
                    f"{self._who()} needs inputs that differ along axis {self.axis} only, got "
                    f"{shapes}."
                )
            else:
                result.append(known.pop() if known else None)
        return tuple(result)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks one after the other if `axis` is one of theirs; else where all are set."""
        self._check_masks(inputs, mask)
        given = [m for m in mask or () if m is not None]
        if not given:
            return None
        rank, axis = K.ndim(given[0]), self.axis % K.ndim(inputs[0])
        if axis >= rank:
            return _all_of(given)
        whole = [_ones(x, rank) if m is None else m for x, m in zip(inputs, mask, strict=True)]
        return K.concatenate(whole, axis=axis)


def _ones(x: Any, rank: int) -> Any:
    """A mask for an input that has none: true for each of its first `rank` dimensions."""
    for _ in range(K.ndim(x) - rank):
        x = x[..., 0]
    return K.ones_like(x, dtype="bool")


class Dot(_Merge):
    """For each sample, the product of two inputs summed over an axis of each.

    `axes`: one axis for both, or one for each. With `normalize` the vectors along these axes have
    length 1 before, and the result is their cosine.

    >>> Dot((2, 1)).compute_output_shape([(None, 5, 3), (None, 3, 7)])
    (None, 5, 7)
    """

    axes: Any
    normalize: bool = False

    def __post_init__(self) -> None:
        both = isinstance(self.axes, (list, tuple))
        try:
            found = tuple(map(operator.index, self.axes if both else [self.axes]))
        except TypeError:
            found = ()
        if len(found) != 1 + both:
            raise TypeError(
                f"`Dot` needs `axes`: one axis, or two (one of each input); got {self.axes!r}."
            )
        self.axes = found if both else found[0]

    def _pair(self, shapes: Sequence[Sequence[int | None]]) -> tuple[int, int]:
        """The axis of each input, counted from the front."""
        given = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        for axis, shape in zip(given, shapes, strict=True):
            if not -len(shape) < axis < len(shape) or axis == 0:
                raise ValueError(
                    f"{self._who()}: `axes` {self.axes} don't fit inputs of shapes {list(shapes)}; "
                    "axis 0 is the batch."
                )
        return given[0] % len(shapes[0]), given[1] % len(shapes[1])

    def call(self, inputs: Any) -> Any:
        pair = self._pair([K.int_shape(x) for x in inputs])
        if self.normalize:
            inputs = [K.l2_normalize(x, axis=a) for x, a in zip(inputs, pair, strict=True)]
        return K.batch_dot(inputs[0], inputs[1], axes=pair)

    def compute_output_shape(self, input_shape: Any) -> Any:
        first, second = shapes = self._listed(input_shape, 2)
        a, b = self._pair(shapes)
        if None not in (first[a], second[b]) and first[a] != second[b]:
            raise ValueError(
                f"{self._who()} sums over axis {a} of {first} and axis {b} of {second}, which must "
                "be of equal size."
            )
        batch = first[0] if first[0] is not None else second[0]
        rest = (*first[1:a], *first[a + 1 :], *second[1:b], *second[b + 1 :])
        return (batch, *(rest or (1,)))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`a + b + ...`: an `Add` layer, called."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`a - b`: a `Subtract` layer, called."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`a * b * ...`: a `Multiply` layer, called."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`(a + b + ...) / count`: an `Average` layer, called."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The greatest, elementwise: a `Maximum` layer, called."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The least, elementwise: a `Minimum` layer, called."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """The inputs one after the other along `axis`: a `Concatenate` layer, called."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(
    inputs: Sequence[Any], axes: int | Sequence[int], normalize: bool = False, **kwargs: Any
) -> Any:
    """Products summed over `axes`: a `Dot` layer, called."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)

"""What a layer expects of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ... import backend as K


class InputSpec:
    """Rank, shape and dtype that an input must have; `axes` maps an axis to its size."""

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = dict(axes or {})

    def __repr__(self) -> str:
        given = {k: v for k, v in vars(self).items() if v not in (None, {})}
        return f"InputSpec({', '.join(f'{k}={v!r}' for k, v in given.items())})"

    def problem(self, shape: Sequence[int | None], dtype: str) -> str | None:
        """What is wrong with an input of this shape and dtype; `None` if nothing is."""
        rank = len(shape)
        if self.ndim is not None and rank != self.ndim:
            return f"needs {_inputs(self.ndim)}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"needs input with at most {self.max_ndim} dimension(s)"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"needs input with at least {self.min_ndim} dimensions"
        if self.dtype is not None and dtype != self.dtype:
            return f"needs input of dtype {self.dtype} (it has {dtype})"
        for axis, size in self.axes.items():
            if size is not None and shape[int(axis)] not in (size, None):
                return f"needs size {size} along axis {axis} of its input"
        for expected, size in zip(self.shape or (), shape, strict=False):
            if expected is not None and size is not None and expected != size:
                return f"needs input of shape {self.shape}"
        return None


def _inputs(rank: int) -> str:
    names = {2: "(batch, n)", 3: "(batch, time, n)", 4: "(batch, rows, columns, channels)"}
    return f"input with {rank} dimensions" + (f", such as {names[rank]}" if rank in names else "")


def check_inputs(layer: Any, inputs: Sequence[Any], specs: Any) -> None:
    """Raise if the inputs aren't what the layer's `input_spec` says."""
    who = f"{type(layer).__name__} `{layer.name}`"
    for x in inputs:
        if not K.is_tensor(x):
            raise ValueError(
                f"{who} was called with {_what(x)}; layers are called on symbolic tensors, such as "
                "`Input(shape)` or what another layer returned. `model.predict` takes arrays."
            )
    if specs is None:
        return
    listed = specs if isinstance(specs, (list, tuple)) else [specs]
    if len(inputs) != len(listed):
        raise ValueError(
            f"{who} takes {len(listed)} input tensor(s), got {len(inputs)}: "
            f"{', '.join(f'{x.name} {K.int_shape(x)}' for x in inputs)}. "
            "`concatenate` or `add` makes one of several."
        )
    for x, spec in zip(inputs, listed, strict=True):
        problem = spec.problem(K.int_shape(x), x.dtype) if spec is not None else None
        if problem:
            raise ValueError(f"{who} {problem}, got shape {K.int_shape(x)} from `{x.name}`.")


def _what(x: Any) -> str:
    shape = getattr(x, "shape", None)
    return f"{type(x).__name__} of shape {tuple(shape)}" if shape is not None else f"{x!r}"

"""Rows of shapes, slices and picking."""

from __future__ import annotations

from typing import Any

import torch

from ...graph.runtime import current_device, engine
from ...ops.arrange import fill_in
from ...ops.index import real_key
from ..protocol import Prepared
from .elementwise import aten, dtype_named


def device() -> Any:
    return current_device() or engine().device  # type: ignore[attr-defined]  # the torch engine has one


def _reshape(inputs: Any, shape: tuple[Any, ...]) -> Any:
    if None in shape:
        return lambda x, *sizes: x.reshape(fill_in(shape, sizes))
    if len(inputs) > 1:
        return lambda x, *sizes: x.reshape(shape)
    return lambda x: x.reshape(shape)


def _full(inputs: Any, value: Any, shape: tuple[Any, ...], dtype: str) -> Any:
    wanted = dtype_named(dtype)
    if None in shape:
        return lambda *sizes: torch.full(
            fill_in(shape, sizes), value, dtype=wanted, device=device()
        )
    return lambda *sizes: torch.full(shape, value, dtype=wanted, device=device())


def _full_like(inputs: Any, value: Any, dtype: str) -> Any:
    wanted = dtype_named(dtype)
    return lambda x: torch.full_like(x, value, dtype=wanted, memory_format=torch.contiguous_format)


def _arange(inputs: Any, given: tuple[Any, ...], dtype: str) -> Any:
    wanted = dtype_named(dtype)

    def run(*sizes: Any) -> Any:
        moving = iter(sizes)
        bounds = [next(moving) if b is None else b for b in given]
        start, stop, step = (b.item() if hasattr(b, "item") else b for b in bounds)
        if (stop - start) * step < 0:  # numpy's empty range is an error to torch
            stop = start
        return torch.arange(start, stop, step, dtype=wanted, device=device())

    return run


def _sum_to_shape(x: Any, like: Any) -> Any:
    return x if x.shape == like.shape else x.sum_to_size(like.shape)


def _sliceable(x: Any, key: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Torch takes no negative steps: such axes are turned round first."""
    turned = []
    parts = list(key)
    axis = 0
    for i, part in enumerate(parts):
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            size = x.shape[axis]
            steps = range(size)[part]
            turned.append(axis)
            first = size - 1 - steps.start if len(steps) else 0
            last = size - steps[-1] if len(steps) else 0
            parts[i] = slice(first, last, -part.step)
        axis += part is not None
    return (torch.flip(x, turned) if turned else x), tuple(parts)


def _getitem(inputs: Any, key: tuple[Any, ...]) -> Any:
    whole = real_key(key, [0] * len(inputs))
    backwards = any(isinstance(p, slice) and (p.step or 1) < 0 for p in whole)
    if len(inputs) == 1 and not backwards:
        fixed = whole if len(whole) != 1 else whole[0]
        return lambda x: x[fixed]

    def run(x: Any, *moving: Any) -> Any:
        turned, parts = _sliceable(x, real_key(key, moving))
        return turned[parts]

    return run


def _put_slice(g: Any, like: Any, *moving: Any, key: tuple[Any, ...]) -> Any:
    made = torch.zeros(like.shape, dtype=g.dtype, device=g.device)
    whole = real_key(key, moving)
    if any(isinstance(p, slice) and (p.step or 1) < 0 for p in whole):
        numbers = torch.arange(made.numel(), device=g.device).reshape(made.shape)
        turned, parts = _sliceable(numbers, whole)
        return made.reshape(-1).index_put_((turned[parts],), g).reshape(made.shape)
    made[whole] = g
    return made


def _take(inputs: Any, axis: int) -> Any:
    if axis == 0 and len(inputs[0].shape) == 2:
        return lambda x, i: torch.embedding(
            x, i if i.dtype in (torch.int32, torch.int64) else i.long()
        )

    def run(x: Any, i: Any) -> Any:
        if i.dim() == 1:
            return torch.index_select(
                x, axis, i if i.dtype in (torch.int32, torch.int64) else i.long()
            )
        made = torch.index_select(x, axis, i.reshape(-1).long())
        return made.reshape(x.shape[:axis] + i.shape + x.shape[axis + 1 :])

    return run


def _put_rows(inputs: Any, axis: int) -> Any:
    if axis == 0 and len(inputs[2].shape) == 2:
        backward = aten.embedding_dense_backward.default
        return lambda g, i, like: backward(
            g, i.long() if i.dtype is not torch.int32 else i, like.shape[0], -1, False
        )

    def run(g: Any, i: Any, like: Any) -> Any:
        made = torch.zeros(like.shape, dtype=g.dtype, device=g.device)
        flat = g.reshape(*like.shape[:axis], -1, *like.shape[axis + 1 :])
        return made.index_add_(axis, i.reshape(-1).long(), flat)

    return run


def _pad(inputs: Any, padding: tuple[tuple[int, int], ...], value: float) -> Any:
    flat = [n for pair in reversed(padding) for n in pair]
    return lambda x: torch.nn.functional.pad(x, flat, value=value)


def _tile(inputs: Any, repeats: tuple[Any, ...]) -> Any:
    if None in repeats:
        return lambda x, *sizes: x.repeat(fill_in(repeats, sizes))
    return lambda x, *sizes: x.repeat(repeats)


def _one_hot(inputs: Any, num_classes: int, dtype: str) -> Any:
    wanted = dtype_named(dtype)

    def run(indices: Any) -> Any:
        classes = torch.arange(num_classes, device=indices.device, dtype=indices.dtype)
        return (indices.unsqueeze(-1) == classes).to(wanted)

    return run


def _alike(xs: Any) -> Any:
    broadcast: Any = torch.broadcast_tensors
    return broadcast(*xs)


TABLE: dict[str, Any] = {
    "reshape": Prepared(_reshape),
    "reshape_as": lambda x, like: x.reshape(like.shape),
    "sum_to_shape": _sum_to_shape,
    "stretch_to": lambda x, like: x.expand(like.shape),
    "expand_dims": lambda x, axis: x.unsqueeze(axis),
    "squeeze": lambda x, axis: x.squeeze(axis),
    "transpose": lambda x, pattern: x.permute(pattern),
    "concatenate": lambda *xs, axis: torch.cat(xs, axis),
    "split": lambda x, sizes, axis: torch.split(x, sizes, axis),
    "split_like": lambda x, *like, axis: torch.split(x, [t.shape[axis] for t in like], axis),
    "stack": lambda *xs, axis: torch.stack(_alike(xs), axis),
    "unstack": lambda x, count, axis: torch.unbind(x, axis),
    "tile": Prepared(_tile),
    "repeat_elements": lambda x, rep, axis: torch.repeat_interleave(x, rep, axis),
    "reverse": lambda x, axes: torch.flip(x, axes),
    "pad": Prepared(_pad),
    "full": Prepared(_full),
    "full_like": Prepared(_full_like),
    "arange": Prepared(_arange),
    "getitem": Prepared(_getitem),
    "put_slice": _put_slice,
    "take": Prepared(_take),
    "put_rows": Prepared(_put_rows),
    "one_hot": Prepared(_one_hot),
}

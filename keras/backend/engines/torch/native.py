"""What torch's own functions make of symbolic tensors, found out on its meta device."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ...graph.dtypes import name_of
from .elementwise import dtype_named

TRIALS = (12, 24)  # sizes that stand for an unknown one: what differs between them is unknown after

Results = list[tuple[tuple[int | None, ...], str]]


def describe(
    function: Callable[..., Any], tensors: Sequence[Any]
) -> tuple[Results, Callable[..., Any]]:
    """The shapes and dtypes of the results, and what puts the results into their structure."""
    first, second = (_tried(function, tensors, size) for size in TRIALS)
    parts = list(first) if isinstance(first, (list, tuple)) else [first]
    others = list(second) if isinstance(second, (list, tuple)) else [second]
    results: Results = []
    for a, b in zip(parts, others, strict=True):
        if not torch.is_tensor(a):
            raise TypeError(
                f"`{_name(function)}` of a symbolic tensor returns {type(a).__name__}, not tensors."
            )
        shape = tuple(p if p == q else None for p, q in zip(a.shape, b.shape, strict=True))
        results.append((shape, name_of(a.dtype)))
    return results, _rebuilder(first)


def _tried(function: Callable[..., Any], tensors: Sequence[Any], size: int) -> Any:
    shapes = [[size if s is None else s for s in t.shape] for t in tensors]
    dtypes = [dtype_named(t.dtype) for t in tensors]
    pairs = list(zip(shapes, dtypes, strict=True))
    with torch.no_grad():
        try:
            return function(*[torch.empty(s, dtype=d, device="meta") for s, d in pairs])
        except (NotImplementedError, RuntimeError):  # it needs numbers, or mixes in real arrays
            return function(*[torch.ones(s, dtype=d) for s, d in pairs])


def _rebuilder(made: Any) -> Callable[..., Any]:
    if isinstance(made, list):
        return list
    names = getattr(made, "__match_args__", ())  # torch's named results, such as those of torch.max
    if names:
        title = type(made).__name__.rpartition(".")[2]
        kind: Any = namedtuple(title, names)  # type: ignore[misc]  # torch's names, found while running
        return lambda results: kind(*results)
    if isinstance(made, tuple):
        return tuple
    return lambda results: results[0]


def _name(function: Any) -> str:
    return str(getattr(function.args[0], "__name__", function.args[0]))


TABLE: dict[str, Any] = {"native": lambda *arrays, function: function(*arrays)}

"""Rows on lists of arrays: torch's `_foreach` kernels, a handful of calls for a whole model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _commuting(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function(x, y) if _is_list(x) else function(y, x)


def _subtract(x: Any, y: Any) -> Any:
    if _is_list(x):
        return (
            torch._foreach_sub(x, y)
            if _is_list(y) or not torch.is_tensor(y)
            else [a - y for a in x]
        )
    return [x - b for b in y]


def _divide(x: Any, y: Any) -> Any:
    return torch._foreach_div(x, y) if _is_list(x) else [x / b for b in y]


def _square(x: Any) -> Any:
    return torch._foreach_mul(x, x)


def _extreme(function: Callable[..., Any], single: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, y: Any) -> Any:
        first, second = (x, y) if _is_list(x) else (y, x)
        if torch.is_tensor(second):
            return [single(a, second) for a in first]
        return function(first, second)

    return run


TABLE: dict[str, Any] = {
    "add": _commuting(torch._foreach_add),
    "subtract": _subtract,
    "multiply": _commuting(torch._foreach_mul),
    "divide": _divide,
    "maximum": _extreme(torch._foreach_maximum, torch.maximum),
    "minimum": _extreme(torch._foreach_minimum, torch.minimum),
    "negative": torch._foreach_neg,
    "abs": torch._foreach_abs,
    "sqrt": torch._foreach_sqrt,
    "square": _square,
    "exp": torch._foreach_exp,
    "log": torch._foreach_log,
    "sign": torch._foreach_sign,
}

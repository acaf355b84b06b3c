"""Rows of optimizers' rules: torch's fused kernels, which pass over the memory once.

Rows come in pairs: as functions, and writing into the old values where `refine` finds that nobody
needs these any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import torch
from torch.autograd.graph import increment_version

Lists = tuple[list[Any], ...]
Row = Callable[..., Any]


def _alike(gradients: Sequence[Any], params: Sequence[Any]) -> list[Any]:
    """Gradients in the memory order of their parameters: the kernel looks at the memory alone."""
    return [
        g if g.stride() == p.stride() else torch.empty_like(p).copy_(g)
        for g, p in zip(gradients, params, strict=True)
    ]


def _written(*lists: Sequence[Any]) -> None:
    """Tell torch that these were overwritten: the fused kernel doesn't count up their versions, by
    which `Kept` knows that a weight has changed."""
    increment_version(list(chain(*lists)))


_done = torch.tensor(1e9)  # the number of a step at which all of Adam's corrections are over


def _rmsprop_(p: Any, g: Any, a: Any, lr: Any, rho: Any, *, epsilon: float) -> Lists:
    """RMSprop is Adam without corrections and without momentum: `m = 0 * m + g`, for which the
    gradient's own memory will do."""
    if p and p[0].dtype in (torch.float32, torch.float64):
        g = _alike(g, p)
        torch._fused_adam_(
            p, g, g, a, [], [_done] * len(p), lr=float(lr), beta1=0.0, beta2=float(rho),
            weight_decay=0.0, eps=epsilon, amsgrad=False, maximize=False,
        )  # fmt: skip
        _written(p, a)
        return p, a
    torch._foreach_mul_(a, float(rho))
    torch._foreach_addcmul_(a, g, g, value=1.0 - float(rho))
    size = torch._foreach_sqrt(a)
    torch._foreach_add_(size, epsilon)
    torch._foreach_addcdiv_(p, g, size, value=-float(lr))
    return p, a


def _adam_(
    p: Any, g: Any, m: Any, v: Any, lr: Any, beta_1: Any, beta_2: Any, t: Any, *, epsilon: float
) -> Lists:
    """Torch's Adam adds its epsilon after the correction of `v`, classic Keras before it."""
    step, first, second = float(t), float(beta_1), float(beta_2)
    root = math.sqrt(1.0 - second**step)
    if p and p[0].dtype in (torch.float32, torch.float64):
        g = _alike(g, p)
        torch._fused_adam_(
            p, g, m, v, [], [torch.tensor(step)] * len(p), lr=float(lr), beta1=first, beta2=second,
            weight_decay=0.0, eps=epsilon / root, amsgrad=False, maximize=False,
        )  # fmt: skip
        _written(p, m, v)
        return p, m, v
    torch._foreach_mul_(m, first)
    torch._foreach_add_(m, g, alpha=1.0 - first)
    torch._foreach_mul_(v, second)
    torch._foreach_addcmul_(v, g, g, value=1.0 - second)
    size = torch._foreach_sqrt(v)
    torch._foreach_add_(size, epsilon)
    torch._foreach_addcdiv_(p, m, size, value=-float(lr) * root / (1.0 - first**step))
    return p, m, v


LEAST_RATE = 1e-6  # from which `1 - (1 + rate)` is the rate, as far as `float32` tells


def _momentum_(p: Any, g: Any, v: Any, lr: Any, momentum: Any, *, nesterov: bool) -> Lists:
    """Torch's velocity is `momentum * v + (1 - dampening) * g`, and its parameters go against it by
    a rate: they go along ours at the rate -1."""
    rate, factor = float(lr), float(momentum)
    if p and factor and p[0].dtype in (torch.float32, torch.float64):
        g, dampening = _alike(g, p), 1.0 + rate
        if nesterov or p[0].dtype is torch.float64 or not rate >= LEAST_RATE:
            g, dampening = torch._foreach_mul(g, -rate), 0.0
        torch._fused_sgd_(
            p, g, v, weight_decay=0.0, momentum=factor, lr=-1.0, dampening=dampening,
            nesterov=nesterov, maximize=False, is_first_step=False,
        )  # fmt: skip
        _written(p, v)
        return p, v
    torch._foreach_mul_(v, factor)
    torch._foreach_add_(v, g, alpha=-rate)
    if nesterov:
        torch._foreach_add_(p, g, alpha=-rate)
    torch._foreach_add_(p, v, alpha=factor if nesterov else 1.0)
    return p, v


def _apart(row: Row, written: Sequence[int]) -> Row:
    """The row as a function: what it would overwrite is copied first."""

    def run(*inputs: Any, **settled: Any) -> Any:
        arrays = list(inputs)
        for i in written:
            arrays[i] = [x.clone() for x in arrays[i]]
        return row(*arrays, **settled)

    return run


# name -> the row that overwrites, and which inputs become which outputs
IN_PLACE: dict[str, tuple[Row, tuple[int, ...]]] = {
    "momentum_step": (_momentum_, (0, 2)),
    "rmsprop_step": (_rmsprop_, (0, 2)),
    "adam_step": (_adam_, (0, 2, 3)),
}
TABLE: dict[str, Row] = {name: _apart(row, written) for name, (row, written) in IN_PLACE.items()}

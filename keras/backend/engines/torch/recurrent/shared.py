"""What the recurrent kernels share. Arrays are time first inside: what leaves one layer enters the
next without a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

LARGE = 1e4  # added to what a gate gets, it makes a sigmoid exactly 0 or 1; float16 holds it


class Act(NamedTuple):
    """An activation in place, and its derivative in terms of its result."""

    apply: Callable[[Any], Any]
    slope: Callable[[Any], Any]


ACTS = {
    "hard_sigmoid": Act(
        lambda x: x.mul_(0.2).add_(0.5).clamp_(0.0, 1.0),
        lambda y: ((y > 0) & (y < 1)).to(y.dtype).mul_(0.2),
    ),
    "linear": Act(lambda x: x, torch.ones_like),
    "relu": Act(torch.relu_, lambda y: (y > 0).to(y.dtype)),
    "sigmoid": Act(torch.sigmoid_, lambda y: torch.addcmul(y, y, y, value=-1.0)),
    "tanh": Act(torch.tanh_, lambda y: (y * y).neg_().add_(1.0)),
}


def time_first(x: Any, go_backwards: bool) -> Any:
    """(batch, time, ...) -> (time, batch, ...), contiguous, in the order of computation."""
    x = x.transpose(0, 1)
    return (x.flip(0) if go_backwards else x).contiguous()


def batch_first(x: Any, go_backwards: bool) -> Any:
    """The way back."""
    return (x.flip(0) if go_backwards else x).transpose(0, 1)


def product(x: Any, kernel: Any, bias: Any) -> Any:
    """(time, batch, n) @ (n, m) + bias, as one product."""
    flat = x.reshape(-1, x.shape[-1])
    made = torch.mm(flat, kernel) if bias is None else torch.addmm(bias, flat, kernel)
    return made.view(*x.shape[:-1], kernel.shape[1])


def beginning_with(first: Any, steps: int) -> Any:
    """Room for a state before each step and after the last one: (steps + 1, batch, units)."""
    room = torch.empty((steps + 1, *first.shape), dtype=first.dtype, device=first.device)
    room[0] = first
    return room


class Mask:
    """Which steps count, time first; and from which one on any did."""

    def __init__(self, mask: Any, go_backwards: bool, dtype: Any) -> None:
        where = time_first(mask, go_backwards).unsqueeze(-1)
        self.counts = where if where.dtype is torch.bool else where != 0
        self.skips = ~self.counts
        self.number = self.counts.to(dtype)
        self.seen = self.number.cummax(0).values


def mask_of(mask: Any, go_backwards: bool, like: Any) -> Mask | None:
    """The mask time first, if there is one."""
    return None if mask is None else Mask(mask, go_backwards, like.dtype)


def shown(states: Any, mask: Mask | None) -> tuple[Any, Any]:
    """The last output and all outputs, batch first; zeros before the first step that counts."""
    outputs = states[1:] if mask is None else states[1:] * mask.seen
    return outputs[-1], outputs.transpose(0, 1)


class Arriving:
    """The gradients that reach a state: from the outputs of all steps, and after the last one."""

    def __init__(self, like: Any, mask: Mask | None, last: Any, outputs: Any, state: Any) -> None:
        steps = None if outputs is None else outputs.transpose(0, 1)
        if mask is not None:
            steps = None if steps is None else steps * mask.seen
            last = None if last is None else last * mask.seen[-1]
        found = [g for g in (last, state) if g is not None]
        self.last = sum(found[1:], found[0]) if found else torch.zeros_like(like)
        self.steps = None if steps is None else steps.unbind(0)

    def at(self, time: int, g: Any) -> Any:
        """The gradient of the state after this step, given what comes from the steps after it."""
        return g if self.steps is None else g + self.steps[time]


def weights_back(
    wanted: Sequence[int],
    first: int,
    x: Any,
    before: Any,
    kernel: Any,
    to_input: Any,
    to_state: Any,
) -> dict[int, Any]:
    """The gradients of x (input 0) and of kernel, recurrent kernel, bias (inputs `first` and on).

    `to_input` and `to_state` are those of the two products, `before` the states that entered.
    """
    flat_x, flat_h = (t.reshape(-1, t.shape[-1]) for t in (x, before))
    a, b = (t.reshape(-1, t.shape[-1]) for t in (to_input, to_state))
    makers: dict[int, Callable[[], Any]] = {
        0: lambda: torch.mm(a, kernel.t()).view(x.shape),
        first: lambda: torch.mm(flat_x.t(), a),
        first + 1: lambda: torch.mm(flat_h.t(), b),
        first + 2: lambda: a.sum(0),
    }
    return {i: make() for i, make in makers.items() if i in wanted}

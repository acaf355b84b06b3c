"""What the recurrent kernels share. Arrays are time first inside: what leaves one layer enters the
next without a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from ..elementwise import aten
from ..threads import FEW, InOneThread

LARGE = 1e4  # added to what a gate gets, it makes a sigmoid exactly 0 or 1; float16 holds it


def _by_slope(slope: Callable[[Any], Any]) -> Callable[[Any, Any, Any], Any]:
    return lambda g, y, out: torch.mul(slope(y), g, out=out)


class Act(NamedTuple):
    """An activation in place; its derivative in terms of its result y; and by that and a gradient
    g, `back(g, y, out)`: the gradient of what it was applied to."""

    apply: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    back: Callable[[Any, Any, Any], Any]


def _act(
    apply: Callable[[Any], Any], slope: Callable[[Any], Any], back: Callable[..., Any] | None = None
) -> Act:
    return Act(apply, slope, back or _by_slope(slope))


ACTS = {
    "hard_sigmoid": _act(
        lambda x: x.mul_(0.2).add_(0.5).clamp_(0.0, 1.0),
        lambda y: ((y > 0) & (y < 1)).to(y.dtype).mul_(0.2),
    ),
    "linear": _act(lambda x: x, torch.ones_like, lambda g, y, out: out.copy_(g)),
    "relu": _act(torch.relu_, lambda y: (y > 0).to(y.dtype)),
    "sigmoid": _act(
        torch.sigmoid_,
        lambda y: torch.addcmul(y, y, y, value=-1.0),
        lambda g, y, out: aten.sigmoid_backward.grad_input(g, y, grad_input=out),
    ),
    "tanh": _act(
        torch.tanh_,
        lambda y: (y * y).neg_().add_(1.0),
        lambda g, y, out: aten.tanh_backward.grad_input(g, y, grad_input=out),
    ),
}


def one_after_the_other(batch: int, weight: Any) -> InOneThread:
    """The context for a loop over products of states with a weight."""
    return InOneThread(batch * weight.numel() <= FEW and weight.is_cpu)


def time_first(x: Any, go_backwards: bool) -> Any:
    """(batch, time, ...) -> (time, batch, ...), contiguous, in the order of computation."""
    x = x.transpose(0, 1)
    return (x.flip(0) if go_backwards else x).contiguous()


def batch_first(x: Any, go_backwards: bool) -> Any:
    """The way back."""
    return (x.flip(0) if go_backwards else x).transpose(0, 1)


def product(x: Any, kernel: Any, bias: Any, out: Any = None) -> Any:
    """(time, batch, n) @ (n, m) + bias, as one product."""
    flat = x.reshape(-1, x.shape[-1])
    room = None if out is None else out.view(-1, kernel.shape[1])
    if bias is None:
        made = torch.mm(flat, kernel, out=room)
    else:
        made = torch.addmm(bias, flat, kernel, out=room)
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

    def from_the_end(self, count: int) -> tuple[Any, Sequence[Any]]:
        """The gradient of the last state, in memory of its own; and for each of `count` steps, from
        the last one on, what reaches the state before it from outputs, or None."""
        if self.steps is None:
            return self.last.clone(memory_format=torch.contiguous_format), [None] * count
        return self.last + self.steps[-1], [*reversed(self.steps[:-1]), None]

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

"""The plain recurrent layer, as the others here."""

from __future__ import annotations

from typing import Any

import torch

from .shared import (
    ACTS,
    Arriving,
    batch_first,
    beginning_with,
    mask_of,
    product,
    shown,
    time_first,
    weights_back,
)


def forward(
    x: Any,
    h: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any,
    mask: Any,
    go_backwards: bool,
    activation: str,
) -> tuple[tuple[Any, ...], Any]:
    """(last, outputs, h) and what the way back needs."""
    act = ACTS[activation].apply
    x, where = time_first(x, go_backwards), mask_of(mask, go_backwards, x)
    hs = beginning_with(h, len(x))
    hs[1:] = product(x, kernel, bias)
    states = hs.unbind(0)
    for time in range(len(x)):
        act(states[time + 1].addmm_(states[time], recurrent))
        if where is not None:
            counts = where.counts[time]
            torch.where(counts, states[time + 1], states[time], out=states[time + 1])
    return (*shown(hs, where), hs[-1]), (x, kernel, recurrent, where, hs, go_backwards, activation)


def backward(
    tape: Any, wanted: tuple[int, ...], last: Any, outputs: Any, h: Any
) -> tuple[Any, ...]:
    """The gradients of those inputs that are wanted."""
    x, kernel, recurrent, where, hs, go_backwards, activation = tape
    slope = ACTS[activation].slope(hs[1:])
    passed = None
    if where is not None:
        slope.mul_(where.number)
        passed = (1.0 - where.number).unbind(0)
    sums, back = torch.empty_like(slope), recurrent.t()
    arriving = Arriving(hs[0], where, last, outputs, h)
    dh, factors, made = arriving.last, slope.unbind(0), sums.unbind(0)
    for time in range(len(x) - 1, -1, -1):
        dh = arriving.at(time, dh)
        now = torch.mul(factors[time], dh, out=made[time])
        dh = torch.mm(now, back) if passed is None else (dh * passed[time]).addmm_(now, back)
    found = weights_back(wanted, 2, x, hs[:-1], kernel, sums, sums)
    found[1] = dh
    if 0 in found:
        found[0] = batch_first(found[0], go_backwards)
    return tuple(found[number] for number in wanted)

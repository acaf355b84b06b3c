"""The LSTM: one product for all inputs, small steps in place, and the way back written out."""

from __future__ import annotations

from typing import Any

import torch

from .shared import (
    ACTS,
    LARGE,
    Arriving,
    batch_first,
    beginning_with,
    mask_of,
    product,
    shown,
    time_first,
    weights_back,
)

ORDER = (0, 1, 3, 2)  # gates i, f, o, c inside: those that are switched stand together


def _turned(weight: Any) -> Any:
    """A weight with its gates in the other order; the same turns them back."""
    if weight is None:
        return None
    parts = weight.view(*weight.shape[:-1], 4, -1)
    return torch.stack([parts.select(-2, i) for i in ORDER], -2).view(weight.shape)


def forward(
    x: Any,
    h: Any,
    c: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any,
    mask: Any,
    go_backwards: bool,
    activation: str,
    recurrent_activation: str,
) -> tuple[tuple[Any, ...], Any]:
    """(last, outputs, h, c) and what the way back needs."""
    act, switch = ACTS[activation].apply, ACTS[recurrent_activation].apply
    units = h.shape[-1]
    kernel, recurrent, bias = _turned(kernel), _turned(recurrent), _turned(bias)
    x, where = time_first(x, go_backwards), mask_of(mask, go_backwards, x)
    z = product(x, kernel, bias)
    if where is not None:  # the memory stays: i = 0, f = 1
        z[..., :units].masked_fill_(where.skips, -LARGE)
        z[..., units : 2 * units].masked_fill_(where.skips, LARGE)
    hs, cs = beginning_with(h, len(x)), beginning_with(c, len(x))
    squashed = torch.empty_like(cs[1:])
    columns = zip(
        z.unbind(0),
        z[..., : 3 * units].unbind(0),
        *(part.unbind(0) for part in z.split(units, -1)),
        hs[:-1].unbind(0),
        hs[1:].unbind(0),
        cs[:-1].unbind(0),
        cs[1:].unbind(0),
        squashed.unbind(0),
        strict=True,
    )
    for time, (now, gates, i, f, o, g, h0, h1, c0, c1, squash) in enumerate(columns):
        now.addmm_(h0, recurrent)
        switch(gates)
        act(g)
        torch.mul(f, c0, out=c1).addcmul_(i, g)
        act(squash.copy_(c1)) if activation != "tanh" else torch.tanh(c1, out=squash)
        torch.mul(o, squash, out=h1)
        if where is not None:
            torch.where(where.counts[time], h1, h0, out=h1)
    saved = (x, kernel, recurrent, where, z, hs, cs, squashed)
    settled = (go_backwards, activation, recurrent_activation)
    return (*shown(hs, where), hs[-1], cs[-1]), (saved, settled)


def backward(
    tape: Any, wanted: tuple[int, ...], last: Any, outputs: Any, h: Any, c: Any
) -> tuple[Any, ...]:
    """The gradients of those inputs that are wanted."""
    (x, kernel, recurrent, where, z, hs, cs, squashed), settled = tape
    go_backwards, activation, recurrent_activation = settled
    slope, switch_slope = ACTS[activation].slope, ACTS[recurrent_activation].slope
    units = hs.shape[-1]
    i, f, o, g = z.split(units, -1)
    # What each gate's gradient is per unit of the memory's (i, f, c) or of the output's (o).
    factors: Any = torch.empty_like(z)
    switched = switch_slope(z[..., : 3 * units])
    torch.mul(switched[..., :units], g, out=factors[..., :units])
    torch.mul(switched[..., units : 2 * units], cs[:-1], out=factors[..., units : 2 * units])
    torch.mul(switched[..., 2 * units :], squashed, out=factors[..., 2 * units : 3 * units])
    torch.mul(slope(g), i, out=factors[..., 3 * units :])
    to_memory = slope(squashed).mul_(o)
    if where is not None:
        to_memory.mul_(where.number)
        factors[..., 2 * units : 3 * units].mul_(where.number)
    gates: Any = torch.empty_like(z)
    back, passed = recurrent.t(), None if where is None else (1.0 - where.number).unbind(0)
    arriving = Arriving(hs[0], where, last, outputs, h)
    dh, dc = arriving.last, torch.zeros_like(hs[0]) if c is None else c
    columns = list(
        zip(
            gates.unbind(0),
            gates[..., : 2 * units].unflatten(-1, (2, units)).unbind(0),
            gates[..., 2 * units : 3 * units].unbind(0),
            gates[..., 3 * units :].unbind(0),
            factors[..., : 2 * units].unflatten(-1, (2, units)).unbind(0),
            factors[..., 2 * units : 3 * units].unbind(0),
            factors[..., 3 * units :].unbind(0),
            to_memory.unbind(0),
            f.unbind(0),
            strict=True,
        )
    )
    for time in range(len(columns) - 1, -1, -1):
        now, both, dz_o, dz_g, by_both, by_o, by_g, memory, kept = columns[time]
        dh = arriving.at(time, dh)
        dc = torch.addcmul(dc, dh, memory)
        torch.mul(by_both, dc.unsqueeze(-2), out=both)
        torch.mul(by_o, dh, out=dz_o)
        torch.mul(by_g, dc, out=dz_g)
        dh = torch.mm(now, back) if passed is None else (dh * passed[time]).addmm_(now, back)
        dc = dc * kept
    found = weights_back(wanted, 3, x, hs[:-1], kernel, gates, gates)
    found.update({1: dh, 2: dc})
    if 0 in found:
        found[0] = batch_first(found[0], go_backwards)
    for number in (3, 4, 5):
        if number in found:
            found[number] = _turned(found[number])
    return tuple(found[number] for number in wanted)

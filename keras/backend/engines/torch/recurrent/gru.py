"""The GRU: one product for all inputs, small steps in place, and the way back written out."""

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


def forward(
    x: Any,
    h: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any,
    recurrent_bias: Any,
    mask: Any,
    go_backwards: bool,
    activation: str,
    recurrent_activation: str,
    reset_after: bool,
) -> tuple[tuple[Any, ...], Any]:
    """(last, outputs, h) and what the way back needs."""
    act, switch = ACTS[activation].apply, ACTS[recurrent_activation].apply
    units = h.shape[-1]
    x, where = time_first(x, go_backwards), mask_of(mask, go_backwards, x)
    a = product(x, kernel, bias)
    if where is not None:  # the state stays: z = 1
        a[..., :units].masked_fill_(where.skips, LARGE)
    hs = beginning_with(h, len(x))
    # With reset_after: the products of the state; else what enters the last gate's product.
    other = torch.empty_like(a if reset_after else hs[1:])
    steps = zip(
        a[..., : 2 * units].unbind(0),
        *(part.unbind(0) for part in a.split(units, -1)),
        hs[:-1].unbind(0),
        hs[1:].unbind(0),
        other.unbind(0),
        strict=True,
    )
    first, new = recurrent[:, : 2 * units], recurrent[:, 2 * units :]
    for gates, z, r, n, h0, h1, mixed in steps:
        if reset_after:
            if recurrent_bias is None:
                torch.mm(h0, recurrent, out=mixed)
            else:
                torch.addmm(recurrent_bias, h0, recurrent, out=mixed)
            switch(gates.add_(mixed[:, : 2 * units]))
            n.addcmul_(r, mixed[:, 2 * units :])
        else:
            switch(gates.addmm_(h0, first))
            n.addmm_(torch.mul(r, h0, out=mixed), new)
        torch.lerp(act(n), h0, z, out=h1)
    saved = (x, kernel, recurrent, where, a, hs, other)
    settled = (go_backwards, activation, recurrent_activation, reset_after)
    return (*shown(hs, where), hs[-1]), (saved, settled)


def backward(
    tape: Any, wanted: tuple[int, ...], last: Any, outputs: Any, h: Any
) -> tuple[Any, ...]:
    """The gradients of those inputs that are wanted."""
    saved, (go_backwards, activation, recurrent_activation, reset_after) = tape
    x, kernel, recurrent, where, a, hs, other = saved
    units = hs.shape[-1]
    z, _, n = a.split(units, -1)
    slope = ACTS[activation].slope(n).mul_(1.0 - z)  # of the new state, to the sum inside of it
    switched = ACTS[recurrent_activation].slope(a[..., : 2 * units])
    switched[..., :units].mul_(hs[:-1] - n)
    arriving = Arriving(hs[0], where, last, outputs, h)
    way = _after if reset_after else _before
    dh, to_input, to_state = way(recurrent, a, hs, other, slope, switched, arriving)
    found = weights_back(wanted, 2, x, hs[:-1], kernel, to_input, to_state)
    if not reset_after and 3 in wanted:
        flat = [t.reshape(-1, t.shape[-1]) for t in (other, to_input[..., 2 * units :])]
        found[3] = torch.cat([found[3], torch.mm(flat[0].t(), flat[1])], 1)
    if 5 in wanted:
        found[5] = to_state.sum((0, 1))
    found[1] = dh
    if 0 in found:
        found[0] = batch_first(found[0], go_backwards)
    return tuple(found[number] for number in wanted)


def _after(
    recurrent: Any, a: Any, hs: Any, b: Any, slope: Any, switched: Any, arriving: Arriving
) -> tuple[Any, Any, Any]:
    """Back through time where the reset gate scales a product: the gradients of h and both sums."""
    units = hs.shape[-1]
    r = a[..., units : 2 * units]
    # Per unit of the state's gradient: those of z, r, the last part of each of the two products.
    factors = torch.empty((*hs[1:].shape[:-1], 4, units), dtype=a.dtype, device=a.device)
    factors[..., 0, :] = switched[..., :units]
    torch.mul(slope, b[..., 2 * units :], out=factors[..., 1, :]).mul_(switched[..., units:])
    torch.mul(slope, r, out=factors[..., 2, :])
    factors[..., 3, :] = slope
    gates = torch.empty_like(factors)
    flat = gates.flatten(-2)
    to_state, back = flat[..., : 3 * units], recurrent.t()
    steps = [t.unbind(0) for t in (factors, gates, to_state, a[..., :units])]
    dh = arriving.last
    for time in range(len(a) - 1, -1, -1):
        by, made, sums, kept = (step[time] for step in steps)
        dh = arriving.at(time, dh)
        torch.mul(by, dh.unsqueeze(-2), out=made)
        dh = torch.mul(dh, kept).addmm_(sums, back)
    to_input = torch.cat([flat[..., : 2 * units], flat[..., 3 * units :]], -1)
    return dh, to_input, to_state


def _before(
    recurrent: Any, a: Any, hs: Any, scaled: Any, slope: Any, switched: Any, arriving: Arriving
) -> tuple[Any, Any, Any]:
    """The same where the reset gate scales the state that enters the last gate's product."""
    units = hs.shape[-1]
    switched[..., units:].mul_(hs[:-1])
    gates: Any = torch.empty_like(a)
    back, back_new = recurrent[:, : 2 * units].t(), recurrent[:, 2 * units :].t()
    steps = [
        t.unbind(0)
        for t in (
            *switched.split(units, -1),
            slope,
            *gates.split(units, -1),
            gates[..., : 2 * units],
            *a[..., : 2 * units].split(units, -1),
        )
    ]
    dh = arriving.last
    for time in range(len(a) - 1, -1, -1):
        by_z, by_r, by_n, to_z, to_r, to_n, both, kept, r = (step[time] for step in steps)
        dh = arriving.at(time, dh)
        torch.mul(by_z, dh, out=to_z)
        inside = torch.mm(torch.mul(by_n, dh, out=to_n), back_new)
        torch.mul(by_r, inside, out=to_r)
        dh = torch.mul(dh, kept).addcmul_(inside, r).addmm_(both, back)
    return dh, gates, gates[..., : 2 * units]

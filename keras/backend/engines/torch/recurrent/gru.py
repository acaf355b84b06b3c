"""The GRU: one product for all inputs, small steps in place, and the way back written out."""

from __future__ import annotations

from typing import Any

import torch

from . import rooms
from .rooms import Lease, Room
from .shared import (
    ACTS,
    LARGE,
    Act,
    Arriving,
    batch_first,
    beginning_with,
    mask_of,
    one_after_the_other,
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
    steps, batch = x.shape[:2]
    # With reset_after: the products of the state; else what enters the last gate's product.
    shapes = {
        "a": (steps, batch, 3 * units),
        "b": (steps, batch, (3 if reset_after else 1) * units),
    }
    held, arrays, columns = rooms.lease(
        "gru", shapes, x, _after_parts if reset_after else _before_parts
    )
    a = product(x, kernel, bias, arrays["a"])
    if where is not None:  # the state stays: z = 1
        a[..., :units].masked_fill_(where.skips, LARGE)
    hs = beginning_with(h, steps)
    states = hs.unbind(0)
    first, new = recurrent[:, : 2 * units], recurrent[:, 2 * units :]
    mul, lerp, mm = torch.mul, torch.lerp, torch.mm
    with one_after_the_other(batch, recurrent):
        if reset_after:
            for h0, h1, (gates, z, r, n, mixed, both, last) in zip(
                states[:-1], states[1:], columns, strict=True
            ):
                if recurrent_bias is None:
                    mm(h0, recurrent, out=mixed)
                else:
                    torch.addmm(recurrent_bias, h0, recurrent, out=mixed)
                switch(gates.add_(both))
                lerp(act(n.addcmul_(r, last)), h0, z, out=h1)
        else:
            for h0, h1, (gates, z, r, n, mixed) in zip(
                states[:-1], states[1:], columns, strict=True
            ):
                switch(gates.addmm_(h0, first))
                lerp(act(n.addmm_(mul(r, h0, out=mixed), new)), h0, z, out=h1)
    saved = (x, kernel, recurrent, where, held, hs)
    settled = (go_backwards, activation, recurrent_activation, reset_after)
    return (*shown(hs, where), hs[-1]), (saved, settled)


def _before_parts(a: Any, b: Any) -> tuple[Any, ...]:
    """What a step takes: the switched gates, z, r, the last gate, the state as it is let in."""
    units = b.shape[-1]
    return a[..., : 2 * units], *a.split(units, -1), b


def _after_parts(a: Any, b: Any) -> tuple[Any, ...]:
    """The same, and the products of the state whole, for the switched gates, for the last one."""
    units = a.shape[-1] // 3
    return a[..., : 2 * units], *a.split(units, -1), b, b[..., : 2 * units], b[..., 2 * units :]


def backward(
    tape: Any, wanted: tuple[int, ...], last: Any, outputs: Any, h: Any
) -> tuple[Any, ...]:
    """The gradients of those inputs that are wanted."""
    saved, (go_backwards, activation, recurrent_activation, reset_after) = tape
    x, kernel, recurrent, where, held, hs = saved
    arriving = Arriving(hs[0], where, last, outputs, h)
    way = _after if reset_after else _before
    acts = ACTS[activation], ACTS[recurrent_activation]
    dh, to_input, to_state, keep = way(recurrent, held.room, hs, *acts, arriving)
    found = weights_back(wanted, 2, x, hs[:-1], kernel, to_input, to_state)
    if not reset_after and 3 in wanted:
        units, b = hs.shape[-1], held.room.arrays["b"]
        flat = [t.reshape(-1, t.shape[-1]) for t in (b, to_input[..., 2 * units :])]
        found[3] = torch.cat([found[3], torch.mm(flat[0].t(), flat[1])], 1)
    if 5 in wanted:
        found[5] = to_state.sum((0, 1))
    found[1] = dh
    if 0 in found:
        found[0] = batch_first(found[0], go_backwards)
    del keep  # its arrays have been read
    return tuple(found[number] for number in wanted)


def _keep(g: Any, kept: Any, others: Any) -> Any:
    """From a state to the one before, by way of being kept and from outputs, in place."""
    return g.mul_(kept) if others is None else torch.addcmul(others, g, kept, out=g)


def _after(
    recurrent: Any, room: Room, hs: Any, act: Act, switch: Act, arriving: Arriving
) -> tuple[Any, Any, Any, Lease]:
    """Back through time where the reset gate scales a product: the gradients of h and both sums."""
    units = hs.shape[-1]
    a, b = room.arrays["a"], room.arrays["b"]
    z, r, n = a.split(units, -1)
    keep, arrays, columns = rooms.lease(
        "gru, back", {"sums": (*a.shape[:2], 4, units)}, a, _after_back_parts
    )
    # First what they are per unit of the state's gradient: those of z, r, the last part of each of
    # the two products.
    sums = arrays["sums"]
    to_z, to_r, to_state, to_input = sums.unbind(-2)
    switch.back(hs[:-1] - n, z, to_z)
    act.back(1.0 - z, n, to_input)
    switch.back(to_input * b[..., 2 * units :], r, to_r)
    torch.mul(to_input, r, out=to_state)
    turned = recurrent.t().contiguous()
    dh, arrivals = arriving.from_the_end(len(columns))
    wide = dh.unsqueeze(1)
    with one_after_the_other(len(dh), recurrent):
        for (every, inner), (_, kept, *_), others in zip(
            reversed(columns), reversed(room.steps), arrivals, strict=True
        ):
            every.mul_(wide)
            _keep(dh, kept, others).addmm_(inner, turned)
    flat = sums.flatten(-2)
    to_inputs = torch.cat([flat[..., : 2 * units], flat[..., 3 * units :]], -1)
    return dh, to_inputs, flat[..., : 3 * units], keep


def _after_back_parts(sums: Any) -> tuple[Any, ...]:
    """All, and those of the state's product."""
    return sums, sums[..., :3, :].flatten(-2)


def _before(
    recurrent: Any, room: Room, hs: Any, act: Act, switch: Act, arriving: Arriving
) -> tuple[Any, Any, Any, Lease]:
    """The same where the reset gate scales the state that enters the last gate's product."""
    units = hs.shape[-1]
    a = room.arrays["a"]
    z, r, n = a.split(units, -1)
    keep, arrays, columns = rooms.lease(
        "gru, back", {"sums": (*a.shape[:2], 3, units)}, a, _before_back_parts
    )
    # First what those of z and n are per unit of the state's gradient, and that of r per unit of
    # what comes back through the last gate's product.
    to_z, to_r, to_n = arrays["sums"].unbind(-2)
    switch.back(hs[:-1] - n, z, to_z)
    switch.back(hs[:-1], r, to_r)
    act.back(1.0 - z, n, to_n)
    turned, turned_new = (
        part.t().contiguous() for part in (recurrent[:, : 2 * units], recurrent[:, 2 * units :])
    )
    dh, arrivals = arriving.from_the_end(len(columns))
    wide = dh.unsqueeze(1)
    inside, mm = torch.empty_like(dh), torch.mm
    with one_after_the_other(len(dh), recurrent):
        for (outer, of_r, of_n, both), (_, kept, opened, *_), others in zip(
            reversed(columns), reversed(room.steps), arrivals, strict=True
        ):
            outer.mul_(wide)
            of_r.mul_(mm(of_n, turned_new, out=inside))
            _keep(dh, kept, others).addcmul_(inside, opened).addmm_(both, turned)
    flat = arrays["sums"].flatten(-2)
    return dh, flat, flat[..., : 2 * units], keep


def _before_back_parts(sums: Any) -> tuple[Any, ...]:
    """z and n, r, n, z and r."""
    return sums[..., ::2, :], sums[..., 1, :], sums[..., 2, :], sums[..., :2, :].flatten(-2)

"""The same layers in operations that autograd follows, for gradients of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from .shared import time_first

Step = Callable[
    [Any, list[Any]], list[Any]
]  # (input's product, states) -> new states, output first

ACTS: dict[str, Callable[[Any], Any]] = {
    "hard_sigmoid": lambda x: torch.clamp(0.2 * x + 0.5, 0.0, 1.0),
    "linear": lambda x: x,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


def _product(x: Any, kernel: Any, bias: Any) -> Any:
    return torch.matmul(x, kernel) if bias is None else torch.matmul(x, kernel) + bias


def _run(step: Step, a: Any, states: list[Any], mask: Any, go_backwards: bool) -> tuple[Any, ...]:
    where = None if mask is None else time_first(mask, go_backwards).bool().unsqueeze(-1)
    output, outputs = torch.zeros_like(states[0]), []
    for time, now in enumerate(time_first(a, go_backwards)):
        news = step(now, states)
        if where is None:
            states, output = news, news[0]
        else:
            states = [torch.where(where[time], n, s) for n, s in zip(news, states, strict=True)]
            output = torch.where(where[time], news[0], output)
        outputs.append(output)
    return (output, torch.stack(outputs, 1), *states)


def lstm(
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
) -> tuple[Any, ...]:
    """(last, outputs, h, c)."""
    act, switch = ACTS[activation], ACTS[recurrent_activation]

    def step(now: Any, states: list[Any]) -> list[Any]:
        i, f, g, o = (now + torch.mm(states[0], recurrent)).chunk(4, -1)
        c = switch(f) * states[1] + switch(i) * act(g)
        return [switch(o) * act(c), c]

    return _run(step, _product(x, kernel, bias), [h, c], mask, go_backwards)


def gru(
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
) -> tuple[Any, ...]:
    """(last, outputs, h)."""
    act, switch = ACTS[activation], ACTS[recurrent_activation]
    units = h.shape[-1]

    def step(now: Any, states: list[Any]) -> list[Any]:
        h = states[0]
        a_z, a_r, a_n = now.chunk(3, -1)
        if reset_after:
            b_z, b_r, b_n = _product(h, recurrent, recurrent_bias).chunk(3, -1)
        else:
            b_z, b_r = torch.mm(h, recurrent[:, : 2 * units]).chunk(2, -1)
        z, r = switch(a_z + b_z), switch(a_r + b_r)
        mixed = r * b_n if reset_after else torch.mm(r * h, recurrent[:, 2 * units :])
        return [z * h + (1.0 - z) * act(a_n + mixed)]

    return _run(step, _product(x, kernel, bias), [h], mask, go_backwards)


def simple_rnn(
    x: Any,
    h: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any,
    mask: Any,
    go_backwards: bool,
    activation: str,
) -> tuple[Any, ...]:
    """(last, outputs, h)."""
    act = ACTS[activation]

    def step(now: Any, states: list[Any]) -> list[Any]:
        return [act(now + torch.mm(states[0], recurrent))]

    return _run(step, _product(x, kernel, bias), [h], mask, go_backwards)

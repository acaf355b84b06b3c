"""Rows of the standard recurrent layers, each the fastest of what fits its arguments.

The LSTM with its usual activations takes oneDNN's kernel; for the others, a loop with few
operations a step and the way back written out is faster than what torch has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ...protocol import Prepared
from .. import tapes
from . import (
    gru as gru,
    lstm as lstm,
    onednn as onednn,
    plain as plain,
    rooms as rooms,
    simple as simple,
)

Pair = tuple[tuple[Any, ...], Any]


def _lstm_forward(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any, **settled: Any
) -> Pair:
    if onednn.takes(x, mask, settled["activation"], settled["recurrent_activation"]):
        made, saved = onednn.forward(x, h, c, kernel, recurrent, bias, settled["go_backwards"])
        return made, (onednn.backward, saved)
    made, saved = lstm.forward(x, h, c, kernel, recurrent, bias, mask, **settled)
    return made, (lstm.backward, saved)


def _lstm_alone(inputs: Sequence[Any], **settled: Any) -> Callable[..., tuple[Any, ...]]:
    """The row without a way back, which keeps what oneDNN wants of the weights."""
    general = _row(lstm.forward, plain.lstm)
    without = onednn.without(settled["go_backwards"])
    activations = settled["activation"], settled["recurrent_activation"]

    def run(x: Any, *inputs: Any) -> tuple[Any, ...]:
        *others, mask = inputs
        made: tuple[Any, ...]
        if not torch.is_grad_enabled() and onednn.takes(x, mask, *activations):
            made = without(x, *others)
        else:
            made = general(x, *inputs, **settled)
        return made

    return run


def lstm_of_zeros(settled: dict[str, Any], used: Sequence[bool]) -> Callable[..., tuple[Any, ...]]:
    """The same for a step whose states begin as zeros, and of whose outputs some are used.

    `function(x, kernel, recurrent, bias)`, on arrays that oneDNN takes.
    """
    general = _row(lstm.forward, plain.lstm)
    without = onednn.without(settled["go_backwards"], used)
    watched = torch.is_grad_enabled

    def run(x: Any, kernel: Any, recurrent: Any, bias: Any) -> tuple[Any, ...]:
        made: tuple[Any, ...]
        if not watched() and x.is_cpu and x.numel():
            made = without(x, None, None, kernel, recurrent, bias)
        else:
            zeros = x.new_zeros((len(x), recurrent.shape[0]))
            made = general(x, zeros, zeros, kernel, recurrent, bias, None, **settled)
        return made

    return run


def _lstm_backward(saved: Any, wanted: tuple[int, ...], *gradients: Any) -> tuple[Any, ...]:
    back, inner = saved
    found: tuple[Any, ...] = back(inner, wanted, *gradients)
    return found


def _row(forward: Callable[..., Pair], followed: Callable[..., tuple[Any, ...]]) -> Any:
    """The outputs alone; where autograd watches, by operations that it can follow."""

    def run(*inputs: Any, **settled: Any) -> tuple[Any, ...]:
        if torch.is_grad_enabled():
            return followed(*inputs, **settled)
        return forward(*inputs, **settled)[0]

    return run


tapes.EXPLICIT["lstm"] = (_lstm_forward, _lstm_backward)
tapes.EXPLICIT["gru"] = (gru.forward, gru.backward)
tapes.EXPLICIT["simple_rnn"] = (simple.forward, simple.backward)

TABLE: dict[str, Any] = {
    "lstm": Prepared(_lstm_alone),
    "gru": _row(gru.forward, plain.gru),
    "simple_rnn": _row(simple.forward, plain.simple_rnn),
}

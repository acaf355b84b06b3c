"""The LSTM by oneDNN's kernel, on CPUs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..elementwise import aten
from ..kept import Kept
from .shared import Arriving, batch_first, time_first

AVAILABLE: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch's
NONE: list[int] = []  # sizes of batches, where they differ
LSTM = 2  # the number of this kind of layer


def runs(activation: str, recurrent_activation: str) -> bool:
    """Whether the kernel is there, and has these activations."""
    enabled = AVAILABLE and bool(torch.backends.mkldnn.enabled)
    return enabled and (activation, recurrent_activation) == ("tanh", "sigmoid")


def takes(x: Any, mask: Any, activation: str, recurrent_activation: str) -> bool:
    """Whether the kernel computes this."""
    plain = mask is None and x.dtype is torch.float32 and x.is_cpu and x.numel() > 0
    return plain and runs(activation, recurrent_activation)


def turned(weight: Any) -> Any:
    """A matrix of weights as the kernel takes it."""
    return weight.t().contiguous()


def forward(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any, go_backwards: bool
) -> tuple[tuple[Any, ...], Any]:
    """(last, outputs, h, c), and what the way back needs."""
    x, units = time_first(x, go_backwards), recurrent.shape[0]
    one = bias if bias is not None else torch.zeros(kernel.shape[1])
    weights = [turned(kernel), turned(recurrent), one, torch.zeros_like(one)]
    h, c = h.unsqueeze(0).contiguous(), c.unsqueeze(0).contiguous()
    # The kernel keeps its workspace only where gradients are enabled.
    with torch.enable_grad():
        outputs, last_h, last_c, workspace = aten.mkldnn_rnn_layer.default(
            x, *weights, h, c, False, NONE, LSTM, units, 1, True, False, False, True
        )
    saved = (x, weights, h, c, outputs, last_h, last_c, workspace, units, go_backwards)
    made = last_h[0]
    return (made, outputs.transpose(0, 1), made, last_c[0]), saved


def without(go_backwards: bool, used: Sequence[bool] = (True,) * 4) -> Callable[..., Any]:
    """The kernel where there is no way back, for one step of a program: it keeps the weights.

    `function(x, h, c, kernel, recurrent, bias)`, where h and c are None for zeros, gives (last,
    outputs, h, c), those of them that are `used`.
    """
    kernel_of, recurrent_of = Kept(turned, turned), Kept(turned, turned)
    nothing = torch.zeros(0)
    run: Any = torch.mkldnn_rnn_layer

    def function(x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        nonlocal nothing
        units = recurrent.shape[0]
        if len(nothing) != 4 * units:
            nothing = torch.zeros(4 * units)
        if h is None:
            h = c = x.new_zeros((1, len(x), units))
        else:
            first = h.unsqueeze(0).contiguous()
            h, c = first, first if c is h else c.unsqueeze(0).contiguous()
        outputs, last, memory, _ = run(
            time_first(x, go_backwards), kernel_of(kernel), recurrent_of(recurrent),
            nothing if bias is None else bias, nothing, h, c,
            False, NONE, LSTM, units, 1, True, False, False, False,
        )  # fmt: skip
        last, outputs = last[0], outputs.transpose(0, 1) if used[1] else None
        return last, outputs, last, memory[0] if used[3] else None

    return function


def backward(
    saved: Any, wanted: tuple[int, ...], last: Any, outputs: Any, h: Any, c: Any
) -> tuple[Any, ...]:
    """The gradients of those inputs that are wanted."""
    x, weights, h0, c0, made, last_h, last_c, workspace, units, go_backwards = saved
    arriving = Arriving(h0[0], None, last, None, h)
    steps = None if outputs is None else outputs.transpose(0, 1).contiguous()
    to_h = arriving.last.unsqueeze(0).contiguous()
    to_c = None if c is None else c.unsqueeze(0).contiguous()
    g_x, g_kernel, g_recurrent, g_bias, _, g_h, g_c = aten.mkldnn_rnn_layer_backward.default(
        x, *weights, h0, c0, made, last_h, last_c, steps, to_h, to_c, False, LSTM, units, 1,
        True, True, False, [], False, workspace,
    )  # fmt: skip
    makers = {
        0: lambda: batch_first(g_x, go_backwards),
        1: lambda: g_h[0],
        2: lambda: g_c[0],
        3: lambda: g_kernel.t().contiguous(),
        4: lambda: g_recurrent.t().contiguous(),
        5: lambda: g_bias,
    }
    return tuple(makers[number]() for number in wanted)

"""The LSTM by oneDNN's kernel, on CPUs."""

from __future__ import annotations

from typing import Any

import torch

from ..elementwise import aten
from .shared import Arriving, batch_first, time_first

AVAILABLE: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch's
LSTM = 2  # the number of this kind of layer


def takes(x: Any, mask: Any, activation: str, recurrent_activation: str) -> bool:
    """Whether the kernel computes this."""
    if mask is not None or (activation, recurrent_activation) != ("tanh", "sigmoid"):
        return False
    plain = x.dtype is torch.float32 and x.device.type == "cpu" and x.numel() > 0
    return plain and AVAILABLE and bool(torch.backends.mkldnn.enabled)


def forward(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any, go_backwards: bool, tape: bool
) -> tuple[tuple[Any, ...], Any]:
    """(last, outputs, h, c), and what the way back needs if there is one."""
    x = time_first(x, go_backwards)
    weights = [kernel.t().contiguous(), recurrent.t().contiguous()]
    one = bias if bias is not None else torch.zeros(kernel.shape[1])
    weights += [one, torch.zeros_like(one)]
    h, c = h.unsqueeze(0).contiguous(), c.unsqueeze(0).contiguous()
    units = recurrent.shape[0]
    # The kernel keeps its workspace only where gradients are enabled.
    with torch.set_grad_enabled(tape):
        outputs, last_h, last_c, workspace = aten.mkldnn_rnn_layer.default(
            x, *weights, h, c, False, [], LSTM, units, 1, True, False, False, tape
        )
    saved = (x, weights, h, c, outputs, last_h, last_c, workspace, units, go_backwards)
    made = last_h[0]
    return (made, outputs.transpose(0, 1), made, last_c[0]), saved


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

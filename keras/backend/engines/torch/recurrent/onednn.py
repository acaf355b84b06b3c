"""The LSTM by oneDNN's kernel, on CPUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..elementwise import aten
from ..kept import Kept
from .shared import Arriving, batch_first, time_first

AVAILABLE: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch's
LSTM = 2  # the number of this kind of layer


def takes(x: Any, mask: Any, activation: str, recurrent_activation: str) -> bool:
    """Whether the kernel computes this."""
    if mask is not None or (activation, recurrent_activation) != ("tanh", "sigmoid"):
        return False
    plain = x.dtype is torch.float32 and x.is_cpu and x.numel() > 0
    return plain and AVAILABLE and bool(torch.backends.mkldnn.enabled)


def turned(weight: Any) -> Any:
    """A matrix of weights as the kernel takes it."""
    return weight.t().contiguous()


def _run(x: Any, weights: Sequence[Any], h: Any, c: Any, tape: bool) -> Any:
    """Outputs, last states and workspace for inputs and states that are time first."""
    units = weights[1].shape[1]
    return aten.mkldnn_rnn_layer.default(
        x, *weights, h, c, False, [], LSTM, units, 1, True, False, False, tape
    )


def forward(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any, go_backwards: bool
) -> tuple[tuple[Any, ...], Any]:
    """(last, outputs, h, c), and what the way back needs."""
    x = time_first(x, go_backwards)
    one = bias if bias is not None else torch.zeros(kernel.shape[1])
    weights = [turned(kernel), turned(recurrent), one, torch.zeros_like(one)]
    h, c = h.unsqueeze(0).contiguous(), c.unsqueeze(0).contiguous()
    # The kernel keeps its workspace only where gradients are enabled.
    with torch.enable_grad():
        outputs, last_h, last_c, workspace = _run(x, weights, h, c, True)
    units = recurrent.shape[0]
    saved = (x, weights, h, c, outputs, last_h, last_c, workspace, units, go_backwards)
    made = last_h[0]
    return (made, outputs.transpose(0, 1), made, last_c[0]), saved


class Without:
    """The kernel where there is no way back, for one step of a program: it keeps the weights."""

    def __init__(self, go_backwards: bool) -> None:
        self.go_backwards = go_backwards
        self.kernel, self.recurrent = Kept(turned, turned), Kept(turned, turned)
        self.nothing = torch.zeros(0)

    def __call__(
        self, x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any
    ) -> tuple[Any, ...]:
        """(last, outputs, h, c)."""
        nothing = self.nothing
        if len(nothing) != kernel.shape[1]:
            nothing = self.nothing = torch.zeros(kernel.shape[1])
        weights = [self.kernel(kernel), self.recurrent(recurrent), nothing, nothing]
        if bias is not None:
            weights[2] = bias
        x = time_first(x, self.go_backwards)
        first = h.unsqueeze(0).contiguous()
        c = first if c is h else c.unsqueeze(0).contiguous()
        outputs, last_h, last_c, _ = _run(x, weights, first, c, False)
        made = last_h[0]
        return made, outputs.transpose(0, 1), made, last_c[0]


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

"""Recurrent layers that begin with zeros, which needn't be made for them."""

from __future__ import annotations

from typing import Any

from ....graph.program import Step
from ..recurrent import lstm_of_zeros, onednn
from .patterns import View


def zeros(view: View, step: Step) -> bool:
    """An LSTM without a way back, by oneDNN's kernel."""
    if step.name != "lstm" or step.tape is not None or step.node is None or len(step.inputs) != 7:
        return False
    x, h, c, kernel, recurrent, bias, mask = step.inputs
    settled = step.node.attributes
    activations = settled["activation"], settled["recurrent_activation"]
    if x.dtype != "float32" or mask is not None or not onednn.runs(*activations):
        return False
    if not (_is_zero(view, h) and _is_zero(view, c)):
        return False
    used = tuple(bool(view.reads.get(value)) for value in step.outputs)
    view.become(step, "lstm", lstm_of_zeros(settled, used), (x, kernel, recurrent, bias))
    return True


def _is_zero(view: View, value: Any) -> bool:
    made = view.made_by(value, "full", alone=False)
    return made is not None and made.node is not None and made.node.attributes["value"] == 0

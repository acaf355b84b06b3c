"""Rows of losses."""

from __future__ import annotations

from typing import Any

import torch


def _of_number(target: Any, probabilities: Any, logits: Any, axis: int) -> Any:
    picked = torch.log_softmax(logits, axis).gather(axis, target.unsqueeze(axis))
    return -picked.squeeze(axis)


def _minus_hot(x: Any, target: Any, axis: int) -> Any:
    where = target.unsqueeze(axis)
    return x.scatter_add(axis, where, torch.full_like(where, -1, dtype=x.dtype))


def _ctc(labels: Any, scores: Any, input_length: Any, label_length: Any) -> Any:
    chances = torch.log_softmax(scores, 2).transpose(0, 1)
    blank = scores.shape[2] - 1
    return torch.nn.functional.ctc_loss(
        chances, labels, input_length, label_length, blank, reduction="none"
    )


TABLE: dict[str, Any] = {
    "crossentropy_of_numbered_softmax": _of_number,
    "minus_one_hot": _minus_hot,
    "ctc_loss": _ctc,
}

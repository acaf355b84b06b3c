"""Steps against the gradient, with or without momentum."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from .base import Hyper, Optimizer, Tensor, Tensors


class SGD(Optimizer):
    """Stochastic gradient descent: `v = momentum * v - lr * g`, `p = p + v`.

    `nesterov`: `p = p + momentum * v - lr * g`, which looks ahead along the velocity (Sutskever et
    al., 2013, "On the importance of initialization and momentum in deep learning").
    """

    learning_rate: Hyper = 0.01
    momentum: Hyper = 0.0
    nesterov: bool = False
    decay: Hyper = 0.0

    slots = ("v",)

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        p, s.v = K.momentum_step(p, g, s.v, lr, self.momentum, self.nesterov)
        return p

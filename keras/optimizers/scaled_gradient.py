"""Steps in which each number of a gradient is divided by its own typical size."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from .base import Hyper, Optimizer, Tensor, Tensors


class RMSprop(Optimizer):
    """`a = rho * a + (1 - rho) * g**2`, `p = p - lr * g / (sqrt(a) + epsilon)`.

    Tieleman & Hinton, 2012, "Lecture 6.5: Divide the gradient by a running average of its recent
    magnitude". `epsilon=None` means `K.epsilon()`.
    """

    learning_rate: Hyper = 0.001
    rho: Hyper = 0.9
    epsilon: float | None = None
    decay: Hyper = 0.0

    slots = ("a",)

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        p, s.a = K.rmsprop_step(p, g, s.a, lr, self.rho, self.epsilon)
        return p


class Adagrad(Optimizer):
    """`a = a + g**2`, `p = p - lr * g / (sqrt(a) + epsilon)`: steps become smaller and smaller.

    Duchi et al., 2011, "Adaptive subgradient methods for online learning and stochastic
    optimization". `epsilon=None` means `K.epsilon()`.
    """

    learning_rate: Hyper = 0.01
    epsilon: float | None = None
    decay: Hyper = 0.0

    slots = ("a",)

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        s.a = s.a + K.square(g)
        return p - lr * g / (K.sqrt(s.a) + self.epsilon)


class Adadelta(Optimizer):
    """Steps in the size of recent steps: `u = g * sqrt(d + epsilon) / sqrt(a + epsilon)`.

    `a` and `d` are running averages of `g**2` and `u**2`, and `p = p - lr * u`. Zeiler, 2012,
    arXiv:1212.5701. `epsilon=None` means `K.epsilon()`.
    """

    learning_rate: Hyper = 1.0
    rho: Hyper = 0.95
    epsilon: float | None = None
    decay: Hyper = 0.0

    slots = ("a", "d")

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        s.a = self.rho * s.a + (1.0 - self.rho) * K.square(g)
        u = g * K.sqrt((s.d + self.epsilon) / (s.a + self.epsilon))
        s.d = self.rho * s.d + (1.0 - self.rho) * K.square(u)
        return p - lr * u

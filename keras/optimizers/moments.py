"""Adam and its relatives: a running mean of gradients, divided by their typical size."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from .base import Hyper, Optimizer, Tensor, Tensors, Variable


class Adam(Optimizer):
    """`p = p - lr * m' / (sqrt(v') + epsilon)` with running means `m` of `g` and `v` of `g**2`.

    `m'` and `v'` are corrected for their start at zero; both corrections go into the learning rate.
    Kingma & Ba, 2014, arXiv:1412.6980. `amsgrad` divides by the largest `v` so far (Reddi et al.,
    2018, "On the convergence of Adam and beyond"). `epsilon=None` means `K.epsilon()`.
    """

    learning_rate: Hyper = 0.001
    beta_1: Hyper = 0.9
    beta_2: Hyper = 0.999
    amsgrad: bool = False
    epsilon: float | None = None
    decay: Hyper = 0.0

    slots = ("m", "v", "vhat")

    def slot_shape(self, slot: str, param: Variable) -> tuple[int, ...]:
        """Files hold one number in place of each `vhat` that isn't used."""
        return (1,) if slot == "vhat" and not self.amsgrad else super().slot_shape(slot, param)

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        if not self.amsgrad:
            p, s.m, s.v = K.adam_step(p, g, s.m, s.v, lr, self.beta_1, self.beta_2, t, self.epsilon)
            return p
        lr = lr * K.sqrt(1.0 - K.pow(self.beta_2, t)) / (1.0 - K.pow(self.beta_1, t))
        s.m = self.beta_1 * s.m + (1.0 - self.beta_1) * g
        s.v = self.beta_2 * s.v + (1.0 - self.beta_2) * K.square(g)
        s.vhat = K.maximum(s.vhat, s.v)
        return p - lr * s.m / (K.sqrt(s.vhat) + self.epsilon)


class Adamax(Optimizer):
    """Adam with the largest recent gradient, `u = max(beta_2 * u, |g|)`, for the mean of squares.

    Kingma & Ba, 2014, arXiv:1412.6980, section 7. `epsilon=None` means `K.epsilon()`.
    """

    learning_rate: Hyper = 0.002
    beta_1: Hyper = 0.9
    beta_2: Hyper = 0.999
    epsilon: float | None = None
    decay: Hyper = 0.0

    slots = ("m", "u")

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        lr = lr / (1.0 - K.pow(self.beta_1, t))
        s.m = self.beta_1 * s.m + (1.0 - self.beta_1) * g
        s.u = K.maximum(self.beta_2 * s.u, K.abs(g))
        return p - lr * s.m / (s.u + self.epsilon)


class Nadam(Optimizer):
    """Adam with Nesterov momentum and a momentum that rises from step to step.

    The momentum of step t is `beta_1 * (1 - 0.96**(t * schedule_decay) / 2)`; `m_schedule` is the
    product of all so far. Dozat, 2015, "Incorporating Nesterov momentum into Adam". `epsilon=None`
    means `K.epsilon()`.
    """

    learning_rate: Hyper = 0.002
    beta_1: Hyper = 0.9
    beta_2: Hyper = 0.999
    epsilon: float | None = None
    schedule_decay: float = 0.004

    slots = ("m", "v")
    scalars = {"m_schedule": 1.0}  # noqa: RUF012  read only

    def momentum(self, t: Tensor) -> Tensor:
        """The momentum of a step."""
        return self.beta_1 * (1.0 - 0.5 * K.pow(0.96, t * self.schedule_decay))

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """One step."""
        now, ahead = self.momentum(t), self.momentum(t + 1.0)
        s.m_schedule = s.m_schedule * now
        s.m = self.beta_1 * s.m + (1.0 - self.beta_1) * g
        s.v = self.beta_2 * s.v + (1.0 - self.beta_2) * K.square(g)
        from_g = lr * (1.0 - now) / (1.0 - s.m_schedule)
        from_m = lr * ahead / (1.0 - s.m_schedule * ahead)
        size = K.sqrt(s.v / (1.0 - K.pow(self.beta_2, t))) + self.epsilon
        return p - (from_g * g + from_m * s.m) / size

"""The commonest optimizers' rules as single ops on lists of all parameters.

The definitions are the rules; an engine may have one kernel that reads and writes everything once.
"""

from __future__ import annotations

from ..graph.op import composite
from ..graph.tensor import Tensor
from .elementwise import power, sqrt, square


@composite(lists=True)
def momentum_step(p: Tensor, g: Tensor, v: Tensor, lr: Tensor, momentum: Tensor, nesterov):
    """`v = momentum * v - lr * g`, `p = p + v`, or `p + momentum * v - lr * g`: (p, v)."""
    step = lr * g
    v = momentum * v - step
    return p + (momentum * v - step) if nesterov else p + v, v


@composite(lists=True)
def rmsprop_step(p: Tensor, g: Tensor, a: Tensor, lr: Tensor, rho: Tensor, epsilon):
    """`a = rho * a + (1 - rho) * g**2`, `p = p - lr * g / (sqrt(a) + epsilon)`: (p, a)."""
    a = rho * a + (1.0 - rho) * square(g)
    return p - lr * g / (sqrt(a) + epsilon), a


@composite(lists=True)
def adam_step(
    p: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    lr: Tensor,
    beta_1: Tensor,
    beta_2: Tensor,
    t: Tensor,
    epsilon,
):
    """Adam's step number `t` (from 1), both corrections in the learning rate: (p, m, v)."""
    lr = lr * sqrt(1.0 - power(beta_2, t)) / (1.0 - power(beta_1, t))
    m = beta_1 * m + (1.0 - beta_1) * g
    v = beta_2 * v + (1.0 - beta_2) * square(g)
    return p - lr * m / (sqrt(v) + epsilon), m, v

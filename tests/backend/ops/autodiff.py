"""The running engine's own gradients, as an oracle for those of the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras import backend as K
from keras.backend.graph import runtime

Loss = Callable[[list[Any]], Any]  # a scalar function of arrays of the engine


def gradients(loss: Loss, arrays: Sequence[np.ndarray], wrt: Sequence[int]) -> list[np.ndarray]:
    """The gradients with respect to some of the arrays."""
    runtime.engine()  # JAX has float64 from here on
    return {"torch": _by_torch, "jax": _by_jax}[str(K.backend())](loss, arrays, wrt)


def _by_torch(loss: Loss, arrays: Sequence[np.ndarray], wrt: Sequence[int]) -> list[np.ndarray]:
    import torch

    leaves = [torch.tensor(a, requires_grad=i in wrt) for i, a in enumerate(arrays)]
    total = loss(leaves)
    if not total.requires_grad:
        return [np.zeros_like(arrays[i]) for i in wrt]
    made = torch.autograd.grad(total, [leaves[i] for i in wrt], allow_unused=True)
    return [
        np.zeros_like(arrays[i]) if g is None else g.numpy() for i, g in zip(wrt, made, strict=True)
    ]


def _by_jax(loss: Loss, arrays: Sequence[np.ndarray], wrt: Sequence[int]) -> list[np.ndarray]:
    import jax
    import jax.numpy as jnp

    def of_wanted(some: list[Any]) -> Any:
        given: list[Any] = list(map(jnp.asarray, arrays))
        for i, x in zip(wrt, some, strict=True):
            given[i] = x
        return loss(given)

    made = jax.jit(jax.grad(of_wanted))([jnp.asarray(arrays[i]) for i in wrt])
    return [np.asarray(g) for g in made]

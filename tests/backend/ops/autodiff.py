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
    ways = {"torch": _by_torch, "jax": _by_jax, "tensorflow": _by_tensorflow, "theano": _by_theano}
    return ways[str(K.backend())](loss, arrays, wrt)


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


def _by_tensorflow(
    loss: Loss, arrays: Sequence[np.ndarray], wrt: Sequence[int]
) -> list[np.ndarray]:
    import tensorflow as tf

    @tf.function(autograph=False)
    def of_all() -> list[Any]:
        given = list(map(tf.constant, arrays))
        with tf.GradientTape() as tape:
            for i in wrt:
                tape.watch(given[i])
            total = loss(given)
        zero = tf.UnconnectedGradients.ZERO
        return tape.gradient(total, [given[i] for i in wrt], unconnected_gradients=zero)

    return [tf.convert_to_tensor(g).numpy() for g in of_all()]


def _by_theano(loss: Loss, arrays: Sequence[np.ndarray], wrt: Sequence[int]) -> list[np.ndarray]:
    """PyTensor differentiates its own graph of the loss."""
    import pytensor

    from keras.backend.engines import theano
    from keras.backend.graph.render import Source

    fed = [K.placeholder(a.shape, dtype=a.dtype.name) for a in arrays]
    program = K.function(fed, [loss(fed)]).lowered(0)
    source = Source(runtime.engine(), "<the loss>")
    source.function(program)
    given, results = theano.described(source.compile(program.name), program)
    made = pytensor.grad(results[0], [given[i] for i in wrt], disconnected_inputs="ignore")
    run = pytensor.function(given, made, mode=theano.modes.chosen(), on_unused_input="ignore")
    return list(run(*arrays, np.uint64(0)))

"""JAX by hand: pure functions, one jitted step, whose arrays are given up to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..workloads import Array, Workload
from .jax_nets import NETWORKS, Tree

# ---- optimizers: weights, gradients, slots, number of the step -> weights, slots


def mapped(function: Callable[..., Any], *trees: Tree) -> Tree:
    return jax.tree_util.tree_map(function, *trees)


def sgd(w: Tree, g: Tree, slots: Tree, t: Any) -> tuple[Tree, Tree]:
    (v,) = slots
    v = mapped(lambda v, g: 0.9 * v - 0.01 * g, v, g)
    return mapped(jnp.add, w, v), [v]


def rmsprop(w: Tree, g: Tree, slots: Tree, t: Any) -> tuple[Tree, Tree]:
    (s,) = slots
    s = mapped(lambda s, g: 0.9 * s + 0.1 * g * g, s, g)
    return mapped(lambda w, g, s: w - 1e-3 * g / (jnp.sqrt(s) + 1e-7), w, g, s), [s]


def adam(w: Tree, g: Tree, slots: Tree, t: Any) -> tuple[Tree, Tree]:
    m = mapped(lambda m, g: 0.9 * m + 0.1 * g, slots[0], g)
    v = mapped(lambda v, g: 0.999 * v + 0.001 * g * g, slots[1], g)
    rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return mapped(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), w, m, v), [m, v]


OPTIMIZERS = {
    "tiny-mlp": (sgd, 1),
    "mnist-mlp": (rmsprop, 1),
    "cifar-cnn": (rmsprop, 1),
    "imdb-lstm": (adam, 2),
    "cifar-resnet20": (adam, 2),
    "gru-stack": (adam, 2),
    "imdb-bilstm": (adam, 2),
    "convlstm": (adam, 2),
    "separable-cnn": (rmsprop, 1),
}


class Contender:
    """The state of training goes through one jitted function."""

    def __init__(self, name: str, workload: Workload) -> None:
        np.random.seed(0)
        weights, moving, self.forward = NETWORKS[name]()
        self.optimizer, slots = OPTIMIZERS[name]
        self.batch, self.at_once = workload.batch, workload.at_once
        self.two_classes = workload.two_classes
        zeros = [mapped(jnp.zeros_like, weights) for _ in range(slots)]
        self.state = weights, moving, zeros, jax.random.key(0), jnp.zeros(())
        self.sums = jnp.zeros(2)
        self.step_of_rows = jax.jit(
            lambda state, sums, rows, x, y: self.step(state, sums, x[rows], y[rows]),
            donate_argnums=(0, 1),
        )
        self.step_of_batch = jax.jit(self.step, donate_argnums=(0, 1))
        self.outputs = jax.jit(self.probabilities)

    @staticmethod
    def prepare(x: Array, labels: Array) -> tuple[Array, Array]:
        return x, labels

    def scores(self, weights: Tree, moving: Tree, key: Any, x: Any, y: Any) -> tuple[Any, Any]:
        """The mean loss; the means and variances, and how many were right."""
        logits, moving = self.forward(weights, moving, key, x)
        if self.two_classes:
            losses, predicted = jax.nn.softplus(logits) - y * logits, logits > 0
        else:
            logs = jax.nn.log_softmax(logits)
            losses = -jnp.take_along_axis(logs, y[:, None], axis=1)
            predicted = logits.argmax(1)
        return losses.mean(), (moving, (predicted == y).sum())

    def step(self, state: Tree, sums: Any, x: Any, y: Any) -> tuple[Tree, Any]:
        weights, moving, slots, key, t = state
        key, use = jax.random.split(key)
        differentiate = jax.value_and_grad(self.scores, has_aux=True)
        (loss, (moving, hits)), gradients = differentiate(weights, moving, use, x, y)
        weights, slots = self.optimizer(weights, gradients, slots, t + 1)
        sums = sums + jnp.stack([loss * len(x), hits.astype("float32")])
        return (weights, moving, slots, key, t + 1), sums

    def train(self, x: Array, y: Array, go_on: Callable[[float], bool]) -> None:
        inputs, targets = jnp.asarray(x), jnp.asarray(y)
        while True:
            order = np.random.permutation(len(x)).astype("int32")
            self.sums = jnp.zeros(2)
            for start in range(0, len(x), self.batch):
                rows = order[start : start + self.batch]
                made = self.step_of_rows(self.state, self.sums, rows, inputs, targets)
                self.state, self.sums = made
            if not go_on(float(self.sums[0]) / len(x)):
                return

    def train_on_batch(self, x: Array, y: Array) -> Sequence[float]:
        self.state, sums = self.step_of_batch(self.state, jnp.zeros(2), x, y)
        values = np.asarray(sums) / len(x)
        return float(values[0]), float(values[1])

    def probabilities(self, weights: Tree, moving: Tree, x: Any) -> Any:
        logits, _ = self.forward(weights, moving, None, x)
        return jax.nn.sigmoid(logits) if self.two_classes else jax.nn.softmax(logits)

    def predict(self, x: Array) -> Array:
        weights, moving = self.state[:2]
        batches = [x[i : i + self.at_once] for i in range(0, len(x), self.at_once)]
        made = [self.outputs(weights, moving, batch) for batch in batches]
        return np.concatenate([np.asarray(y) for y in made])

"""Twenty steps of training against the original: losses, weights after each step, state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import activations, backend as K, optimizers
from tests.golden.loader import Case, cases, check


class Network:
    """The few layers that the cases use, spelled out in K."""

    def __init__(self, case: Case) -> None:
        self.weights: list[Any] = []
        self.penalty: Any = 0.0
        self.stored = iter([case.array(name) for name in case["weights"]])
        self.inputs = K.placeholder((None, *case.array("x").shape[2:]))
        self.output = self.inputs
        for layer in case["model"]["layers"]:
            kwargs = case.decode(layer["kwargs"])
            self.output = getattr(self, layer["class"].lower())(self.output, **kwargs)

    def weight(self, constraint: Any = None) -> Any:
        self.weights.append(K.variable(next(self.stored), constraint=constraint))
        return self.weights[-1]

    def dense(
        self,
        x: Any,
        units: int,
        activation: Any = None,
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **other: Any,
    ) -> Any:
        kernel = self.weight(kernel_constraint)
        if kernel_regularizer is not None:
            self.penalty = kernel_regularizer(kernel)
        y = K.bias_add(K.dot(x, kernel), self.weight(bias_constraint))
        return activations.get(activation)(y)

    def embedding(self, x: Any, input_dim: int, output_dim: int, **other: Any) -> Any:
        return K.gather(self.weight(), K.cast(x, "int32"))

    def flatten(self, x: Any, **other: Any) -> Any:
        return K.batch_flatten(x)


@pytest.mark.parametrize("case", cases("optimizers2"))
def test_golden(case: Case) -> None:
    network = Network(case)
    x, y = case.array("x"), case.array("y")
    target = K.placeholder((None, *y.shape[2:]))
    loss = K.mean(K.square(network.output - target)) + network.penalty
    optimizer = optimizers.get(case.decode(case["optimizer"]))
    updates = optimizer.get_updates(loss, network.weights)
    train = K.function([network.inputs, target], [loss], updates=updates)
    losses, trace = [], []
    for step in range(case["steps"]):
        if str(step) in case.get("set_lr", {}):
            K.set_value(optimizer.lr, case["set_lr"][str(step)])
        losses.append(train([x[step], y[step]])[0])
        trace.append([K.get_value(weight) for weight in network.weights])
    state = optimizer.get_weights()
    got = {
        "losses": np.array(losses),
        "n_opt_weights": len(state),
        "config": optimizer.get_config(),
        **{f"trace_w{i}": np.stack(steps) for i, steps in enumerate(zip(*trace, strict=True))},
        **{f"opt{i}": array for i, array in enumerate(state)},
    }
    check(case, got)

"""Train the networks of the benchmarks for a few steps: `python -m ...losses_of jax`.

Weights and data are the same on every engine, and nothing is dropped. Prints the loss after each
step, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np

STEPS, BATCH = 3, 6


def losses(name: str) -> list[float]:
    """The losses of one network's first steps; the last batch is smaller."""
    from benchmarks.contenders.evergreen import Contender
    from benchmarks.workloads import WORKLOADS

    workload = WORKLOADS[name]
    contender = Contender(name, workload)
    model: Any = without_dropout(contender.model)
    numbers = np.random.RandomState(3)
    model.set_weights(
        [numbers.normal(0, 0.08, w.shape) if w.ndim > 1 else w for w in model.get_weights()]
    )
    x, y = contender.prepare(*workload.data(STEPS * BATCH - 2))
    batches = [slice(i * BATCH, (i + 1) * BATCH) for i in range(STEPS)]
    return [float(model.train_on_batch(x[some], y[some])[0]) for some in batches]


def without_dropout(model: Any) -> Any:
    """The same network, which drops nothing, compiled alike."""
    config = model.get_config()
    for layer in config["layers"]:
        if layer["class_name"] == "Dropout":
            layer["config"]["rate"] = 0.0
    made = type(model).from_config(config)
    made.compile(loss=model.loss, optimizer=model.optimizer, metrics=["accuracy"])
    return made


def main(engine: str) -> None:
    os.environ["KERAS_BACKEND"] = engine
    from benchmarks.workloads import WORKLOADS

    found = {name: losses(name) for name in WORKLOADS}
    print(json.dumps(found))  # noqa: T201  its answer


if __name__ == "__main__":
    main(*sys.argv[1:])

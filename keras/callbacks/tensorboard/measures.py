"""What is measured on data for TensorBoard: activations and gradients, layers' outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ... import backend as K
from .events import Histogram


def activations(model: Any) -> dict[str, Any]:
    """What the layers put out, by the names that TensorBoard shows."""
    found: dict[str, Any] = {}
    for call in model._calls:
        outputs = call.output_tensors
        for i, tensor in enumerate(outputs):
            name = f"{call.outbound_layer.name}_out" + (f"_{i}" if len(outputs) > 1 else "")
            again = sum(known.startswith(name) for known in found)  # a layer that is shared
            found[f"{name}_at_{again}" if name in found else name] = tensor
    return found


def gradients(model: Any) -> dict[str, Any]:
    """The gradients of the loss, each sample weighted, with respect to what is trained."""
    weights = model.trainable_weights
    settled = model._need_compiled()
    total, _ = settled.total_loss((True,) * len(settled.scored))
    found = K.gradients(total, weights)
    named = zip(weights, found, strict=True)
    return {f"{tag(weight)}_grad": g for weight, g in named if g is not None}


def tag(weight: Any) -> str:
    """A weight's name in TensorBoard."""
    return str(weight.name).replace(":", "_")


class Probe:
    """Computes tensors of a model on data: inputs, targets, sample weights, or inputs alone."""

    def __init__(self, model: Any, tensors: dict[str, Any], with_targets: bool) -> None:
        inputs = list(model._feed_inputs)
        if with_targets:
            scored = model._need_compiled().scored
            inputs += [output.target for output in scored if output.feeds_target]
            inputs += [output.weight_placeholder() for output in scored]
        self.names = list(tensors)
        self.function = K.function([*inputs, K.learning_phase()], list(tensors.values()))
        self.inputs = len(inputs)

    def values(self, data: Sequence[Any], batch_size: int) -> Iterator[dict[str, np.ndarray]]:
        """The values, batch by batch."""
        from ...training.feed.rows import read

        for start in range(0, int(data[0].shape[0]), batch_size):
            rows = slice(start, start + batch_size)
            fed = [read(array, rows) for array in data[: self.inputs]]
            yield dict(zip(self.names, self.function([*fed, 0]), strict=True))

    def histograms(self, data: Sequence[Any], batch_size: int) -> dict[str, Histogram]:
        """The distributions of the values over all data."""
        found = {name: Histogram() for name in self.names}
        for values in self.values(data, batch_size):
            for name, value in values.items():
                found[name].add(value)
        return found

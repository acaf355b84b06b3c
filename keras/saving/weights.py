"""The weights of a model's layers, to and from a group of a file."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import backend as K
from . import h5
from .config import BACKEND, KERAS_VERSION
from .safety import FileError
from .version import Origin


def write_weights(group: Any, layers: Sequence[Any]) -> None:
    """A group for each layer, with the layer's weights, and the layers' names in order."""
    h5.write_names(group, "layer_names", [layer.name for layer in layers])
    h5.write_text(group, "backend", BACKEND)
    h5.write_text(group, "keras_version", KERAS_VERSION)
    for layer in layers:
        weights = layer.weights
        values = K.batch_get_value(weights)
        h5.write_arrays(group.create_group(layer.name), [w.name for w in weights], values)


class Stored(NamedTuple):
    """A layer's weights in a file: their names, and the datasets, which aren't read yet."""

    name: str
    weights: list[str]
    datasets: list[Any]

    @classmethod
    def of(cls, group: Any, name: str) -> Stored:
        """The weights of the layer with this name."""
        own = h5.subgroup(group, name)
        names = h5.read_names(own, "weight_names")
        return cls(name, names, [h5.dataset(own, each) for each in names])

    def __str__(self) -> str:
        shapes = [tuple(d.shape) for d in self.datasets]
        return f"`{self.name}` {shapes}"


def weights_group(file: Any) -> Any:
    """Where a file has its weights: at the root, or in a whole model's `model_weights`."""
    if not h5.has_names(file, "layer_names") and "model_weights" in file:
        return h5.subgroup(file, "model_weights")
    return file


def origin_of(group: Any) -> Origin:
    """Who wrote this group."""
    return Origin(h5.read_text(group, "keras_version"), h5.read_text(group, "backend"))


def read_weights(group: Any, model: Any, reshape: bool = False) -> None:
    """Give a model the weights of a file, in order; layers without weights don't count."""
    stored = [Stored.of(group, name) for name in h5.read_names(group, "layer_names")]
    filled = [each for each in stored if each.weights]
    layers = [layer for layer in model.layers if layer.weights]
    if len(filled) != len(layers):
        raise FileError(_other_layers(model, layers, filled))
    pairs = list(zip(layers, filled, strict=True))
    found = Fitting(model, origin_of(group), reshape)
    for layer, own in pairs:
        found.add(layer, own)
    found.assign()


def read_weights_by_name(
    group: Any, model: Any, skip_mismatch: bool = False, reshape: bool = False
) -> None:
    """Give the layers that a file knows by name their weights, and leave the others as they are."""
    names = set(h5.read_names(group, "layer_names"))
    layers = [layer for layer in model.layers if layer.name in names and layer.weights]
    if not layers:
        warnings.warn(
            f"Model `{model.name}`: no layer with weights has a name that the file knows, so "
            f"nothing was loaded. The file has {_listed(names)}; the model has "
            f"{_listed(layer.name for layer in model.layers)}.",
            stacklevel=4,
        )
    found = Fitting(model, origin_of(group), reshape)
    for layer in layers:
        own = Stored.of(group, layer.name)
        if own.weights:
            found.add(layer, own)
    found.assign(skip_mismatch)


class Fitting:
    """Pairs of layers and what a file holds of them; nothing is set before all of it fits."""

    def __init__(self, model: Any, origin: Origin, reshape: bool) -> None:
        self.model = model
        self.origin = origin
        self.reshape = reshape
        self.values: list[tuple[Any, Any]] = []
        self.problems: list[str] = []

    def add(self, layer: Any, stored: Stored) -> None:
        """Take a layer's weights from a file, or note why they don't fit."""
        weights = layer.weights
        if len(weights) != len(stored.weights):
            self.problems.append(
                f"`{layer.name}` has {len(weights)} weights, {_shapes(weights)}; the file has "
                f"{len(stored.weights)} for it, {stored}."
            )
            return
        fitting = [self._fit(*each) for each in zip(weights, stored.datasets, strict=True)]
        wrong = [problem for problem in fitting if isinstance(problem, str)]
        if wrong:
            self.problems.append(f"`{layer.name}`: {'; '.join(wrong)}.")
        else:
            self.values += zip(weights, fitting, strict=True)

    def _fit(self, weight: Any, dataset: Any) -> Any:
        """What a weight will be set to, or in a sentence why not."""
        shape = tuple(weight.shape)
        if tuple(dataset.shape) == shape:
            return dataset
        if self.reshape and np.prod(dataset.shape) == np.prod(shape):
            return np.reshape(dataset[()], shape)
        return f"`{weight.name}` has shape {shape}, in the file {tuple(dataset.shape)}"

    def assign(self, skip_mismatch: bool = False) -> None:
        """Set all that fits; raise (or warn) if something doesn't."""
        if self.problems:
            listed = "\n  ".join(self.problems)
            if not skip_mismatch:
                raise FileError(
                    f"The weights in the file don't fit model `{self.model.name}`:\n  {listed}"
                )
            warnings.warn(
                f"Model `{self.model.name}`: layers that the file's weights don't fit were left as "
                f"they are:\n  {listed}",
                stacklevel=5,
            )
        for weight, value in self.values:
            weight.assign(np.asarray(value[()], dtype=weight.dtype))


def _shapes(weights: Sequence[Any]) -> str:
    return ", ".join(f"`{w.name}` {tuple(w.shape)}" for w in weights)


def _other_layers(model: Any, layers: Sequence[Any], stored: Sequence[Stored]) -> str:
    ours = {layer.name for layer in layers}
    theirs = {each.name for each in stored}
    parts = [
        f"The file has {len(stored)} layers with weights, model `{model.name}` has {len(layers)}."
    ]
    if theirs - ours:
        parts.append(f"Only in the file: {_listed(theirs - ours)}.")
    if ours - theirs:
        parts.append(f"Only in the model: {_listed(ours - theirs)}.")
    parts.append("`by_name=True` loads the layers that both know.")
    return " ".join(parts)


def _listed(names: Any) -> str:
    found = sorted(names)
    more = f" and {len(found) - 20} more" if len(found) > 20 else ""
    return ", ".join(f"`{name}`" for name in found[:20]) + more

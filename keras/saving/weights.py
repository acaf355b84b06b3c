"""The weights of a model's layers, to and from a group of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from ..caller import warn
from . import h5, places
from .config import BACKEND, KERAS_VERSION, read_json
from .pieces import Piece, Stored, pieces
from .safety import FileError
from .upgrade import upgraded_arrays
from .version import Origin


def write_weights(group: Any, layers: Sequence[Any]) -> None:
    """A group for each layer, with the layer's weights, and the layers' names in order."""
    h5.write_names(group, "layer_names", [layer.name for layer in layers])
    h5.write_text(group, "backend", BACKEND)
    h5.write_text(group, "keras_version", KERAS_VERSION)
    for layer in layers:
        weights = layer.weights
        values = (w.numpy(copy=False) for w in weights)
        h5.write_arrays(group.create_group(layer.name), [w.name for w in weights], values)


def stored_in(group: Any, name: str) -> Stored:
    """The weights in the group of the layer with this name."""
    own = h5.subgroup(group, name)
    names = h5.read_names(own, "weight_names")
    return Stored(name, names, h5.datasets(own, names))


NUMBERED = "nb_layers"
"""Versions before 1.0 numbered layers and weights, and said how many there are."""


def stored_layers(group: Any) -> Iterator[Stored]:
    """The layers of a group of weights, in its order."""
    if NUMBERED not in group.attrs:
        yield from (stored_in(group, name) for name in h5.read_names(group, "layer_names"))
        return
    for i in range(h5.read_count(group, NUMBERED)):
        own = h5.subgroup(group, f"layer_{i}")
        names = [f"param_{j}" for j in range(h5.read_count(own, "nb_params"))]
        yield Stored(f"layer_{i}", names, h5.datasets(own, names))


def weights_group(file: Any) -> Any:
    """Where a file has its weights: at the root, or in a whole model's `model_weights`."""
    if not h5.has_names(file, "layer_names") and "model_weights" in file:
        return h5.subgroup(file, "model_weights")
    return file


def origin_of(group: Any) -> Origin:
    """Who wrote this group."""
    return Origin(h5.read_text(group, "keras_version"), h5.read_text(group, "backend"))


def saved_entries(file: Any) -> dict[str, Any]:
    """The configs of a model's layers by their names, as far as a file has them."""
    text = h5.read_text(file, "model_config")
    said = read_json(text, "`model_config`") if text else None
    config = said.get("config") if isinstance(said, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else config
    found = {}
    for entry in layers if isinstance(layers, list) else ():
        inner = entry.get("config") if isinstance(entry, dict) else None
        name = inner.get("name") if isinstance(inner, dict) else None
        found[str(name if name is not None else _name_of(entry))] = entry
    return found


def _name_of(entry: Any) -> Any:
    return entry.get("name") if isinstance(entry, dict) else None


class Fitting:
    """Pairs of layers and what a file holds of them; nothing is set before all of it fits."""

    def __init__(
        self,
        model: Any,
        origin: Origin,
        reshape: bool = False,
        entries: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.origin = origin
        self.reshape = reshape
        self.entries = entries or {}
        self.values: list[tuple[Any, Any]] = []
        self.problems: list[str] = []
        self.found: list[tuple[Piece, Stored]] = []
        self._asked: dict[Any, list[Any]] = {}

    def _weights_of(self, layer: Any) -> list[Any]:
        """A layer's weights, which takes a walk through its attributes, once for each."""
        if layer not in self._asked:
            self._asked[layer] = layer.weights
        return self._asked[layer]

    def in_order(self, group: Any, by_name: bool = False) -> None:
        """Pair all layers with weights with those of a group: in order, or surely by name."""
        self.to_layers(list(stored_layers(group)), by_name and NUMBERED not in group.attrs)

    def to_layers(self, stored: Sequence[Stored], by_name: bool) -> None:
        """Pair all layers that have weights with the stored ones."""
        filled = [each for each in stored if each.weights]
        layers = [layer for layer in self.model.layers if self._weights_of(layer)]
        if len(filled) != len(layers):
            raise FileError(_other_layers(self.model, layers, filled))
        order = {layer.name: i for i, layer in enumerate(layers)}
        if by_name and len(order) == len(layers) and {*order} == {s.name for s in filled}:
            filled.sort(key=lambda s: order[s.name])
        for layer, own in zip(layers, filled, strict=True):
            self.add(layer, own)

    def by_name(self, group: Any) -> None:
        """Pair the layers that both sides know by name."""
        if NUMBERED in group.attrs:
            raise FileError(
                "Files of weights from before Keras 1.0 don't name layers: load them in order, "
                "`by_name=False`."
            )
        names = set(h5.read_names(group, "layer_names"))
        layers = [layer for layer in self.model.layers if layer.name in names and layer.weights]
        if not layers:
            warn(
                f"Model `{self.model.name}`: no layer with weights has a name that the file knows, "
                f"so nothing was loaded. The file has {_listed(names)}; the model has "
                f"{_listed(layer.name for layer in self.model.layers)}."
            )
        for layer in layers:
            own = stored_in(group, layer.name)
            if own.weights:
                self.add(layer, own)

    def by_place(self, group: Any) -> None:
        """Pair the layers with what stands at their places in the way of Keras 3."""
        for piece, stored in places.stored_in(group, self.model):
            self._take([piece], stored)

    def add(self, layer: Any, stored: Stored) -> None:
        """Take a layer's weights from a file, or note why they don't fit."""
        try:
            found = pieces(layer, stored, self.origin, self.entries.get(stored.name))
        except FileError as error:
            self.problems.append(str(error))
            return
        self._take(found, stored)

    def _take(self, found: Sequence[Piece], stored: Stored) -> None:
        try:
            values = [pair for piece in found for pair in self._values(piece, stored)]
        except FileError as error:
            self.problems.append(str(error))
            return
        self.found += [(piece, stored) for piece in found]
        self.values += values

    def _values(self, piece: Piece, stored: Stored) -> list[tuple[Any, Any]]:
        """A layer's weights with what they will be set to."""
        weights = self._weights_of(piece.leaf)
        arrays = [stored.datasets[i] for i in piece.arrays]
        check_numbers(piece.leaf, weights, arrays)
        made = upgraded_arrays(piece.leaf, arrays, self.origin)
        if len(made) != len(weights):
            raise FileError(
                f"`{piece.leaf.name}` has {len(weights)} weights, {_shapes(weights)}; the file has "
                f"{len(arrays)} for it, {stored}."
            )
        fitting = [self._fit(*each) for each in zip(weights, made, strict=True)]
        wrong = [problem for problem in fitting if isinstance(problem, str)]
        if wrong:
            raise FileError(f"`{piece.leaf.name}`: {'; '.join(wrong)}.")
        return list(zip(weights, fitting, strict=True))

    def _fit(self, weight: Any, array: Any) -> Any:
        """What a weight will be set to, or in a sentence why not."""
        shape = tuple(weight.shape)
        if tuple(array.shape) == shape:
            return array
        if self.reshape and np.prod(array.shape) == np.prod(shape):
            return np.reshape(array[()], shape)
        return f"`{weight.name}` has shape {shape}, in the file {tuple(array.shape)}"

    def warn_of_unknown_backend(self) -> None:
        """Say so if nobody said whether Theano has turned the kernels round."""
        if self.origin.generation != 1 or self.origin.backend:
            return
        doubtful = [
            piece.leaf.name
            for piece, _ in self.found
            if getattr(piece.leaf, "data_format", "") == "channels_first"
            and any(len(w.shape) > 3 for w in piece.leaf.weights)
        ]
        if doubtful:
            warn(
                f"Files of Keras 1 don't say which backend wrote them. The convolutions "
                f"{_listed(doubtful)} are in the order of Theano, which turned kernels round: if "
                "it was Theano, load with `original_backend='theano'`; if not, 'tensorflow'."
            )

    def assign(self, skip_mismatch: bool = False) -> None:
        """Set all that fits; raise (or warn) if something doesn't."""
        if self.problems:
            listed = "\n  ".join(self.problems)
            if not skip_mismatch:
                raise FileError(
                    f"The weights in the file don't fit model `{self.model.name}`:\n  {listed}"
                )
            warn(
                f"Model `{self.model.name}`: layers that the file's weights don't fit were left as "
                f"they are:\n  {listed}"
            )
        self.warn_of_unknown_backend()
        for weight, value in self.values:
            h5.give(weight, value)


def check_numbers(layer: Any, weights: Sequence[Any], arrays: Sequence[Any]) -> None:
    """Raise before anything is read if a file has far more numbers than a layer has weights."""
    expected = sum(prod(w.shape) for w in weights)
    stored = sum(prod(a.shape) for a in arrays)
    if stored > 2 * expected + 1:
        raise FileError(
            f"`{layer.name}` has {expected:,} numbers in its weights; the file has {stored:,} for "
            f"it: {[tuple(a.shape) for a in arrays]} for {_shapes(weights)}."
        )


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

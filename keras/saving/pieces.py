"""Which arrays of a group belong to which layer inside: a model's group is one flat list.

It holds the trainable weights of all layers, then the others, by the flags at the time of saving.
These may be other flags than the model's own, so each order that could have been is tried until
shapes and names fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..layers.base.weights import unique
from ..layers.wrappers import Wrapper
from ..models import Network
from .safety import FileError
from .upgrade import upgraded_arrays
from .upgrade.gates import kinds
from .version import Origin

Frozen = Callable[[Any], bool]


class Piece(NamedTuple):
    """A layer without layers inside, and the numbers of its arrays, the trainable ones first."""

    leaf: Any
    arrays: list[int]


def inner_layers(layer: Any) -> list[Any]:
    """The layers that hold all of a layer's weights, if it has none of its own."""
    if isinstance(layer, Network):
        inner = list(layer.layers)
    elif hasattr(layer, "forward_layer"):
        inner = [layer.forward_layer, layer.backward_layer]
    elif isinstance(layer, Wrapper):
        inner = [layer.layer]
    else:
        return []
    held = {id(w) for each in inner for w in each.weights}
    return inner if all(id(w) in held for w in layer.weights) else []


def leaves(layer: Any) -> list[Any]:
    """The layers inside that have none inside themselves; a layer without is its own."""
    inner = inner_layers(layer)
    return unique([leaf for each in inner for leaf in leaves(each)]) if inner else [layer]


class Stored(NamedTuple):
    """A layer's weights in a file: their names, and the datasets, which aren't read yet."""

    name: str
    weights: list[str]
    datasets: list[Any]

    def __str__(self) -> str:
        shapes = [tuple(d.shape) for d in self.datasets]
        return f"`{self.name}` {shapes}"


def pieces(
    layer: Any, stored: Stored, origin: Origin, flags: Mapping[str, bool] | None = None
) -> list[Piece]:
    """Distribute a group over the layers inside; `flags`: what was trainable, if the file says."""
    if leaves(layer) == [layer]:
        return [Piece(layer, list(range(len(stored.weights))))]
    fitting = [
        found
        for found in _candidates(layer, stored, origin, flags or {})
        if all(_fits(piece, stored, origin) for piece in found)
    ]
    for found in fitting:
        if all(_agree(piece, stored) for piece in found):
            return found
    if fitting:
        return fitting[0]
    raise FileError(
        f"`{layer.name}` holds {len(leaves(layer))} layers with the weights {_shapes(layer)}; the "
        f"file has other ones for it, {stored}."
    )


def _candidates(
    layer: Any, stored: Stored, origin: Origin, flags: Mapping[str, bool]
) -> Iterator[list[Piece]]:
    """The orders that could have been: by the file's flags, by the model's own, all trainable."""
    by_flags: list[Frozen] = [
        lambda each: not flags.get(each.name, each.trainable),
        lambda each: not each.trainable,
        lambda each: False,
        lambda each: isinstance(each, Network),
    ]
    for frozen in by_flags:
        for split in (True, False):
            first, then = _order(layer, frozen, origin, split)
            if len(first) + len(then) == len(stored.weights):
                found: dict[int, list[int]] = {}
                for i, leaf in enumerate([*first, *then]):
                    found.setdefault(id(leaf), []).append(i)
                inside = {id(leaf): leaf for leaf in leaves(layer)}
                yield [Piece(inside[key], numbers) for key, numbers in found.items()]


def _order(layer: Any, frozen: Frozen, origin: Origin, split: bool) -> tuple[list[Any], list[Any]]:
    """For each array of a layer, in the file's order, the leaf it belongs to: trainable, others.

    `split`: gates have arrays of their own, as Keras 1 had them.
    """
    first: list[Any] = []
    then: list[Any] = []
    inner = inner_layers(layer)
    for each in inner:
        trainable, rest = _order(each, frozen, origin, split)
        first += trainable
        then += rest
    if not inner:
        trainable_count, rest_count = counts(layer, origin, split)
        first, then = [layer] * trainable_count, [layer] * rest_count
    return ([], first + then) if frozen(layer) else (first, then)


def counts(leaf: Any, origin: Origin, split: bool) -> tuple[int, int]:
    """How many arrays a file has of a layer: those of weights that can be trained, and others."""
    if origin.generation == 1 and split:
        found = kinds(leaf)
        if found & {"LSTM", "ConvLSTM2D"}:
            return 12, 0
        if "GRU" in found:
            return 9, 0
    before = leaf.trainable
    leaf.trainable = True
    try:
        return len(leaf.trainable_weights), len(leaf.non_trainable_weights)
    finally:
        leaf.trainable = before


def _fits(piece: Piece, stored: Stored, origin: Origin) -> bool:
    """Whether arrays of these shapes become a layer's weights; nothing is read for it."""
    empty = [np.broadcast_to(np.float32(0), stored.datasets[i].shape) for i in piece.arrays]
    try:
        made = upgraded_arrays(piece.leaf, empty, origin)
    except FileError:
        return False
    shapes = [tuple(w.shape) for w in piece.leaf.weights]
    return [tuple(a.shape) for a in made] == shapes


KERAS1_NAMES = {
    "W": "kernel",
    "U": "recurrent_kernel",
    "b": "bias",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",
}


def _agree(piece: Piece, stored: Stored) -> bool:
    """Whether the names in the file end as the weights' own do."""
    if len(piece.arrays) != len(piece.leaf.weights):
        return True  # gates of Keras 1: their shapes tell
    names = [stored.weights[i] for i in piece.arrays]
    return all(same_end(n, w.name) for n, w in zip(names, piece.leaf.weights, strict=True))


def same_end(stored: str, own: str) -> bool:
    """Whether two names of weights end with the same word.

    >>> same_end("conv_1_1/kernel_2:0", "conv_1/kernel:0")
    True
    >>> same_end("bn_running_std:0", "bn/moving_mean:0")
    False
    """
    word, ours = _last_word(stored), _last_word(own)
    old = [word for word, new in KERAS1_NAMES.items() if new == ours]
    return word == ours or any(word.endswith(f"_{end}") for end in [ours, *old])


def _last_word(name: str) -> str:
    word = name.split("/")[-1].partition(":")[0]
    stem, _, number = word.rpartition("_")
    return stem if number.isdecimal() and stem else word


def _shapes(layer: Any) -> Sequence[tuple[int, ...]]:
    return [tuple(w.shape) for w in layer.weights]

"""Which arrays of a group belong to which layer inside: a model's group is one flat list.

It holds the trainable weights of all layers, then the others, by the flags at the time of saving,
which may be others than the model's own. The names of the arrays tell, or the flags in the file;
else each order that could have been is tried until shapes and names fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..caller import warn
from ..layers.base import InputLayer
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


def pieces(layer: Any, stored: Stored, origin: Origin, entry: Any = None) -> list[Piece]:
    """Distribute a group over the layers inside; `entry`: the layer's config in the file."""
    if leaves(layer) == [layer]:
        return [Piece(layer, list(range(len(stored.weights))))]
    sure = [_by_name(layer, stored), *_by_flags(layer, stored, origin, entry)]
    sure.append(_by_rank(layer, stored))
    for found in sure:
        if found and all(_fits(p, stored, origin) and _agree(p, stored) for p in found):
            return found
    fitting = [
        found
        for found in _candidates(layer, stored, origin)
        if all(_fits(piece, stored, origin) for piece in found)
    ]
    likely = [found for found in fitting if all(_agree(p, stored) for p in found)] or fitting
    if not likely:
        raise FileError(
            f"`{layer.name}` holds {len(leaves(layer))} layers with the weights {_shapes(layer)}; "
            f"the file has other ones for it, {stored}."
        )
    if any(_numbers(found) != _numbers(likely[0]) for found in likely[1:]):
        warn(
            f"`{layer.name}`: the file doesn't say which of its layers were trainable when it was "
            "saved, which decides about the order of its weights. The order of the model's own "
            "flags is taken; load the whole model, or name the layers as they were, to be sure."
        )
    return likely[0]


def _numbers(found: list[Piece]) -> dict[int, list[int]]:
    return {id(piece.leaf): piece.arrays for piece in found}


# ---- by what the file says


def _by_name(layer: Any, stored: Stored) -> list[Piece] | None:
    """By the paths in the file, if each leads through the name of one layer inside."""
    inside = {leaf.name: leaf for leaf in leaves(layer)}
    if len(inside) < len(leaves(layer)):
        return None
    found: dict[str, list[int]] = {}
    for i, path in enumerate(stored.weights):
        names = [part for part in path.split("/")[:-1] if part in inside]
        if len(names) != 1:
            return None
        found.setdefault(names[0], []).append(i)
    return [Piece(inside[name], numbers) for name, numbers in found.items()]


def _by_rank(layer: Any, stored: Stored) -> list[Piece] | None:
    """By the numbers in names given automatically: the first `dense_...` is the first there."""
    found: dict[str, list[int]] = {}
    for i, path in enumerate(stored.weights):
        found.setdefault(path.rpartition("/")[0].rpartition("/")[2], []).append(i)
    ours = [leaf for leaf in leaves(layer) if leaf.weights]
    ranks = _ranks([leaf.name for leaf in ours])
    theirs = _ranks(list(found))
    if len(theirs) != len(ours) or set(theirs) != set(ranks) or "" in found:
        return None
    by_rank = dict(zip(ranks, ours, strict=True))
    return [Piece(by_rank[r], own) for r, own in zip(theirs, found.values(), strict=True)]


def _ranks(names: Sequence[str]) -> list[tuple[str, int]]:
    """Each name's stem, and its place among those with the same one by their numbers.

    >>> _ranks(["dense_7", "lstm_1", "dense_3"])
    [('dense', 1), ('lstm', 0), ('dense', 0)]
    """
    parts = [re.fullmatch(r"(.*?)(?:_(\d+))?", name, re.DOTALL) for name in names]
    split = [
        (p[1], int(p[2] or 0)) if p else (name, 0) for p, name in zip(parts, names, strict=True)
    ]
    by_stem: dict[str, list[int]] = {}
    for stem, number in split:
        by_stem.setdefault(stem, []).append(number)
    return [(stem, sorted(by_stem[stem]).index(number)) for stem, number in split]


def _by_flags(layer: Any, stored: Stored, origin: Origin, entry: Any) -> Iterator[list[Piece]]:
    """By the flags in the config that the file has of the layer."""
    flags: dict[int, bool] = {}
    if isinstance(entry, Mapping) and _collect_flags(layer, entry, flags):
        yield from _orders(layer, stored, origin, lambda each: not flags[id(each)])


def _collect_flags(layer: Any, entry: Mapping[str, Any], flags: dict[int, bool]) -> bool:
    """The flag of each layer inside by the config's; False if they aren't built alike."""
    config = entry.get("config")
    if isinstance(config, list):  # a Sequential model of old
        config = {"layers": config}
    if not isinstance(config, Mapping):
        return False
    flags[id(layer)] = bool(config.get("trainable", True))
    inner = inner_layers(layer)
    if not inner:
        return True
    if isinstance(layer, Network):
        entries = [e for e in config.get("layers") or () if isinstance(e, Mapping)]
        inner = [each for each in inner if not isinstance(each, InputLayer)]
        entries = [each for each in entries if each.get("class_name") != "InputLayer"]
    else:
        entries = [config.get("layer") or {}] * len(inner)
    if len(entries) != len(inner):
        return False
    return all(
        isinstance(said, Mapping) and _collect_flags(each, said, flags)
        for each, said in zip(inner, entries, strict=True)
    )


# ---- by trying


def _candidates(layer: Any, stored: Stored, origin: Origin) -> Iterator[list[Piece]]:
    """The orders that could have been: by the model's own flags, all trainable, none inside."""
    by_flags: list[Frozen] = [
        lambda each: not each.trainable,
        lambda each: False,
        lambda each: isinstance(each, Network),
    ]
    for frozen in by_flags:
        yield from _orders(layer, stored, origin, frozen)


def _orders(layer: Any, stored: Stored, origin: Origin, frozen: Frozen) -> Iterator[list[Piece]]:
    """The order by flags, with the gates of Keras 1 apart or together."""
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

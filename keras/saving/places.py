"""Where Keras 3 keeps weights: under paths made of the names of classes.

`layers/dense_1/vars/0` is the first array of the second `Dense`; an array's place in a layer is
the order in which the layer made it, trained ones first. The names of layers don't matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..layers import RNN
from ..layers.wrappers import Wrapper
from ..models import Model, Network
from . import h5
from .pieces import Piece, Stored
from .safety import FileError, address
from .version import Origin

LAYERS = ("layers/", "_layer_checkpoint_dependencies/")
"""The groups of a model's layers, as newer and the first versions called them."""

NOT_WEIGHTS = ("optimizer", "metrics", "_metrics", "loss_tracker", "seed_generator")
"""Groups beside the layers with what a model's predictions don't depend on."""


ORIGIN = Origin("3.0")
"""Who lays weights out like this, where the file doesn't say which version it was."""


class Place(NamedTuple):
    """A layer without layers inside, and the groups of its arrays."""

    leaf: Any
    groups: list[str]


def places(layer: Any, path: str = "", inside: str = LAYERS[0]) -> Iterator[Place]:
    """The places of all layers in a model; each layer has one, where it is met first."""
    seen: set[int] = set()

    def walk(each: Any, path: str) -> Iterator[Place]:
        if id(each) in seen:
            return
        seen.add(id(each))
        if isinstance(each, Network):
            for name, part in named(each.layers, twice=inside == LAYERS[1]):
                yield from walk(part, f"{path}{inside}{name}/")
        elif hasattr(each, "forward_layer"):
            yield from walk(each.forward_layer, f"{path}forward_layer/")
            yield from walk(each.backward_layer, f"{path}backward_layer/")
        elif isinstance(each, Wrapper):
            yield from walk(each.layer, f"{path}layer/")
        elif isinstance(each, RNN):
            cells = getattr(each.cell, "cells", None)
            own = [f"{path}cell/"]
            if cells is not None:
                own = [f"{path}cell/cells/{name}/" for name, _ in named(cells)]
            yield Place(each, own)
        else:
            yield Place(each, [path])

    return walk(layer, path)


def named(layers: Sequence[Any], twice: bool = False) -> list[tuple[str, Any]]:
    """Layers with the names of their classes, numbered from the second of a class on.

    `twice`: layers with weights count as two, as the first versions listed them.
    """
    taken: dict[str, int] = {}
    made = []
    for layer in layers:
        kind = "Functional" if type(layer) is Model else type(layer).__name__
        stem = group_name(kind)
        number = taken.setdefault(stem, 0)
        taken[stem] += 2 if twice and layer.weights else 1
        made.append((f"{stem}_{number}" if number else stem, layer))
    return made


def group_name(kind: str) -> str:
    """A class's name as a group; figures stand with the letters before them, unlike in our names.

    >>> group_name("ConvLSTM2D"), group_name("LeakyReLU"), group_name("Conv2DTranspose")
    ('conv_lstm2d', 'leaky_re_lu', 'conv2d_transpose')
    """
    spaced = re.sub(r"(?<=.)([A-Z][a-z]+)", r"_\1", re.sub(r"\W", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


# ---- reading


def is_here(group: Any) -> bool:
    """Whether a group is laid out like this."""
    return any(name[:-1] in group for name in LAYERS) and not h5.has_names(group, "layer_names")


def stored_in(group: Any, model: Any) -> Iterator[tuple[Piece, Stored]]:
    """Each layer's arrays in a file; raises if the file has more than the model takes."""
    inside = next((name for name in LAYERS if name[:-1] in group), LAYERS[0])
    left = dict(arrays(group))
    for leaf, groups in places(model, inside=inside):
        found: list[str] = []
        for path in groups:
            found += sorted(_of(left, path), key=lambda name: int(name.rpartition("/")[2]))
        if leaf.weights and not found:
            raise FileError(
                f"The file has no weights for layer `{leaf.name}`: there is nothing under "
                f"`{groups[0]}vars`. It has {_short(left) or 'no more'}."
            )
        if found:
            datasets = [left.pop(name) for name in found]
            yield Piece(leaf, list(range(len(found)))), Stored(groups[0], found, datasets)
    if left:
        raise FileError(
            f"The file has weights that no layer of model `{model.name}` takes: {_short(left)}."
        )


def _of(arrays: dict[str, Any], path: str) -> list[str]:
    start = f"{path}vars/"
    return [n for n in arrays if n.startswith(start) and n[len(start) :].isdecimal()]


def arrays(group: Any) -> Iterator[tuple[str, Any]]:
    """All arrays of weights under a group, with their paths."""
    level = [("", group)]
    seen = {address(group)}
    while level:
        path, here = level.pop()
        for name in here:
            if name in NOT_WEIGHTS and not path.endswith(LAYERS):
                continue
            if not h5.is_group(here, name):
                yield f"{path}{name}", h5.dataset(here, name)
                continue
            inner = h5.subgroup(here, name)
            if address(inner) in seen:
                raise FileError(f"`{inner.name}` is a group that the file has in two places.")
            seen.add(address(inner))
            level.append((f"{path}{name}/", inner))


def optimizer_arrays(group: Any) -> list[Any]:
    """The optimizer's arrays in order, or none."""
    if "optimizer" not in group:
        return []
    own = h5.subgroup(h5.subgroup(group, "optimizer"), "vars")
    return [h5.dataset(own, name) for name in sorted(filter(str.isdecimal, own), key=int)]


def _short(names: Any) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    return ", ".join(f"`{name}`" for name in listed[:8]) + more


# ---- writing


def write_weights(group: Any, model: Any) -> None:
    """A model's weights as Keras 3 lays them out."""
    for leaf, groups in places(model):
        values = [w.numpy(copy=False) for w in leaf.weights]
        if len(groups) == 1:
            _write(group, groups[0], leaf.name, values)
            continue
        for path, cell in zip(groups, leaf.cell.cells, strict=True):
            _write(group, path, cell.name, values[: len(cell.weights)])
            values = values[len(cell.weights) :]
    group.require_group("vars").attrs["name"] = model.name


def _write(group: Any, path: str, name: str, values: Sequence[Any]) -> None:
    own = group.create_group(f"{path}vars")
    own.attrs["name"] = name
    for i, value in enumerate(values):
        own.create_dataset(str(i), data=value)

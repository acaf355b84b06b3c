"""An optimizer's state by its meaning: which array is which slot of which weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import h5
from .pieces import Piece, Stored, counts
from .upgrade import upgraded_arrays
from .upgrade.training import NotOurs
from .version import Origin

Shapes = list[tuple[int, ...]]

# Numbers before the slots, by how many there are. Newer optimizers keep their learning rate too.
HEADS: dict[str, dict[int, tuple[str, ...]]] = {
    "": {0: (), 1: ("iterations",), 2: ("iterations", "learning_rate")},
    "Nadam": {
        1: ("iterations",),
        2: ("iterations", "m_schedule"),
        3: ("iterations", "learning_rate", "m_schedule"),
    },
}
NEWER_HEADS = HEADS[""]
NEWER_TAILS: dict[str, tuple[str, ...]] = {"Nadam": ("m_schedule",)}
"""The newer ones' numbers behind the slots, which aren't always there."""


class Saved(NamedTuple):
    """An optimizer's arrays in a file.

    `together`: each weight's slots follow one another, as the optimizers of Keras 3 have them, and
    those of TensorFlow's Keras since 2.11.
    """

    arrays: Sequence[Any]
    together: bool


class Param(NamedTuple):
    """A trainable array of the file: its name, its shape, and its place in a layer."""

    name: str
    shape: tuple[int, ...]
    piece: Piece
    place: int


def params_of(
    found: Sequence[tuple[Piece, Stored]], origin: Origin, frozen_too: bool = False
) -> list[Param]:
    """The trainable arrays of a file in the order in which optimizers had them."""
    made = []
    for piece, stored in found:
        split = len(piece.arrays) != len(piece.leaf.weights)
        trainable, _ = counts(piece.leaf, origin, split)
        if not (piece.leaf.trainable_weights or frozen_too):
            continue
        for place, i in enumerate(piece.arrays[:trainable]):
            shape = tuple(stored.datasets[i].shape)
            made.append(Param(stored.weights[i], shape, piece, place))
    # Keras 1 sorted the weights by name before it gave them to the optimizer.
    return sorted(made, key=lambda p: p.name) if origin.generation == 1 else made


class State(NamedTuple):
    """The numbers before the slots by name, and each slot as a list of arrays, one a parameter."""

    numbers: dict[str, Any]
    slots: list[list[Any]]


def parsed(kind: str, saved: Saved, params: Sequence[Param]) -> State:
    """Tell an optimizer's numbers and slots apart, by their shapes."""
    shapes = [tuple(a.shape) for a in saved.arrays]
    heads = NEWER_HEADS if saved.together else HEADS.get(kind, HEADS[""])
    tails = [(), NEWER_TAILS[kind]] if saved.together and kind in NEWER_TAILS else [()]
    for names, tail in ((head, tail) for head in heads.values() for tail in tails):
        count, end = len(names), len(shapes) - len(tail)
        numbers = [*range(count), *range(end, len(shapes))]
        if end < count or any(shapes[i] for i in numbers):
            continue
        slots = _slots(list(saved.arrays[count:end]), [p.shape for p in params], saved.together)
        if slots is not None:
            values = (np.asarray(saved.arrays[i][()]) for i in numbers)
            return State(dict(zip([*names, *tail], values, strict=True)), slots)
    raise NotOurs(
        f"the file holds arrays of the shapes {shapes} for weights of {[p.shape for p in params]}"
    )


def _slots(arrays: list[Any], shapes: Shapes, together: bool) -> list[list[Any]] | None:
    """One list for each slot; `None` if the shapes aren't those of the weights.

    `together`: a weight's first two slots follow one another. Adam's `vhat` comes by itself, and
    may be one number a weight.
    """
    if not arrays:
        return []
    if not shapes or len(arrays) % len(shapes):
        return None
    count, width = len(arrays) // len(shapes), len(shapes)
    rows = [arrays[i * width : (i + 1) * width] for i in range(count)]
    if together and count > 1:
        rows[:2] = arrays[0 : 2 * width : 2], arrays[1 : 2 * width : 2]
    fits = [
        [tuple(a.shape) for a in row] == shapes or (i == 2 and all(a.shape == (1,) for a in row))
        for i, row in enumerate(rows)
    ]
    return rows if all(fits) else None


def restore(
    model: Any,
    saved: Saved,
    found: Sequence[tuple[Piece, Stored]],
    origin: Origin,
    weights: Sequence[Any],
) -> None:
    """Give an optimizer's variables `weights` the values of a file."""
    optimizer = model.optimizer
    kind = type(optimizer).__name__
    trained = model._collected_trainable_weights
    if not _by_rule(optimizer, weights, len(trained)):
        _in_order(optimizer, saved)
        return
    state, params = _read(kind, saved, found, origin)
    own = [*optimizer.slots]
    if len(state.slots) > len(own):
        raise NotOurs(
            f"the file holds {len(state.slots)} slots for each weight, `{kind}` {len(own)}"
        )
    names = ["iterations", *optimizer.scalars]
    variables = dict(zip(names, weights, strict=False))
    values: list[tuple[Any, Any]] = [
        (variables[n], np.asarray(v)) for n, v in state.numbers.items() if n in variables
    ]
    slots = list(weights[len(names) :])
    for number, row in enumerate(state.slots):
        into = slots[number * len(trained) : (number + 1) * len(trained)]
        by_weight = dict(zip((id(w) for w in trained), into, strict=True))
        values += list(_pairs(row, params, by_weight, origin))
    if "m_schedule" in variables and "m_schedule" not in state.numbers:
        product = np.asarray(schedule_product(optimizer, state.numbers))
        values.append((variables["m_schedule"], product))
    for variable, value in values:
        h5.give(variable, value)


def _by_rule(optimizer: Any, weights: Sequence[Any], trained: int) -> bool:
    """Whether an optimizer's variables are its numbers and slots; with `get_updates` of its own it
    may keep others."""
    numbers = 1 + len(optimizer.scalars)
    return len(weights) == numbers + trained * len(optimizer.slots) and any(
        w is optimizer.iterations for w in weights[:1]
    )


def _in_order(optimizer: Any, saved: Saved) -> None:
    """What the variables mean is the optimizer's own business: array by array."""
    try:
        optimizer.set_weights([np.asarray(a[()]) for a in saved.arrays])
    except ValueError as error:
        raise NotOurs(str(error).rstrip(".")) from None


def _read(
    kind: str, saved: Saved, found: Sequence[tuple[Piece, Stored]], origin: Origin
) -> tuple[State, list[Param]]:
    """The state for the weights that are trained; a file may have been compiled before freezing."""
    params = params_of(found, origin)
    try:
        return parsed(kind, saved, params), params
    except NotOurs:
        everything = params_of(found, origin, frozen_too=True)
        if len(everything) == len(params):
            raise
        return parsed(kind, saved, everything), everything


def _pairs(
    row: Sequence[Any], params: Sequence[Param], by_weight: dict[int, Any], origin: Origin
) -> Iterator[tuple[Any, Any]]:
    """Each of our slot's variables with its value."""
    by_piece: dict[int, list[tuple[Param, Any]]] = {}
    for param, array in zip(params, row, strict=True):
        by_piece.setdefault(id(param.piece), []).append((param, array))
    for members in by_piece.values():
        members.sort(key=lambda member: member[0].place)
        leaf = members[0][0].piece.leaf
        arrays = [array for _, array in members]
        if all(tuple(a.shape) == (1,) for a in arrays):  # a slot that isn't used
            made = arrays
        else:
            made = upgraded_arrays(leaf, arrays, origin)
        for weight, value in zip(leaf.trainable_weights, made, strict=False):
            variable = by_weight.get(id(weight))
            if variable is None:
                continue
            if tuple(variable.shape) == tuple(value.shape):
                yield variable, value
            elif tuple(variable.shape) != (1,):
                raise NotOurs(
                    f"`{weight.name}` needs {tuple(variable.shape)}, the file has "
                    f"{tuple(value.shape)}"
                )


def schedule_product(optimizer: Any, numbers: dict[str, Any]) -> float:
    """The product of Nadam's momenta so far, which Keras 1 didn't save."""
    from .. import backend as K

    steps = int(numbers.get("iterations", 0))
    beta, decay = float(K.get_value(optimizer.beta_1)), float(optimizer.schedule_decay)
    t = np.arange(1, steps + 1)
    return float(np.prod(beta * (1.0 - 0.5 * 0.96 ** (t * decay))))


def rows_of(model: Any) -> tuple[dict[str, Any], list[list[Any]]]:
    """An optimizer's numbers by name, and each slot as a list of arrays, one a weight."""
    from .. import backend as K

    optimizer = model.optimizer
    names = ["iterations", *optimizer.scalars]
    values = K.batch_get_value(optimizer.weights)
    width = len(model._collected_trainable_weights)
    slots = values[len(names) :]
    rows = [slots[i : i + width] for i in range(0, len(slots), width)] if width else []
    return dict(zip(names, values, strict=False)), rows

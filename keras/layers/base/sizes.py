"""Arguments that say how large something is: checked and settled when a layer is made."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

Window = Any  # a whole number for all spatial axes, or one for each; a tuple once settled
Pair = tuple[int, int]


def _who(layer: Any) -> str:
    return f"{type(layer).__name__} `{layer.name}`"


def _whole(value: Any) -> int | None:
    """A whole number, also where it comes as 3.0; `None` for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    try:
        return operator.index(value)
    except TypeError:
        return None


def sizes(layer: Any, name: str, rank: int, least: int = 1) -> tuple[int, ...]:
    """An argument with one whole number for each of `rank` axes, or one for all of them."""
    value = getattr(layer, name)
    given = [value] * rank if _whole(value) is not None else value
    found = [_whole(v) for v in given] if isinstance(given, Sequence) else []
    if len(found) != rank or any(v is None or v < least for v in found):
        wanted = "a whole number" if rank == 1 else f"a whole number, or {rank} of them,"
        raise ValueError(f"{_who(layer)}: `{name}` is {wanted} of at least {least}, got {value!r}.")
    return tuple(v for v in found if v is not None)


def pairs(layer: Any, name: str, rank: int) -> tuple[Pair, ...]:
    """An argument with two numbers, before and after, for each axis: one number means both, and one
    number for each axis means both of that axis."""
    value = getattr(layer, name)
    if rank == 1:
        listed: Any = [value]
    else:
        listed = [value] * rank if _whole(value) is not None else value
    found = [_pair(v) for v in listed] if isinstance(listed, Sequence) else []
    if len(found) != rank or None in found:
        example = "(before, after)" if rank == 1 else f"{rank} pairs (before, after)"
        raise ValueError(
            f"{_who(layer)}: `{name}` is a whole number from 0 up"
            f"{'' if rank == 1 else f', {rank} of them,'} or {example}, got {value!r}."
        )
    return tuple(v for v in found if v is not None)


def _pair(value: Any) -> Pair | None:
    both = [value, value] if _whole(value) is not None else value
    found = [_whole(v) for v in both] if isinstance(both, Sequence) else []
    if len(found) != 2 or found[0] is None or found[1] is None or min(found[0], found[1]) < 0:
        return None
    return found[0], found[1]


def one_of(layer: Any, name: str, known: Sequence[str]) -> str:
    """An argument that is one of a few words, in lower or upper case."""
    value = getattr(layer, name)
    found = value.lower() if isinstance(value, str) else value
    if found not in known:
        listed = ", ".join(f"'{word}'" for word in known)
        raise ValueError(f"{_who(layer)}: `{name}` is one of {listed}, got {value!r}.")
    return str(found)


def check_room(layer: Any, what: str, input_shape: Any, output_shape: Any) -> None:
    """Raise if a window is larger than the input that it should move over."""
    if 0 in output_shape[1:] and 0 not in input_shape[1:]:
        raise ValueError(
            f"{_who(layer)}: {what} doesn't fit into an input of shape {tuple(input_shape)}. "
            "padding='same' adds zeros around it; or the layers before make it too small."
        )

"""Calls in the terms of Keras 1, told in those of today: what the hooks of `plugs` lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import caller, initializers
from ..configured import Arguments, plan_of
from ..saving.upgrade.keras1_arguments import ARGUMENTS
from ..saving.upgrade.verbs import Rename, Verb, apply
from .methods import METHODS, ORDERS
from .plugs import LegacyWarning as LegacyWarning
from .positions import ORDERS as ORDERED, named

Tell = Callable[[list[str]], Any]
Listener = Callable[[str, str, int], None]


# Constraints are no layers, so files describe them elsewhere; calls are calls.
OBJECTS: dict[str, list[Verb]] = {
    "MaxNorm": [Rename(m="max_value")],
    "MinMaxNorm": [Rename(low="min_value", high="max_value")],
}

GATES = {"recurrent_activation": "hard_sigmoid"}
RECURRENT = {"recurrent_initializer": initializers.Orthogonal(gain=1.1)}

DEFAULTS: dict[str, dict[str, Any]] = {
    "ConvLSTM2D": {**GATES, **RECURRENT},
    "GRU": {**GATES, **RECURRENT},
    "LSTM": {**GATES, **RECURRENT},
    "SimpleRNN": RECURRENT,
}
"""What Keras 1 took where nothing is said, where that isn't what is taken today."""


# ---- constructors


def constructor_call(
    cls: type,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    known: Collection[str],
    tell: Tell | None = None,
) -> Arguments:
    """The arguments of a constructor in today's terms; those that already are come back as such."""
    name = _listed(cls)
    if name is None:
        return args, kwargs
    return translated(name, cls.__name__, plan_of(cls).positional, known, args, kwargs, tell)


def translated(
    name: str,
    who: str,
    positional: Sequence[str],
    known: Collection[str],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    tell: Tell | None = None,
) -> Arguments:
    """Arguments like those of the class `name` in the tables, in today's terms.

    `positional` and `known` are the names that are understood; `tell` gets what was changed
    instead of a warning.
    """
    found = named(name, args, kwargs, positional, known)
    if found is None:
        return tuple(args), kwargs
    given, order = found
    exact = _orthogonal(given)
    changes = _applied(who, [*ARGUMENTS.get(name, ()), *OBJECTS.get(name, ())], given)
    changes = order + changes
    if not changes:
        return tuple(args), kwargs
    added = {k: v for k, v in DEFAULTS.get(name, {}).items() if k not in given and k in known}
    said = [*changes, *exact, *(f"{k}={v!r} as was the default" for k, v in added.items())]
    if tell is not None:
        tell(said)
    else:
        warn(f"`{who}`", said)
    return (), {**given, **added}


def _listed(cls: type) -> str | None:
    """The name under which the tables know a class or what it is made from."""
    for base in cls.__mro__:
        if base.__module__.startswith("keras.") and (
            base.__name__ in ARGUMENTS or base.__name__ in OBJECTS or base.__name__ in ORDERED
        ):
            return base.__name__
    return None


def _orthogonal(given: dict[str, Any]) -> list[str]:
    """Keras 1 stretched its orthogonal matrices by 1.1."""
    found = [key for key in ("init", "inner_init") if given.get(key) == "orthogonal"]
    for key in found:
        given[key] = initializers.Orthogonal(gain=1.1)
    return [f"'orthogonal' -> {given[key]!r}" for key in found]


# ---- methods


def method_call(
    table: str,
    names: Sequence[str],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    tell: Tell | None = None,
) -> Arguments:
    """The arguments of a method (`self` among them) in today's terms."""
    who = _called(table, args)
    order, changes = names, []
    for reading in ORDERS.get(table, ()):
        if reading.fits(args, kwargs):
            order, changes = reading.names, [reading.said]
            break
    if len(args) > len(order) or {*order[: len(args)]} & kwargs.keys():
        return args, kwargs  # the function itself says what is wrong
    given = {**dict(zip(order, args, strict=False)), **kwargs}
    changes += _applied(who, METHODS.get(table, ()), given)
    if not changes:
        return args, kwargs
    if tell is not None:
        tell(changes)
    else:
        warn(f"`{who}`", changes)
    first = (given.pop("self"),) if names[0] == "self" else ()
    return first, given


def _called(table: str, args: tuple[Any, ...]) -> str:
    """What a message calls a method; a constructor is called by its class."""
    method = table.partition(".")[2]
    if not method:
        return table
    cls = type(args[0]).__name__
    return cls if method == "__init__" else f"{cls}.{method}"


def _applied(who: str, verbs: Sequence[Verb], given: dict[str, Any]) -> list[str]:
    try:
        return apply(verbs, given)
    except (TypeError, ValueError) as error:
        raise type(error)(f"`{who}`: {error}") from None


# ---- warnings


def warn(who: str, changes: Sequence[str]) -> None:
    """Say once for each line of a program how it is spelled today."""
    message = f"{who} is called in the terms of Keras 1; today: {', '.join(changes)}."
    if not _listeners:
        caller.warn(message, LegacyWarning)
    for listen in _listeners:
        listen(f"{who.strip('`')}: {', '.join(changes)}", *caller.user_line())


_listeners: list[Listener] = []


@contextmanager
def telling(listen: Listener) -> Iterator[None]:
    """Tell someone of what is old, the file and the line, instead of warning."""
    _listeners.append(listen)
    try:
        yield
    finally:
        _listeners.remove(listen)

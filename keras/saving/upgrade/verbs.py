"""How old arguments become new ones, in a few verbs; tables of them are data.

>>> arguments = {"output_dim": 3, "p": 0.5, "nb_row": 3, "nb_col": 2}
>>> verbs = [Rename(output_dim="units", p="rate"), Fold("kernel_size", "nb_row", "nb_col")]
>>> apply(verbs, arguments)
['output_dim -> units', 'p -> rate', 'nb_row, nb_col -> kernel_size']
>>> arguments
{'units': 3, 'rate': 0.5, 'kernel_size': (3, 2)}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Arguments = dict[str, Any]
Verb = Callable[[Arguments], list[str]]
"""Changes arguments in place, and says what was changed: `old -> new`."""


def apply(verbs: Sequence[Verb], arguments: Arguments) -> list[str]:
    """Change arguments in place by all verbs; returns what was changed."""
    return [change for verb in verbs for change in verb(arguments)]


class Rename:
    """Arguments with new names: `Rename(old="new")`."""

    def __init__(self, **names: str) -> None:
        self.names = names

    def __call__(self, arguments: Arguments) -> list[str]:
        found = [old for old in self.names if old in arguments]
        for old in found:
            _put(arguments, self.names[old], arguments.pop(old), old)
        return [f"{old} -> {self.names[old]}" for old in found]


class Values:
    """New values of an argument: `Values("data_format", th="channels_first")`; others stay."""

    def __init__(self, name: str, **values: Any) -> None:
        self.name = name
        self.values = values

    def __call__(self, arguments: Arguments) -> list[str]:
        old = arguments.get(self.name)
        if not isinstance(old, str) or old not in self.values:
            return []
        arguments[self.name] = self.values[old]
        return [f"{old!r} -> {self.values[old]!r}"]


class Fold:
    """Several arguments that are one tuple now: `Fold("kernel_size", "nb_row", "nb_col")`."""

    def __init__(self, new: str, *old: str) -> None:
        self.new = new
        self.old = old

    def __call__(self, arguments: Arguments) -> list[str]:
        if not all(name in arguments for name in self.old):
            return []
        value = tuple(arguments.pop(name) for name in self.old)
        _put(arguments, self.new, value, ", ".join(self.old))
        return [f"{', '.join(self.old)} -> {self.new}"]


class Split:
    """One argument that is several now, all with its value: `Split("init", "a_init", "b_init")`."""

    def __init__(self, old: str, *new: str) -> None:
        self.old = old
        self.new = new

    def __call__(self, arguments: Arguments) -> list[str]:
        if self.old not in arguments:
            return []
        value = arguments.pop(self.old)
        for name in self.new:
            _put(arguments, name, value, self.old)
        return [f"{self.old} -> {', '.join(self.new)}"]


class Drop:
    """An argument that is gone, with the values for which that makes no difference.

    Other values are an error that says `why`; without one they stay, for the class to judge.
    """

    def __init__(self, name: str, *harmless: Any, why: str = "") -> None:
        self.name = name
        self.harmless = harmless
        self.why = why

    def __call__(self, arguments: Arguments) -> list[str]:
        if self.name not in arguments:
            return []
        value = arguments[self.name]
        if self.harmless and not any(value == each for each in self.harmless):
            if not self.why:
                return []
            raise ValueError(f"`{self.name}={value!r}` can't be done: {self.why}")
        del arguments[self.name]
        return [f"{self.name} is gone"]


def _put(arguments: Arguments, new: str, value: Any, old: str) -> None:
    if new in arguments:
        raise TypeError(f"`{new}` and `{old}` mean the same; both are given. Keep `{new}`.")
    arguments[new] = value


def renamed(names: Mapping[str, str], *more: Verb) -> list[Verb]:
    """A list of verbs that begins with renaming."""
    return [Rename(**names), *more]

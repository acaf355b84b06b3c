"""Logs whose numbers are read from the device when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class Logs(dict[str, Any]):
    """A dict that is filled by `reader` at the first look.

    A callback that doesn't look at the numbers of a batch then costs no waiting for the device.
    """

    __slots__ = ("_reader",)

    def __init__(self, known: dict[str, Any], reader: Callable[[], dict[str, Any]]) -> None:
        super().__init__(known)
        self._reader: Callable[[], dict[str, Any]] | None = reader

    def _read(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            for key, value in reader().items():
                self.setdefault(key, value)

    def __getitem__(self, key: str) -> Any:
        if not dict.__contains__(self, key):
            self._read()
        return dict.__getitem__(self, key)

    def get(self, key: str, default: Any = None) -> Any:
        if not dict.__contains__(self, key):
            self._read()
        return dict.get(self, key, default)

    def __contains__(self, key: object) -> bool:
        if not dict.__contains__(self, key):
            self._read()
        return dict.__contains__(self, key)

    def __iter__(self) -> Iterator[str]:
        self._read()
        return dict.__iter__(self)

    def __len__(self) -> int:
        self._read()
        return dict.__len__(self)

    def __eq__(self, other: object) -> bool:
        self._read()
        return dict.__eq__(self, other)

    def __repr__(self) -> str:
        self._read()
        return dict.__repr__(self)

    def __reduce__(self) -> Any:
        return dict, (self.copy(),)

    def keys(self) -> Any:
        self._read()
        return dict.keys(self)

    def values(self) -> Any:
        self._read()
        return dict.values(self)

    def items(self) -> Any:
        self._read()
        return dict.items(self)

    def copy(self) -> dict[str, Any]:
        self._read()
        return dict(dict.items(self))

    def pop(self, *args: Any) -> Any:
        self._read()
        return dict.pop(self, *args)

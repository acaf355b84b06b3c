"""Logs whose numbers are read from the device when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class Logs(dict[str, Any]):
    """A dict that is filled by `reader` at the first look, but for the loss: `loss` reads it alone.

    A callback that doesn't look at the numbers of a batch then costs no waiting for the device, and
    one that looks at the loss alone doesn't ask the metrics.
    """

    __slots__ = ("_loss", "_reader")

    def __init__(
        self,
        known: dict[str, Any],
        reader: Callable[[], dict[str, Any]],
        loss: Callable[[], float],
    ) -> None:
        super().__init__(known)
        self._reader: Callable[[], dict[str, Any]] | None = reader
        self._loss = loss

    def _look(self, key: object) -> None:
        """Read what it takes to know this one."""
        if self._reader is None or dict.__contains__(self, key):
            return
        if key == "loss":
            self["loss"] = self._loss()
        else:
            self.read()

    def read(self) -> None:
        """Read all that isn't known yet."""
        if self._reader is not None:
            reader, self._reader = self._reader, None
            for key, value in reader().items():
                self.setdefault(key, value)

    def __getitem__(self, key: str) -> Any:
        self._look(key)
        return dict.__getitem__(self, key)

    def get(self, key: str, default: Any = None) -> Any:
        self._look(key)
        return dict.get(self, key, default)

    def __contains__(self, key: object) -> bool:
        self._look(key)
        return dict.__contains__(self, key)

    def __iter__(self) -> Iterator[str]:
        self.read()
        return dict.__iter__(self)

    def __len__(self) -> int:
        self.read()
        return dict.__len__(self)

    def __eq__(self, other: object) -> bool:
        self.read()
        return dict.__eq__(self, other)

    def __repr__(self) -> str:
        self.read()
        return dict.__repr__(self)

    def __reduce__(self) -> Any:
        return dict, (self.copy(),)

    def keys(self) -> Any:
        self.read()
        return dict.keys(self)

    def values(self) -> Any:
        self.read()
        return dict.values(self)

    def items(self) -> Any:
        self.read()
        return dict.items(self)

    def copy(self) -> dict[str, Any]:
        self.read()
        return dict(dict.items(self))

    def pop(self, *args: Any) -> Any:
        self.read()
        return dict.pop(self, *args)

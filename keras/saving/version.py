"""Who wrote a file: the version of Keras and the engine it ran on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Origin:
    """What a file says of the Keras that wrote it; both may be unknown, "".

    Files of weights by Keras 1 say nothing at all, which is how they are known.
    """

    keras_version: str = ""
    backend: str = ""

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> Origin:
        """As the JSON or YAML of a model says it."""
        return cls(str(config.get("keras_version") or ""), str(config.get("backend") or ""))

    @property
    def generation(self) -> int:
        """The first number of the version; 1 where there is none."""
        first = self.keras_version.partition(".")[0]
        return int(first) if first.isdecimal() else 1

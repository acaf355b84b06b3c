"""Who wrote a file: the version of Keras and the engine it ran on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Origin:
    """What a file says of the Keras that wrote it; both may be unknown, "".

    Files of weights by Keras 1 say nothing at all, which is how they are known.

    >>> Origin("2.2.4-tf", "tensorflow").release, Origin("2.2.4-tf", "tensorflow").is_tf_keras
    ((2, 2), True)
    """

    keras_version: str = ""
    backend: str = ""

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> Origin:
        """As the JSON or YAML of a model says it. Keras 3 doesn't, but names modules."""
        version = config.get("keras_version") or ("3.0" if "module" in config else "")
        return cls(str(version), str(config.get("backend") or ""))

    def on(self, backend: str | None) -> Origin:
        """The same, with a backend that the caller knows where the file doesn't say."""
        if backend not in (None, "theano", "tensorflow", "cntk"):
            raise ValueError(
                f"`original_backend` is 'theano', 'tensorflow' or 'cntk', got {backend!r}."
            )
        return self if self.backend or not backend else Origin(self.keras_version, backend)

    @cached_property
    def release(self) -> tuple[int, int]:
        """The first two numbers of the version; (1, 0) where there is none."""
        found = re.match(r"(\d+)\.(\d+)", self.keras_version)
        return (int(found[1]), int(found[2])) if found else (1, 0)

    @cached_property
    def generation(self) -> int:
        """The first number of the version; 1 where there is none."""
        return self.release[0]

    @cached_property
    def is_tf_keras(self) -> bool:
        """Whether it is the Keras inside TensorFlow: versions `-tf`, and all 2.x after 2.3."""
        return self.keras_version.endswith("-tf") or (2, 4) <= self.release < (3, 0)

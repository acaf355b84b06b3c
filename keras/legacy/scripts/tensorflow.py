"""`tensorflow.keras`, with TensorFlow and without: the paths lead to us."""

from __future__ import annotations

import random
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

PREFIXES = ("tensorflow.keras", "tensorflow.compat.v1.keras")
INNER = ("tensorflow.python.keras",)  # TensorFlow's own programs need theirs
WITHOUT = "tensorboard.compat.notf"  # where it is found, TensorBoard looks for no TensorFlow
WITH_SESSIONS = ("tensorflow", "tensorflow.compat.v1")
PARENTS = ("tensorflow", "tensorflow.python", "tensorflow.compat", "tensorflow.compat.v1")


def ours(path: str) -> str | None:
    """Our path for one of `tensorflow.keras`; `None` for anything else.

    TensorFlow's own is nothing but the package `keras`, which is us, or `tf_keras`.

    >>> ours("tensorflow.keras.layers"), ours("tensorflow.nn")
    ('keras.layers', None)
    """
    for prefix in (*PREFIXES, *INNER) if is_absent() else PREFIXES:
        if path == prefix or path.startswith(f"{prefix}."):
            return f"keras{path[len(prefix) :]}"
    return None


def is_absent() -> bool:
    """Whether TensorFlow isn't installed."""
    for finder in sys.meta_path:
        if isinstance(finder, Finder):
            return finder.absent
    try:
        return find_spec("tensorflow") is None
    except ValueError:  # a module without a spec that somebody has put there
        return False


def _seed(seed: int) -> None:
    """Seed what we draw from."""
    np.random.seed(seed % 2**32)
    random.seed(seed)


class StandIn(ModuleType):
    """What `import tensorflow` gives where there is none: `keras`, seeds, and sessions."""

    __path__ = []  # noqa: RUF012  # what makes it a package; nothing is looked for there
    __version__ = "2.0.0"

    def __getattr__(self, name: str) -> Any:
        path = f"{self.__name__}.{name}"
        target = ours(path)
        if target is not None:
            return import_module(target)
        if path in PARENTS:
            return import_module(path)
        if name == "random":
            return SimpleNamespace(set_seed=_seed)
        if name == "set_random_seed":
            return _seed
        if self.__name__ in WITH_SESSIONS and not name.startswith("__"):
            from .sessions import NAMES

            if name in NAMES:
                return NAMES[name]
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"`{path}`: TensorFlow isn't installed; only `tensorflow.keras` and sessions are "
            "found here. "
            "`keras.backend` has functions on tensors."
        )


class Finder:
    """Finds `tensorflow`, where it is absent, and its `keras`."""

    def __init__(self) -> None:
        self.absent = is_absent()
        self.specs: dict[str, Any] = {}

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self.absent and fullname == WITHOUT:
            return ModuleSpec(fullname, self)  # type: ignore[arg-type]  # it loads
        own = ours(fullname)
        if own is None and not (self.absent and fullname in PARENTS):
            return None
        try:
            package = own is None or hasattr(import_module(own), "__path__")
        except ModuleNotFoundError:
            return None  # the message names the path as the script has it
        return ModuleSpec(fullname, self, is_package=package)  # type: ignore[arg-type]  # it loads

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        own = ours(spec.name)
        if spec.name == WITHOUT:
            return ModuleType(spec.name)
        if own is None:
            return StandIn(spec.name)
        module = import_module(own)
        self.specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give a module of ours its own spec back."""
        for name, spec in self.specs.items():
            if spec is not None and spec.name == ours(name) == module.__name__:
                module.__spec__ = spec


def stand_in() -> None:
    """From now on `tensorflow.keras` is us, and `tensorflow` a stand-in if there is none."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        # First: the paths of our packages would lead Python to load their files a second time.
        sys.meta_path.insert(0, Finder())

"""Import paths that are gone: one table, served by one finder.

>>> from keras.engine.topology import Layer
>>> import keras.layers
>>> Layer is keras.layers.Layer
True
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

from .names import EXTENDED, NETWORKS, extend

ENGINE = (
    "keras.utils.generic_utils",
    "keras.layers.base",
    "keras.layers.base.calls",
    "keras.models",
    "keras.legacy.layers",
    "keras.legacy.engine",
    "keras.legacy.helpers",
    "keras.saving",
    "keras.saving.h5",
    "keras.utils.data_utils",
    "keras.utils.io_utils",
)
BACKEND = ("keras.backend", "keras.backend.config")
LOSSES = ("keras.losses",)
CALLBACKS = ("keras.callbacks", "keras.legacy.engine")

IMAGE_MODULES = (
    "affine_transformations dataframe_iterator directory_iterator image_data_generator iterator "
    "numpy_array_iterator utils"
)


def _side_packages() -> dict[str, tuple[str, ...]]:
    """Rows for the packages that classic Keras was built on, by the names of their modules."""
    networks, image = "keras.legacy.networks", "keras.preprocessing.image"
    return {
        "keras_applications": ("keras.applications", networks),
        **{
            f"keras_applications.{name}": (f"keras.applications.{name}", networks)
            for name in NETWORKS.split()
        },
        "keras_applications.resnet_common": ("keras.applications.resnet", "keras.applications"),
        "keras_preprocessing": ("keras.preprocessing", networks),
        **{
            f"keras_preprocessing.{name}": (f"keras.preprocessing.{name}",)
            for name in ("image", "sequence", "text")
        },
        **{f"keras_preprocessing.image.{name}": (image,) for name in IMAGE_MODULES.split()},
    }


MOVED: dict[str, tuple[str, ...]] = {
    "keras.backend.cntk_backend": BACKEND,
    "keras.backend.load_backend": BACKEND,
    "keras.backend.tensorflow_backend": BACKEND,
    "keras.backend.theano_backend": ("keras.legacy.theano", *BACKEND),
    "keras.callbacks.callbacks": CALLBACKS,
    "keras.callbacks.tensorboard_v1": CALLBACKS,
    "keras.callbacks.tensorboard_v2": CALLBACKS,
    "keras.engine": ENGINE,
    "keras.engine.base_layer": ENGINE,
    "keras.engine.input_layer": ENGINE,
    "keras.engine.network": ENGINE,
    "keras.engine.saving": ENGINE,
    "keras.engine.sequential": ENGINE,
    "keras.engine.topology": ENGINE,
    "keras.engine.training": ENGINE,
    "keras.engine.training_arrays": ENGINE,
    "keras.engine.training_generator": ENGINE,
    "keras.engine.training_utils": ENGINE,
    "keras.initializations": ("keras.legacy.initializations",),
    "keras.objectives": LOSSES,
    "keras.utils.visualize_util": ("keras.utils.vis_utils",),
    **_side_packages(),
}
"""Each path, and the modules in which what it offered is looked for."""


class Moved(ModuleType):
    """A module that stands for others: what they hold is what it holds."""

    def __getattr__(self, name: str) -> Any:
        inner = f"{self.__name__}.{name}"
        if inner in MOVED:
            return import_module(inner)
        if name == "__all__":
            return dir(self)
        if name.startswith("__"):
            raise AttributeError(name)
        home = self._home(name)
        if home is None:
            raise AttributeError(
                f"`{self.__name__}` stands for {', '.join(MOVED[self.__name__])}; none of them has "
                f"`{name}`."
            )
        return getattr(home, name)

    def _home(self, name: str) -> ModuleType | None:
        for home in map(import_module, MOVED[self.__name__]):
            if hasattr(home, name) and _is_ours(getattr(home, name)):
                return home
        return None

    def __setattr__(self, name: str, value: Any) -> None:
        """What is replaced here is replaced where it lives."""
        inside = name.startswith("__") or isinstance(value, ModuleType)
        home = None if inside else self._home(name)
        if home is None:
            super().__setattr__(name, value)
        else:
            vars(self).setdefault("_replaced", {}).setdefault(name, (home, getattr(home, name)))
            setattr(home, name, value)

    def __delattr__(self, name: str) -> None:
        """What was replaced is as it was."""
        if name in vars(self).get("_replaced", ()):
            home, value = vars(self)["_replaced"].pop(name)
            setattr(home, name, value)
        else:
            super().__delattr__(name)

    def __dir__(self) -> list[str]:
        homes = map(import_module, MOVED[self.__name__])
        names = {n for home in homes for n in dir(home) if not n.startswith("_")}
        return sorted(name for name in names if self._home(name) is not None)


def _is_ours(found: Any) -> bool:
    """Whether a module offers a thing, and hasn't only imported it from Python for itself."""
    where = str(getattr(found, "__module__", None) or "keras")
    return isinstance(found, ModuleType) or where.partition(".")[0] not in sys.stdlib_module_names


class Finder:
    """Finds the paths of the table; asked last, when there is no such file."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in MOVED:
            return None
        package = any(other.startswith(f"{fullname}.") for other in MOVED)
        return ModuleSpec(fullname, self, is_package=package)  # type: ignore[arg-type]  # it does load

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Moved(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: what it holds is looked up when it is asked for."""


class ExtendingLoader(SourceFileLoader):
    """Loads a module of ours, and then gives it its names and functions of old."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        extend(module)


class ExtendingFinder:
    """Asked first, for modules of ours that are imported when they are first used."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in EXTENDED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = ExtendingLoader(fullname, spec.origin)
        return spec


def stand_in(name: str) -> ModuleType:
    """The module that stands for others under a name of the table."""
    spec = Finder().find_spec(name)
    assert spec is not None, f"{name} isn't in the table"
    return module_from_spec(spec)


FINDERS = ExtendingFinder(), Finder()


def install() -> None:
    """Extend the modules that are there, and let Python ask here for others."""
    first, last = FINDERS
    if first not in sys.meta_path:
        sys.meta_path.insert(0, first)
        sys.meta_path.append(last)
    for name in EXTENDED:
        if name in sys.modules:
            extend(sys.modules[name])

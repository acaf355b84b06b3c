"""The modules that the package `keras_applications` was told to build with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def check_modules(who: str, modules: Mapping[str, Any]) -> None:
    """Refuse keyword arguments that are unknown, or name another Keras.

    `backend`, `layers`, `models` and `utils` said what the package `keras_applications` was to
    build with. Old code passes those of `keras`, and that is what happens anyway.
    """
    for name, module in modules.items():
        if name not in ("backend", "layers", "models", "utils"):
            raise TypeError(f"`{who}` got an unknown argument `{name}`.")
        place = getattr(module, "__name__", type(module).__name__)
        if module is not None and place.split(".")[0] != "keras":
            raise ValueError(
                f"`{who}` builds with `keras.{name}`, got `{name}={place}`. Leave it out."
            )

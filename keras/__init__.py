"""Keras, as the classic documents describe it, on today's engines.

`__version__` is the generation of the interface that is spoken, which old scripts compare with;
`__evergreen__` is the version of this implementation.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from . import (
    activations as activations,
    backend as backend,
    callbacks as callbacks,
    constraints as constraints,
    initializers as initializers,
    layers as layers,
    losses as losses,
    metrics as metrics,
    models as models,
    optimizers as optimizers,
    regularizers as regularizers,
)
from .layers import (
    Input as Input,
)
from .models import (
    Model as Model,
    Sequential as Sequential,
)

if find_spec("keras.legacy"):  # Keras 1 plugs itself in from outside
    from . import (
        legacy as legacy,
    )

    legacy.install()

if TYPE_CHECKING:
    from . import (
        preprocessing as preprocessing,
        utils as utils,
    )

# Rooms that not every program enters: imported when somebody does.
_WHEN_ASKED_FOR = ("applications", "datasets", "preprocessing", "utils", "wrappers")


def __getattr__(name: str) -> ModuleType:
    if name in _WHEN_ASKED_FOR:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module 'keras' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHEN_ASKED_FOR})


__version__ = "2.3.1"
__evergreen__ = "0.1.0"

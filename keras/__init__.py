"""Keras, as the classic documents describe it, on today's engines.

`__version__` is the generation of the interface that is spoken, which old scripts compare with;
`__evergreen__` is the version of this implementation.
"""
# ruff: noqa: F401  the table of contents

from __future__ import annotations

from importlib.util import find_spec

from . import (
    activations,
    backend,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
)
from .layers import Input
from .models import Model, Sequential

if find_spec("keras.legacy"):  # Keras 1 plugs itself in from outside
    from . import legacy

    legacy.install()

__version__ = "2.3.1"
__evergreen__ = "0.1.0"

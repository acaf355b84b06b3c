"""The engines that run graphs: which there are, and which one is asked for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

from .. import config
from ..graph import runtime
from .protocol import (
    Engine as Engine,
)

MODULES = {
    "torch": "torch",
    "jax": "jax",
    "numpy": "numpy",
    "tensorflow": "tensorflow",
    "theano": "pytensor",
}
READY = ("torch", "jax", "numpy", "tensorflow", "theano")
INSTALL = {
    "numpy": "pip install numpy",
    "torch": "pip install torch",
    "jax": "pip install 'evergreen-keras[jax]'",
    # --no-deps: TensorFlow's own `keras` would take the place of this one
    "tensorflow": "pip install 'evergreen-keras[tensorflow]' && "
    "pip install --no-deps 'tensorflow-cpu==2.21.*'",
    "theano": "pip install 'evergreen-keras[theano]'",
}


LIBRARIES = {"theano": "pytensor.tensor"}  # those that must be told of tensors of the graph


def choose() -> None:
    """Settle which engine will run, without loading it.

    A `keras.json` of long ago may name one that is missing: then the default runs and says so. If
    the environment asks for one that is missing, that is an error, unless nothing could mend it.
    """
    name = config.engine()
    problem = _missing(name)
    if problem is None:
        return
    asked = bool(config.asked_backend())
    if asked and name != "cntk":
        raise _in_one_line(ImportError(f"KERAS_BACKEND asks for `{name}`: {problem}"))
    missing_too = _missing(config.DEFAULT_ENGINE)
    if missing_too is not None:
        default = f"The default engine is `{config.DEFAULT_ENGINE}`: {missing_too}"
        raise _in_one_line(ImportError(default))
    print(  # noqa: T201  one line for the user, as the original's "Using ... backend."
        f"{'KERAS_BACKEND' if asked else 'keras.json'} names the backend `{name}` "
        f"({problem.rstrip('.')}); {config.DEFAULT_ENGINE} runs instead.",
        file=sys.stderr,
    )
    config.set_backend(config.DEFAULT_ENGINE)


def _in_one_line(error: ImportError) -> ImportError:
    """The error, which ends a program with its sentence alone: where keras was imported from says
    nothing about an engine that is missing."""
    before = sys.excepthook

    def hook(kind: Any, value: BaseException, traceback: Any) -> None:
        if value is error:
            print(error, file=sys.stderr)  # noqa: T201  one line for the user, no error
        else:
            before(kind, value, traceback)

    sys.excepthook = hook
    return error


def load() -> Engine:
    """The engine that was chosen."""
    module: Any = importlib.import_module(f"{__name__}.{config.engine()}")
    engine: Engine = module.engine()
    return engine


def _missing(name: str) -> str | None:
    """Why an engine can't run; `None` if it can."""
    if name == "cntk":
        return "CNTK has no package for any Python of today."
    if name not in MODULES:
        return f"there is no such engine; there are {', '.join(READY)}."
    if name not in READY:
        return "this engine isn't part of this version yet."
    if importlib.util.find_spec(MODULES[name]) is None:
        return f"it isn't installed; `{INSTALL[name]}` brings it."
    return None


choose()
runtime.set_loader(load, LIBRARIES.get(config.engine()))

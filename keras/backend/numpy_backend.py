"""K in plain numpy: every function computes at once, and returns numpy arrays.

>>> from keras.backend import numpy_backend as KNP
>>> KNP.softmax([[0.0, 0.0]])
array([[0.5, 0.5]], dtype=float32)

It is the reference for the engines, and slow. What describes graphs (placeholders, functions,
gradients, sessions) is K's own business; here are its computations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .. import backend as K
from .graph import runtime
from .graph.function import evaluate
from .graph.tensor import Tensor


@functools.cache
def _numpy() -> Any:
    from .engines.numpy import engine

    return engine()


def __getattr__(name: str) -> Any:
    """The function of K with this name, computed by numpy."""
    found = getattr(K, name, None)
    if found is None or name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if not callable(found) or isinstance(found, type):
        return found
    return _by_numpy(found)


def __dir__() -> list[str]:
    return [name for name in dir(K) if callable(getattr(K, name)) and not name.startswith("_")]


def _by_numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with runtime.running_on(_numpy()):
            return _arrays(function(*args, **kwargs))

    return call


def _arrays(made: Any) -> Any:
    """Tensors and arrays of the engine as numpy's own."""
    if isinstance(made, (tuple, list)) and not hasattr(made, "_fields"):
        return type(made)(_arrays(m) for m in made)
    if isinstance(made, Tensor):
        made = evaluate([made])[0]
    running = runtime.engine()
    return running.numpy(made) if running.is_array(made) else made

"""Copies of models by pickle and `copy.deepcopy`: a file in memory, and the classes it names."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .model import load_model, save_model


def pickle_model(model: Any) -> dict[str, Any]:
    """A model as a pickle holds it: the bytes of its file, and your classes and functions in it.

    Those are pickled by their names, as everywhere; what can't be, because it was made inside a
    function, must be known where the model is unpickled (`custom_object_scope`).
    """
    own = {name: found for name, found in objects_of(model) if _importable(found)}
    return {"file": _file(model), "custom_objects": own}


def unpickle_model(state: Mapping[str, Any]) -> Any:
    """The model that `pickle_model` has written.

    Whoever unpickles trusts the pickle, so lambdas in it are taken as well.
    """
    file = io.BytesIO(state["file"])
    return load_model(file, state.get("custom_objects"), unsafe_lambdas=True)


def copied(model: Any) -> Any:
    """A model of its own with the same layers, weights and state of training."""
    return load_model(io.BytesIO(_file(model)), dict(objects_of(model)), unsafe_lambdas=True)


def _file(model: Any) -> bytes:
    memory = io.BytesIO()
    save_model(model, memory)
    return memory.getvalue()


def objects_of(model: Any) -> Iterator[tuple[str, Any]]:
    """The classes and functions in a model that aren't ours, by the names that its file uses."""
    told = (model.__dict__.get(name) for name in ("loss", "_compile_metrics", "optimizer"))
    more = model.__dict__.get("_compile_weighted_metrics")
    seen: set[int] = set()
    waiting: list[Any] = [model, *told, more]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        named = each if hasattr(each, "__name__") else type(each)
        if _is_users(named):
            yield named.__name__, named
        waiting += _inside(each)


def _inside(value: Any) -> Iterable[Any]:
    """What else to look at: members of containers, attributes of what has a config."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (list, tuple)):
        return value
    if hasattr(value, "get_config") and not isinstance(value, type):
        return [v for v in vars(value).values() if isinstance(v, _LOOKED_INTO) or callable(v)]
    return ()


_LOOKED_INTO = (list, tuple, Mapping)


def _is_users(found: Any) -> bool:
    room = getattr(found, "__module__", None) or "builtins"
    name = found.__name__
    return name != "<lambda>" and room.partition(".")[0] not in ("builtins", "keras", "numpy")


def _importable(found: Any) -> bool:
    """Whether pickle finds it by its name."""
    here: Any = sys.modules.get(found.__module__)
    for part in found.__qualname__.split("."):
        here = getattr(here, part, None)
    return here is found

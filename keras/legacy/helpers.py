"""Small functions that classic modules offered on the side."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..registry import find, get_custom_objects

Function = Callable[..., Any]


def get_from_module(
    identifier: Any,
    module_params: Mapping[str, Any],
    module_name: str,
    instantiate: bool = False,
    kwargs: dict[str, Any] | None = None,
) -> Any:
    """What a name stands for among `module_params` (called, if `instantiate`); no name is itself.

    A dict `{"name": ..., arguments}` gives the arguments as well. `module_name` says in messages
    what kind of thing is looked for.

    >>> get_from_module("double", {"double": lambda x: 2 * x}, "function")(4)
    8
    """
    if isinstance(identifier, Mapping):
        kwargs = {**{k: v for k, v in identifier.items() if k != "name"}, **(kwargs or {})}
        identifier, instantiate = identifier["name"], True
    if not isinstance(identifier, str):
        return identifier
    found = find(identifier, module_params, get_custom_objects(), module_name)
    if instantiate:
        return found(**(kwargs or {}))
    return functools.partial(found, **kwargs) if kwargs else found


def optimizer_from_config(
    config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The optimizer that `{"class_name", "config"}` describes."""
    from .. import optimizers

    return optimizers.deserialize(config, custom_objects)


def disable_tracking(func: Function) -> Function:
    """A constructor's decorator that kept attributes from being noted; here nothing is to keep."""
    return func


def make_tuple(*args: Any) -> tuple[Any, ...]:
    """Its arguments.

    >>> make_tuple(1, 2)
    (1, 2)
    """
    return args


# ---- predictions and scores with numpy


def probas_to_classes(y_pred: Any) -> Any:
    """The likeliest class of each row; for a single column, 1 above a half.

    >>> probas_to_classes(np.array([[0.2, 0.8], [0.9, 0.1]]))
    array([1, 0])
    """
    if y_pred.ndim > 1 and y_pred.shape[1] > 1:
        return categorical_probas_to_classes(y_pred)
    return np.array([1 if p > 0.5 else 0 for p in np.ravel(y_pred)])


def categorical_probas_to_classes(p: Any) -> Any:
    """The likeliest class of each row."""
    return np.argmax(p, axis=1)


def accuracy(p: Any, y: Any) -> float:
    """The share of places where both are equal.

    >>> accuracy(np.array([1, 0]), np.array([1, 1]))
    0.5
    """
    return float(np.mean(np.equal(p, y)))


def binary_logloss(p: Any, y: Any) -> float:
    """`-mean(y * log(p) + (1 - y) * log(1 - p))`, with `p` kept from 0 and 1."""
    p = np.clip(p, 1e-15, 1 - 1e-15)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def multiclass_logloss(p: Any, y: Any) -> float:
    """`-mean(sum(y * log(p)))` over the rows, with `p` a distribution kept from 0 and 1."""
    p = np.clip(p, 1e-15, 1 - 1e-15)
    p = p / p.sum(axis=1, keepdims=True)
    return float(-np.sum(y * np.log(p)) / len(y))


# ---- arrays in HDF5 files


def save_array(array: Any, name: str | Path) -> None:
    """Write one array to an HDF5 file."""
    from ..saving.files import writing

    with writing(str(name)) as file:
        file.create_dataset("array", data=array)


def load_array(name: str | Path) -> Any:
    """The array that `save_array` wrote."""
    from ..saving.files import reading

    with reading(str(name)) as file:
        return file["array"][()]

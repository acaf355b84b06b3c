"""Attributes that layers and variables had by other names: `layer.W`, `layer.inbound_nodes`.

Each is looked up where it lives now; where that isn't there, neither is the old one. What a class
or an instance has itself by such a name is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import backend as K
from ..layers.base import Layer

LAYER: dict[str, str] = {
    "U": "recurrent_kernel cell.recurrent_kernel",
    "W": "kernel cell.kernel embeddings",
    "W_constraint": "kernel_constraint embeddings_constraint",
    "W_regularizer": "kernel_regularizer embeddings_regularizer",
    "b": "bias cell.bias",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "border_mode": "padding",
    "inbound_nodes": "_inbound_nodes",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "outbound_nodes": "_outbound_nodes",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "subsample": "strides",
}
"""The old name, and the new ones: the first that a layer has is meant."""


class Alias:
    """An attribute by an earlier name."""

    def __init__(self, name: str, names: str) -> None:
        self.name = name
        self.names = names.split()

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object `{owner.__name__}` has no attribute `{self.name}`")
        for path in self.names:
            found = instance
            for part in path.split("."):
                found = getattr(found, part, None)
            if found is not None:
                return found
        raise AttributeError(f"`{type(instance).__name__}` has no attribute `{self.name}`")


def get_value(self: Any, borrow: bool = False, return_internal_type: bool = False) -> Any:
    """A variable's value, as Theano's shared variables tell it."""
    return K.get_value(self)


def set_value(self: Any, new_value: Any, borrow: bool = False) -> None:
    """Set a variable, as Theano's shared variables are set."""
    K.set_value(self, new_value)


def install() -> None:
    """Give layers and variables these names."""
    for name, names in LAYER.items():
        setattr(Layer, name, Alias(name, names))
    functions: tuple[Callable[..., Any], ...] = (get_value, set_value)
    for function in functions:
        setattr(K.Variable, function.__name__, function)

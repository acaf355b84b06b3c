"""Helpers of `keras.utils` as Keras 1 called them; plugged in when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from .. import backend as K
from ..models.summary import print_summary as print_model
from ..saving.upgrade.kernels import flipped
from ..saving.upgrade.verbs import Rename, Verb
from . import methods
from .plugs import method

BORDER: list[Verb] = [Rename(border_mode="padding")]
METHODS: dict[str, list[Verb]] = {
    "conv_input_length": BORDER,
    "conv_output_length": BORDER,
    "validate_file": [Rename(md5_hash="file_hash")],
}


def plug(module: ModuleType) -> None:
    """Let a module understand these terms."""
    methods.METHODS.update(METHODS)
    for name in METHODS:
        if name in vars(module):
            method(module, name)
    if module.__name__.endswith("layer_utils"):
        for own in (convert_kernel, count_total_params, print_summary):
            vars(module)[own.__name__] = own


# ---- functions


def convert_kernel(kernel: Any, dim_ordering: str | None = None) -> Any:
    """A kernel turned by 180 degrees: (*window, inputs, filters), or with 'th' (..., *window).

    >>> convert_kernel(np.arange(3).reshape(1, 1, 1, 3), dim_ordering="th").ravel()
    array([2, 1, 0])
    """
    kernel = np.asarray(kernel)
    if not 3 <= kernel.ndim <= 5:
        raise ValueError(f"`convert_kernel` takes kernels of 3 to 5 axes, got {kernel.shape}.")
    if dim_ordering not in (None, "tf", "th"):
        raise ValueError(f"`dim_ordering` is 'tf' or 'th', got {dim_ordering!r}.")
    if dim_ordering == "th":
        return np.flip(kernel, tuple(range(2, kernel.ndim))).copy()
    return np.copy(flipped(kernel))


def count_total_params(layers: Sequence[Any], layer_set: set[Any] | None = None) -> tuple[int, int]:
    """How many numbers the weights of layers hold: those that are trained, and the others.

    Layers in `layer_set` were counted already; those that are counted now are added to it.
    """
    counted = set() if layer_set is None else layer_set
    trained = untrained = 0
    for layer in layers:
        if layer not in counted:
            counted.add(layer)
            trained += sum(K.count_params(w) for w in layer.trainable_weights)
            untrained += sum(K.count_params(w) for w in layer.non_trainable_weights)
    return trained, untrained


def print_summary(
    model: Any = None,
    line_length: Any = None,
    positions: Any = None,
    print_fn: Callable[[str], Any] | None = None,
    *more: Any,
    layers: Sequence[Any] | None = None,
    relevant_nodes: Any = None,
) -> None:
    """The table of a model's layers; or, as Keras 1 had it, of a list of layers.

    `(layers, relevant_nodes, line_length, positions)`: nodes are calls, of which only the relevant
    ones are shown as connections.
    """
    if layers is None and not isinstance(model, (list, tuple)):
        print_model(model, line_length, positions, print_fn)
        return
    if layers is None:
        layers, relevant_nodes = model, relevant_nodes or line_length
        line_length, positions = positions, print_fn
    weights = [w for layer in layers for w in layer.weights]
    calls = relevant_nodes or [node for layer in layers for node in layer._inbound_nodes]
    listed = SimpleNamespace(
        name="layers",
        layers=list(layers),
        weights=weights,
        trainable_weights=[w for layer in layers for w in layer.trainable_weights],
        trainable=True,
        _calls=list(calls),
        _network_nodes=set(calls),
        _is_graph_network=True,
    )
    print_model(listed, line_length, positions)

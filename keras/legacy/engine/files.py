"""Weights in groups of HDF5 files, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...models import Network
from ...saving import pickle_model, unpickle_model
from ...saving.h5 import read_names, write_names
from ...saving.upgrade import upgraded_arrays
from ...saving.version import Origin
from ...saving.weights import Fitting, origin_of, write_weights

__all__ = ["pickle_model", "unpickle_model"]

Function = Callable[..., Any]


class _Layers:
    """Layers without a model around them, as what weights are read into."""

    name = "the list of layers"

    def __init__(self, layers: Sequence[Any]) -> None:
        self.layers = list(layers)


def save_weights_to_hdf5_group(group: Any, layers: Sequence[Any]) -> None:
    """A group for each layer, with its weights."""
    write_weights(group, layers)


def load_weights_from_hdf5_group(f: Any, layers: Sequence[Any], reshape: bool = False) -> None:
    """The weights of all layers, in their order."""
    fitting = Fitting(_Layers(layers), origin_of(f), reshape)
    fitting.in_order(f)
    fitting.assign()


def load_weights_from_hdf5_group_by_name(
    f: Any, layers: Sequence[Any], skip_mismatch: bool = False, reshape: bool = False
) -> None:
    """The weights of those layers whose names the group has."""
    fitting = Fitting(_Layers(layers), origin_of(f), reshape)
    fitting.by_name(f)
    fitting.assign(skip_mismatch)


def preprocess_weights_for_loading(
    layer: Any,
    weights: Sequence[Any],
    original_keras_version: str | None = None,
    original_backend: str | None = None,
    reshape: bool = False,
) -> list[Any]:
    """A layer's arrays, as some version of Keras wrote them, in the form of its own weights."""
    from ..weights import upgraded

    origin = Origin(original_keras_version or "", original_backend or "")
    made = list(
        upgraded(layer, weights)
        if isinstance(layer, Network)
        else upgraded_arrays(layer, list(weights), origin)
    )
    if reshape:
        shapes = [tuple(w.shape) for w in layer.weights]
        made = [np.reshape(a, shape) for a, shape in zip(made, shapes, strict=True)]
    return made


def save_attributes_to_hdf5_group(group: Any, name: str, data: Sequence[Any]) -> None:
    """A list of names as an attribute, in several where it is too long for one."""
    write_names(group, name, [d.decode() if isinstance(d, bytes) else str(d) for d in data])


def load_attributes_from_hdf5_group(group: Any, name: str) -> list[str]:
    """The list of names that `save_attributes_to_hdf5_group` wrote."""
    return read_names(group, name)


def allow_read_from_gcs(load_function: Function) -> Function:
    """A decorator of functions that read files from afar; ours all do."""
    return load_function


def allow_write_to_gcs(save_function: Function) -> Function:
    """A decorator of functions that write files afar; ours all do."""
    return save_function

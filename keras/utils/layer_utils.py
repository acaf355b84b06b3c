"""Counting, printing and converting the weights of layers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from ..layers import deserialize
from ..layers.base.weights import unique
from ..models.summary import print_summary
from ..models.topology import get_source_inputs
from ..saving.upgrade.kernels import flip
from ..saving.version import Origin
from .conv_utils import convert_kernel

__all__ = [
    "convert_all_kernels_in_model",
    "convert_dense_weights_data_format",
    "convert_kernel",
    "count_params",
    "get_source_inputs",
    "layer_from_config",
    "print_summary",
]


def count_params(weights: Collection[Any]) -> int:
    """How many numbers there are in some weights; each counts once.

    >>> from keras.layers import Dense
    >>> layer = Dense(3)
    >>> layer.build((None, 4))
    >>> count_params(layer.weights + layer.weights)
    15
    """
    return sum(int(K.count_params(w)) for w in unique(list(weights)))


def convert_all_kernels_in_model(model: Any) -> None:
    """Turn the kernels of all convolutions round, from Theano's form into ours or back.

    Models and layers inside the model are converted, too. Files that say that Theano wrote them are
    converted as they are loaded; those of Keras 1 don't say it.
    """
    origin = Origin("1.2.2", "theano")
    changes: list[tuple[Any, Any]] = []
    for layer in unique(list(_leaves(model))):
        values = K.batch_get_value(layer.weights)
        turned = flip(layer, list(values), origin)
        changes += zip(layer.weights, turned, strict=True)
    K.batch_set_value([(weight, np.ascontiguousarray(value)) for weight, value in changes])


def _leaves(layer: Any) -> Iterator[Any]:
    """The layers in a model, a wrapper or the like that hold their weights themselves."""
    inner = getattr(layer, "layers", None)
    inner = layer._held()[0] if inner is None else inner
    if not inner:
        yield layer
    for each in inner:
        yield from _leaves(each)


def convert_dense_weights_data_format(
    dense: Any,
    previous_feature_map_shape: Sequence[int],
    target_data_format: str = "channels_first",
) -> None:
    """Reorder the rows of a `Dense` layer behind a `Flatten`, for features in another data format.

    `previous_feature_map_shape`: the shape of one sample before `Flatten`, in the data format
    `target_data_format`, in which it will come from now on.
    """
    kernel, *bias = dense.get_weights()
    shape = tuple(previous_feature_map_shape)
    if len(shape) != 3 or np.prod(shape) != len(kernel):
        raise ValueError(
            f"`{dense.name}` has a kernel of {len(kernel)} rows; a feature map of shape {shape} "
            "has not as many values (or not 3 dimensions)."
        )
    if target_data_format == "channels_first":
        channels, rows, columns = shape
        before, order = (rows, columns, channels), (2, 0, 1, 3)
    elif target_data_format == "channels_last":
        rows, columns, channels = shape
        before, order = (channels, rows, columns), (1, 2, 0, 3)
    else:
        raise ValueError(
            "`target_data_format` is 'channels_first' or 'channels_last', got "
            f"{target_data_format!r}."
        )
    maps = kernel.reshape((*before, kernel.shape[-1])).transpose(order)
    dense.set_weights([maps.reshape(kernel.shape), *bias])


def layer_from_config(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The layer that `{"class_name": ..., "config": ...}` describes."""
    return deserialize(config, custom_objects=custom_objects)

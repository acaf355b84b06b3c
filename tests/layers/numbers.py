"""Layers on arrays, without a model around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras import backend as K
from keras.layers import Input
from keras.layers.base.calls import one_or_list, to_list


def draw(*shape: int) -> Any:
    """Normal numbers."""
    return np.random.standard_normal(shape).astype("float32")


def apply(layer: Any, *arrays: Any, phase: int = 0, **call: Any) -> Any:
    """What a layer returns for arrays (several: for a list of them)."""
    inputs = [Input(batch_shape=(None, *a.shape[1:]), dtype=str(a.dtype)) for a in arrays]
    outputs = to_list(layer(one_or_list(inputs), **call))
    function = K.function([*inputs, K.learning_phase()], outputs)
    return one_or_list([np.asarray(y) for y in function([*arrays, phase])])


def updated(layer: Any, array: Any, times: int = 1) -> None:
    """Carry out a layer's updates, in training, for an input."""
    x = Input(batch_shape=(None, *array.shape[1:]))
    y = layer(x)
    function = K.function([x, K.learning_phase()], [y], layer.get_updates_for(x))
    for _ in range(times):
        function([array, 1])

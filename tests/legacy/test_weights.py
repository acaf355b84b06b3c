"""Arrays of weights as Keras 1 laid them out, given to layers and models of today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import layers
from keras.legacy.arguments import LegacyWarning
from keras.models import Sequential

Arrays = list[Any]


def gates(order: str, today: str) -> Callable[[Arrays], Arrays]:
    """What Keras 1 had of these gates: three arrays for each, one gate after the other."""

    def split(arrays: Arrays) -> Arrays:
        parts = {
            g: [np.split(a, len(today), axis=-1)[today.index(g)] for a in arrays] for g in order
        }
        return [array for gate in order for array in parts[gate]]

    return split


def moved(*axes: int, count: int = 1) -> Callable[[Arrays], Arrays]:
    """The kernels with their axes in another order."""
    return lambda arrays: [np.transpose(a, axes) if i < count else a for i, a in enumerate(arrays)]


FIRST = {"data_format": "channels_first"}
CASES: list[tuple[Any, tuple[int, ...], Callable[[Arrays], Arrays]]] = [
    (lambda: layers.Conv2D(4, (3, 2), **FIRST), (5, 8, 8), moved(3, 2, 0, 1)),
    (lambda: layers.Conv3D(4, (3, 2, 1), **FIRST), (5, 6, 6, 6), moved(4, 3, 0, 1, 2)),
    (lambda: layers.SeparableConv2D(4, (3, 2), **FIRST), (5, 8, 8), moved(3, 2, 0, 1, count=2)),
    (lambda: layers.Conv1D(4, 3), (8, 5), lambda w: [w[0][:, None], w[1]]),
    (lambda: layers.LSTM(3), (4, 2), gates("icfo", "ifco")),
    (lambda: layers.GRU(3), (4, 2), gates("zrh", "zrh")),
    (lambda: layers.ConvLSTM2D(3, (2, 2)), (2, 5, 5, 1), gates("icfo", "ifco")),
]


def layer_and_arrays(case: Any) -> tuple[Any, Arrays]:
    make, shape, _ = case
    layer = make()
    layer.build((None, *shape))
    return layer, [np.random.rand(*w.shape).astype("float32") for w in layer.weights]


@pytest.mark.parametrize("case", CASES, ids=["2d", "3d", "separable", "1d", "lstm", "gru", "clstm"])
def test_a_layer(case: Any) -> None:
    layer, arrays = layer_and_arrays(case)
    with pytest.warns(LegacyWarning, match=f"`{type(layer).__name__}.set_weights` "):
        layer.set_weights(case[2](arrays))
    for own, wanted in zip(layer.get_weights(), arrays, strict=True):
        np.testing.assert_array_equal(own, wanted)
    layer.set_weights(arrays)  # today's form, without a warning


def test_a_model_and_one_inside() -> None:
    lstm, gru = layers.LSTM(3, return_sequences=True), layers.GRU(2)
    inner = Sequential([layers.Dense(3, input_dim=2)])
    model = Sequential(
        [layers.InputLayer((4, 2)), lstm, layers.Bidirectional(gru), layers.Dense(2), inner]
    )
    arrays = [np.random.rand(*w.shape).astype("float32") for w in model.get_weights()]
    split, join = gates("icfo", "ifco"), gates("zrh", "zrh")
    old = [*split(arrays[:3]), *join(arrays[3:6]), *join(arrays[6:9]), *arrays[9:]]
    with pytest.warns(LegacyWarning):
        model.set_weights(old)
    for own, wanted in zip(model.get_weights(), arrays, strict=True):
        np.testing.assert_array_equal(own, wanted)


def test_as_an_argument() -> None:
    kernel, bias = np.random.rand(4, 2, 3, 3), np.zeros(4)
    with pytest.warns(LegacyWarning):
        layer = layers.Convolution2D(4, 3, 3, dim_ordering="th", weights=[kernel, bias])
    with pytest.warns(LegacyWarning, match="kernels"):
        layer.build_once((None, 2, 5, 5))
    np.testing.assert_allclose(layer.get_weights()[0], kernel.transpose(2, 3, 1, 0), rtol=1e-6)


@pytest.mark.parametrize("arrays", [[np.ones((3, 3))], [np.ones((2, 9)), np.ones(3)], []])
def test_what_fits_neither_form_is_refused(arrays: Arrays) -> None:
    """In the terms of today."""
    layer = layers.Dense(3)
    layer.build((None, 2))
    with pytest.raises(ValueError, match="Dense `dense_1`"):
        layer.set_weights(arrays)

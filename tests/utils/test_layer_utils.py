"""Weights of layers counted and converted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import keras
from keras import backend as K
from keras.layers import (
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Input,
    SeparableConv2D,
    TimeDistributed,
)
from keras.models import Model, Sequential
from keras.utils import layer_utils
from keras.utils.layer_utils import (
    convert_all_kernels_in_model,
    convert_dense_weights_data_format,
    count_params,
    layer_from_config,
)


def changed(model: Any) -> list[bool]:
    """Which weights a conversion changes; they are turned round, and back by another one."""
    before = model.get_weights()
    convert_all_kernels_in_model(model)
    after = model.get_weights()
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    for a, b in zip(before, after, strict=True):
        space = tuple(range(a.ndim - 2))
        assert np.array_equal(b, a) or np.array_equal(b, np.flip(a, space))
    convert_all_kernels_in_model(model)
    assert all(map(np.array_equal, before, model.get_weights()))
    return moved


def test_kernels_of_all_convolutions() -> None:
    """Those that Theano turned round: as Keras 2.3.1 has it."""
    images = [
        Conv2D(2, 3, input_shape=(9, 9, 1)),
        Conv2DTranspose(2, 3),
        SeparableConv2D(2, 3),
        DepthwiseConv2D(3),
        Flatten(),
        Dense(2),
    ]
    # kernel and bias of each; the separable one has two kernels
    expected = [True, False, True, False, False, False, False, False, False, False, False]
    assert changed(Sequential(images)) == expected
    assert changed(Sequential([Conv1D(2, 3, input_shape=(9, 1))])) == [True, False]
    assert changed(Sequential([Conv3D(2, 3, input_shape=(5, 5, 5, 1))])) == [True, False]


def test_kernels_of_inner_models_and_wrappers() -> None:
    inner = Sequential([Conv2D(2, 3, input_shape=(5, 5, 1)), Flatten()])
    shared = Conv2D(2, 3)
    a, b = Input((4, 5, 5, 1)), Input((5, 5, 1))
    y = TimeDistributed(shared)(a)
    model = Model([a, b], [y, shared(b), Sequential([inner, Dense(1)])(b)])
    kernels = [w.name for w, turned in zip(model.weights, changed(model), strict=False) if turned]
    assert len(kernels) == 2  # the shared one is turned once
    assert all("kernel" in name and "dense" not in name for name in kernels)


@pytest.mark.parametrize("target", ["channels_first", "channels_last"])
def test_dense_weights_for_another_data_format(target: str) -> None:
    """The same features in the other order, flattened, give the same results."""
    last = np.random.standard_normal((5, 2, 3, 4))
    first = np.moveaxis(last, -1, 1)
    before, after = (last, first) if target == "channels_first" else (first, last)
    dense = Dense(6)
    dense.build((None, 24))
    kernel, bias = dense.get_weights()
    expected = before.reshape(5, -1) @ kernel + bias
    convert_dense_weights_data_format(dense, after.shape[1:], target)
    kernel, same = dense.get_weights()
    np.testing.assert_allclose(after.reshape(5, -1) @ kernel + same, expected, rtol=1e-5)


def test_dense_weights_that_do_not_fit() -> None:
    dense = Dense(6, use_bias=False)
    dense.build((None, 24))
    convert_dense_weights_data_format(dense, (2, 3, 4))
    with pytest.raises(ValueError, match="a kernel of 24 rows; a feature map of shape"):
        convert_dense_weights_data_format(dense, (2, 3, 5))
    with pytest.raises(ValueError, match="3 dimensions"):
        convert_dense_weights_data_format(dense, (24,))
    with pytest.raises(ValueError, match="got 'tf'"):
        convert_dense_weights_data_format(dense, (2, 3, 4), "tf")


def test_counts_once() -> None:
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    assert count_params(model.weights) == count_params(model.weights * 2) == 15 + 8
    assert count_params([K.variable(np.zeros((2, 3))), K.variable(0.0)]) == 7


def test_layer_from_config() -> None:
    class Own(Dense):
        pass

    config = {"class_name": "Own", "config": Own(3, name="mine").get_config()}
    made = layer_from_config(config, custom_objects={"Own": Own})
    assert (type(made), made.units, made.name) == (Own, 3, "mine")
    with pytest.raises(ValueError, match="Unknown layer `Own`"):
        layer_from_config(config)


def test_classic_paths() -> None:
    x = Input((4,))
    assert layer_utils.get_source_inputs(Dense(2)(x)) == [x]
    assert keras.utils.get_source_inputs is layer_utils.get_source_inputs
    lines: list[str] = []
    layer_utils.print_summary(Sequential([Dense(3, input_shape=(4,))]), print_fn=lines.append)
    assert "Total params: 15" in lines

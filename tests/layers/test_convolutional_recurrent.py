"""ConvLSTM2D against an LSTM of numpy whose products are convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, layers
from keras.layers import ConvLSTM2D, Input
from keras.models import Sequential
from tests.layers import steps
from tests.layers.numbers import apply, draw
from tests.layers.windows import convolved


def written(layer: Any, switch: Any) -> steps.Step:
    """One step, channels last."""
    kernel, recurrent, *bias = layer.get_weights()

    def step(x: Any, states: list[Any]) -> Any:
        h, c = states
        z = convolved(x, kernel, layer.strides, layer.padding, layer.dilation_rate) + sum(bias)
        z = z + convolved(h, recurrent, (1, 1), "same")
        i, f, g, o = np.split(z, 4, -1)
        c = switch(f) * c + switch(i) * np.tanh(g)
        h = switch(o) * np.tanh(c)
        return h, [h, c]

    return step


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "kwargs",
    [
        {"kernel_size": 3, "padding": "same"},
        {"kernel_size": (2, 3), "strides": (1, 2), "recurrent_activation": "sigmoid"},
        {"kernel_size": 2, "dilation_rate": 2, "go_backwards": True, "use_bias": False},
        {"kernel_size": 2, "unroll": True},
    ],
)
def test_against_numpy(kwargs: dict[str, Any], data_format: str) -> None:
    layer = ConvLSTM2D(
        2, return_sequences=True, return_state=True, data_format=data_format, **kwargs
    )
    x = draw(2, 3, 5, 6, 3)
    first = data_format == "channels_first"
    got = apply(layer, np.moveaxis(x, -1, 2) if first else x)
    switch = steps.sigmoid if "recurrent_activation" in kwargs else steps.hard_sigmoid
    step = written(layer, switch)
    shape = convolved(x[:, 0], layer.get_weights()[0], layer.strides, layer.padding,
                      layer.dilation_rate).shape  # fmt: skip
    zeros = np.zeros((*shape[:-1], 2), "float32")
    outputs, states = steps.over_time(
        step, x, [zeros, zeros], go_backwards=kwargs.get("go_backwards", False)
    )
    for one, other in zip(got, [outputs, *states], strict=True):
        expected = np.moveaxis(other, -1, -3) if first else other
        np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-5)


def test_open_sizes() -> None:
    layer = ConvLSTM2D(2, 2, strides=2)
    x = Input((None, None, None, 3))
    y = layer(x)
    assert K.int_shape(y) == (None, None, None, 2)
    array = draw(2, 3, 5, 6, 3)
    (got,) = K.function([x], [y])([array])
    fixed = ConvLSTM2D(2, 2, strides=2)
    apply(fixed, array)
    fixed.set_weights(layer.get_weights())
    np.testing.assert_allclose(got, apply(fixed, array), rtol=1e-5, atol=1e-6)


def test_stateful() -> None:
    model = Sequential(
        [
            ConvLSTM2D(
                2, 2, stateful=True, return_sequences=True, batch_input_shape=(2, None, 4, 4, 1)
            )
        ]
    )
    x = draw(2, 4, 4, 4, 1)
    halves = np.concatenate([model.predict(x[:, :2]), model.predict(x[:, 2:])], 1)
    model.reset_states()
    np.testing.assert_allclose(halves, model.predict(x), rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="so the shape of its input must be known"):
        ConvLSTM2D(2, 2, stateful=True)(Input(batch_shape=(2, 3, None, 4, 1)))


def test_dropout_changes_training_only() -> None:
    layer = ConvLSTM2D(2, 2, dropout=0.5, recurrent_dropout=0.5, return_sequences=True)
    x = draw(2, 3, 4, 4, 1)
    first = apply(layer, x)
    np.testing.assert_array_equal(first, apply(layer, x))
    assert not np.allclose(first, apply(layer, x, phase=1))


def test_masked_steps_are_skipped() -> None:
    x = draw(2, 4, 4, 4, 1)
    x[0, 2] = 0.0
    tensor = Input((4, 4, 4, 1))
    layer = ConvLSTM2D(2, 2, return_sequences=True)
    y = layer(layers.Masking()(tensor))
    got, mask = K.function([tensor], [y, y._keras_mask])([x])
    np.testing.assert_array_equal(mask, x.any((2, 3, 4)))
    np.testing.assert_array_equal(got[0, 2], got[0, 1])
    np.testing.assert_allclose(
        got[0, [0, 1, 3]], apply(layer, x[:1, [0, 1, 3]])[0], rtol=1e-4, atol=1e-6
    )

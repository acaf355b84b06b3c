"""Locally connected layers: a kernel at each place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras import layers
from keras.layers import Input
from tests.layers.numbers import apply, draw
from tests.layers.windows import channels_first, convolved, windowed

LOCAL = {1: layers.LocallyConnected1D, 2: layers.LocallyConnected2D}


@given(st.integers(1, 2), st.data())
@settings(max_examples=30)
def test_against_loops(rank: int, data: Any) -> None:
    window = tuple(data.draw(st.integers(1, 3)) for _ in range(rank))
    strides = tuple(data.draw(st.integers(1, 2)) for _ in range(rank))
    space = tuple(k + data.draw(st.integers(0, 3)) for k in window)
    layer = LOCAL[rank](3, window, strides=strides)
    x = draw(2, *space, 2)
    got = apply(layer, x)
    kernel, bias = layer.get_weights()
    places = bias.shape[:-1]

    def see(patch: Any, place: Any) -> Any:
        number = int(np.ravel_multi_index(place, places))
        return patch.reshape(len(patch), -1) @ kernel[number] + bias[place]

    expected = windowed(x, window, strides, "valid", (1,) * rank, see)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rank", [1, 2])
def test_equal_kernels_make_a_convolution(rank: int) -> None:
    layer = LOCAL[rank](3, 2, use_bias=False)
    x = draw(2, *(5,) * rank, 2)
    apply(layer, x)
    kernel = draw(*(2,) * rank, 2, 3)
    places = layer.get_weights()[0].shape[0]
    layer.set_weights([np.stack([kernel.reshape(-1, 3)] * places)])
    expected = convolved(x, kernel, (1,) * rank)
    np.testing.assert_allclose(apply(layer, x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_three_ways_to_keep_the_weights(rank: int, data_format: str, padding: str) -> None:
    """The dense form, cut down to what counts and sorted by output and input, is the third one."""
    kwargs: dict[str, Any] = {"data_format": data_format, "padding": padding, "strides": 2}
    dense = LOCAL[rank](3, 3, implementation=2, **kwargs)
    sparse = LOCAL[rank](3, 3, implementation=3, **kwargs)
    x = draw(2, *(5,) * rank, 2)
    x = channels_first(x) if data_format == "channels_first" else x
    expected = apply(dense, x)
    apply(sparse, x)
    kernel, bias = dense.get_weights()
    mask = dense.mask(x.shape, expected.shape)
    inputs = int(np.prod(x.shape[1:]))
    by_output = (kernel.reshape(inputs, -1).T, mask.reshape(inputs, -1).T)
    sparse.set_weights([by_output[0][by_output[1] == 1], bias])
    np.testing.assert_allclose(apply(sparse, x), expected, rtol=1e-4, atol=1e-5)
    if padding == "valid" and data_format == "channels_last":
        plain = LOCAL[rank](3, 3, strides=2)
        apply(plain, x)
        matrix = by_output[0].reshape(*expected.shape[1:], *x.shape[1:])
        plain.set_weights([windows_of(matrix, rank), bias])
        np.testing.assert_allclose(apply(plain, x), expected, rtol=1e-4, atol=1e-5)


def windows_of(matrix: Any, rank: int) -> Any:
    """Of weights (*places, filters, *input), those in a place's window: (places, ..., filters)."""
    found = []
    for place in np.ndindex(*matrix.shape[:rank]):
        cut = tuple(slice(2 * at, 2 * at + 3) for at in place)
        found.append(matrix[place][(slice(None), *cut)].reshape(3, -1).T)
    return np.stack(found)


def test_configs_say_what_the_classic_ones_dont_know() -> None:
    assert "implementation" not in layers.LocallyConnected2D(2, 2).get_config()
    assert layers.LocallyConnected2D(2, 2, implementation=3).get_config()["implementation"] == 3
    assert "data_format" not in layers.LocallyConnected1D(2, 2).get_config()
    config = layers.LocallyConnected1D(2, 2, data_format="channels_first").get_config()
    assert config["data_format"] == "channels_first"


@pytest.mark.parametrize(
    ("kwargs", "shape", "message"),
    [
        ({"padding": "same"}, None, r"padding 'same' needs `implementation` 2 or 3, got 1"),
        ({"implementation": 4}, None, r"`implementation` is 1, 2 or 3, got 4"),
        ({}, (None, 2), r"the shape of its input must be known, got \(None, None, 2\)"),
        ({}, (2, 2), r"a window of \(3,\) doesn't fit into an input of shape \(None, 2, 2\)"),
    ],
)
def test_refused(kwargs: Any, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer = layers.LocallyConnected1D(2, 3, **kwargs)
        layer(Input(shape))

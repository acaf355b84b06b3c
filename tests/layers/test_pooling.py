"""Pools against loops of numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras import backend as K, layers
from keras.backend import config
from keras.layers import Input, Masking
from tests.layers.numbers import apply, draw
from tests.layers.windows import channels_first, windowed

MAX = {1: layers.MaxPooling1D, 2: layers.MaxPooling2D, 3: layers.MaxPooling3D}
MEAN = {1: layers.AveragePooling1D, 2: layers.AveragePooling2D, 3: layers.AveragePooling3D}


@given(st.integers(1, 3), st.data())
@settings(max_examples=60)
def test_against_loops(rank: int, data: Any) -> None:
    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(data.draw(st.integers(low, high)) for _ in range(rank))

    window = each(1, 3)
    space = tuple(k + n for k, n in zip(window, each(0, 3), strict=True))
    kwargs: dict[str, Any] = {
        "pool_size": window,
        "strides": data.draw(st.sampled_from([None, each(1, 3)])),
        "padding": data.draw(st.sampled_from(["valid", "same"])),
        "data_format": data.draw(st.sampled_from(["channels_last", "channels_first"])),
    }
    x = draw(2, *space, 3)
    strides = kwargs["strides"] or window
    axes = tuple(range(1, rank + 1))
    cases = [
        (MAX[rank], lambda patch, _: np.nanmax(patch, axes)),
        (MEAN[rank], lambda patch, _: np.nanmean(patch, axes)),
    ]
    for layer, see in cases:  # nan stands for what lies outside
        expected = windowed(x, window, strides, kwargs["padding"], (1,) * rank, see, np.nan)
        first = kwargs["data_format"] == "channels_first"
        given_x, expected = (channels_first(a) if first else a for a in (x, expected))
        made = layer(**kwargs)
        np.testing.assert_allclose(apply(made, given_x), expected, rtol=1e-5, atol=1e-6)
        assert tuple(made.compute_output_shape(given_x.shape)) == expected.shape


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_global_pools(rank: int, data_format: str) -> None:
    x = draw(2, *range(3, 3 + rank), 4)
    given_x = channels_first(x) if data_format == "channels_first" else x
    axes = tuple(range(1, rank + 1))
    for what, expected in [("Max", x.max(axes)), ("Average", x.mean(axes))]:
        layer = getattr(layers, f"Global{what}Pooling{rank}D")(data_format)
        np.testing.assert_allclose(apply(layer, given_x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_masked_steps_dont_count_in_the_mean(data_format: str) -> None:
    x = draw(2, 4, 3)
    x[0, 2:] = 0.0
    expected = np.stack([x[0, :2].mean(0), x[1].mean(0)])
    tensor = Input((4, 3))
    masked = Masking()(tensor)
    layer = layers.GlobalAveragePooling1D(data_format)
    if data_format == "channels_first":
        mask = masked._keras_mask
        turned = layers.Permute((2, 1))(tensor)
        y = layer(turned, mask=mask)
    else:
        y = layer(masked)
    assert y._keras_mask is None
    np.testing.assert_allclose(K.function([tensor], [y])([x])[0], expected, rtol=1e-5, atol=1e-6)


def test_other_pools_refuse_masks() -> None:
    with pytest.raises(TypeError, match=r"GlobalMaxPooling1D `.*` doesn't support masking"):
        layers.GlobalMaxPooling1D()(Masking()(Input((4, 3))))


@pytest.mark.skipif(str(K.backend()) == "tensorflow", reason="its kernel on the CPU leaves NaN out")
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_maximum_does_not_hide_what_is_no_number(rank: int) -> None:
    """TensorFlow 1 made -3.4e38 of a window of NaN, which the next layers take for a value."""
    x = draw(1, *(4,) * rank, 2)
    x[(0, *(0,) * rank, 1)] = np.nan
    got = apply(MAX[rank](2), x)
    assert np.isnan(got[(0, *(0,) * rank, 1)])
    assert np.isnan(got).sum() == 1


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_maximum_as_wrong_as_it_was(rank: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = draw(1, *(4,) * rank, 2)
    expected = apply(MAX[rank](2), x)
    monkeypatch.setitem(config._settings, "classic_defects", True)
    np.testing.assert_array_equal(apply(MAX[rank](2), x), expected)
    x[(0, *(slice(2),) * rank, 0)] = np.nan  # a whole window
    x[(0, *(slice(2),) * rank, 1)] = -2.0
    x[(0, *(0,) * rank, 1)] = np.nan
    expected[(0, *(0,) * rank)] = np.finfo("float32").min, -2.0
    np.testing.assert_array_equal(apply(MAX[rank](2), x), expected)

"""What is special in the core layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras import backend as K, layers
from keras.models import Model
from tests.layers.numbers import apply, draw


class TestDropout:
    def test_kept_values_are_scaled_up(self) -> None:
        x = draw(200, 50)
        y = apply(layers.Dropout(0.25), x, phase=1)
        kept = y != 0
        assert kept.mean() == pytest.approx(0.75, abs=0.02)
        np.testing.assert_allclose(y[kept], (x / 0.75)[kept], rtol=1e-5)

    def test_nothing_happens_while_testing(self) -> None:
        x = draw(4, 5)
        np.testing.assert_array_equal(apply(layers.Dropout(0.5), x), x)

    @pytest.mark.parametrize("rate", [0, 1])
    def test_rates_that_drop_nothing(self, rate: int) -> None:
        x = draw(4, 5)
        np.testing.assert_array_equal(apply(layers.Dropout(rate), x, phase=1), x)

    def test_each_call_draws_anew_and_a_seed_repeats(self) -> None:
        x = np.ones((10, 10), dtype="float32")
        same = [apply(layers.Dropout(0.5, seed=3), x, phase=1) for _ in range(2)]
        np.testing.assert_array_equal(*same)
        other = apply(layers.Dropout(0.5, seed=4), x, phase=1)
        assert (same[0] != other).any()

    @pytest.mark.parametrize("noise_shape", [(6, 1, 4), (None, 1, None), [None, 1, 4]])
    def test_values_along_an_axis_share_their_fate(self, noise_shape: Any) -> None:
        x = np.ones((6, 5, 4), dtype="float32")
        y = apply(layers.Dropout(0.5, noise_shape), x, phase=1)
        np.testing.assert_array_equal(y, np.broadcast_to(y[:, :1], y.shape))
        assert 0 < (y == 0).mean() < 1

    def test_training_may_be_decided_at_the_call(self) -> None:
        x = np.ones((20, 20), dtype="float32")
        assert (apply(layers.Dropout(0.5), x, training=1) == 0).any()

    def test_a_subclass_may_say_the_shape_of_the_noise(self) -> None:
        class Rows(layers.Dropout):
            def _get_noise_shape(self, inputs: Any) -> Any:
                return (K.shape(inputs)[0], 1)

        y = apply(Rows(0.5), np.ones((30, 4), dtype="float32"), phase=1)
        assert set(y.sum(axis=1)) == {0.0, 8.0}


@pytest.mark.parametrize(
    ("layer", "shape", "maps"),
    [
        (layers.SpatialDropout1D, (8, 5, 6), (1,)),
        (layers.SpatialDropout2D, (8, 3, 4, 6), (1, 2)),
        (layers.SpatialDropout3D, (8, 2, 3, 4, 6), (1, 2, 3)),
    ],
)
class TestSpatialDropout:
    def test_channels_last(self, layer: Any, shape: Any, maps: Any) -> None:
        y = apply(layer(0.5), np.ones(shape, dtype="float32"), phase=1)
        assert set(np.unique(y.mean(axis=maps))) == {0.0, 2.0}

    def test_channels_first(self, layer: Any, shape: Any, maps: Any) -> None:
        if layer is layers.SpatialDropout1D:
            return
        x = np.ones((shape[0], shape[-1], *shape[1:-1]), dtype="float32")
        y = apply(layer(0.5, "channels_first"), x, phase=1)
        assert set(np.unique(y.mean(axis=tuple(a + 1 for a in maps)))) == {0.0, 2.0}


def test_a_config_that_loses_the_data_format_says_so() -> None:
    layer = layers.SpatialDropout2D(0.5, data_format="channels_first")
    with pytest.warns(UserWarning, match="classic configs don't hold `data_format`"):
        assert "data_format" not in layer.get_config()


class TestFlatten:
    def test_both_formats_give_the_same_order(self) -> None:
        x = draw(2, 3, 4, 5)
        first = apply(layers.Flatten("channels_first"), np.moveaxis(x, -1, 1))
        np.testing.assert_array_equal(first, apply(layers.Flatten("channels_last"), x))
        np.testing.assert_array_equal(first, x.reshape(2, -1))

    def test_the_setting_of_the_session_counts(self) -> None:
        K.set_image_data_format("channels_first")
        try:
            assert layers.Flatten().data_format == "channels_first"
        finally:
            K.set_image_data_format("channels_last")

    def test_sizes_may_be_unknown(self) -> None:
        x = layers.Input((None, 4))
        y = layers.Flatten()(x)
        assert K.int_shape(y) == (None, None)
        array = draw(2, 3, 4)
        np.testing.assert_array_equal(Model(x, y).predict(array), array.reshape(2, 12))


def test_arrangements() -> None:
    x = draw(2, 3, 4)
    np.testing.assert_array_equal(apply(layers.Reshape((2, 6)), x), x.reshape(2, 2, 6))
    np.testing.assert_array_equal(apply(layers.Reshape((-1, 2)), x), x.reshape(2, 6, 2))
    np.testing.assert_array_equal(apply(layers.Permute((2, 1)), x), x.transpose(0, 2, 1))
    y = draw(2, 3)
    np.testing.assert_array_equal(apply(layers.RepeatVector(4), y), np.stack([y] * 4, axis=1))


def test_masking() -> None:
    x = draw(3, 5, 2)
    x[0, 1] = x[1, 3] = x[2, 4] = 7.0
    x[2, 0, 0] = 7.0  # one value alone is no mask
    inputs = layers.Input((5, 2))
    masked = layers.Masking(7.0)(inputs)
    expected = (x != 7.0).any(axis=-1)
    y, mask = K.function([inputs], [masked, masked._keras_mask])([x])
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_array_equal(y, x * expected[..., None])


def test_activity_regularization() -> None:
    x = layers.Input((4,))
    model = Model(x, layers.ActivityRegularization(l1=0.1, l2=0.3)(x))
    model.compile("sgd", "mse")
    array = draw(5, 4)
    expected = 0.1 * abs(array).sum() + 0.3 * (array**2).sum()
    assert model.evaluate(array, array, verbose=0) == pytest.approx(expected, rel=1e-4)


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@settings(max_examples=30)
@given(sizes=SIZES, data=st.data())
def test_shapes_of_arrangements(sizes: list[int], data: Any) -> None:
    """Whatever the shape, the static one is the real one, and the values are numpy's."""
    x = np.arange(2 * np.prod(sizes), dtype="float32").reshape(2, *sizes)
    order = data.draw(st.permutations(range(1, len(sizes) + 1)))
    target = data.draw(st.permutations(sizes))
    open_at = data.draw(st.integers(0, len(target)))
    said = [-1 if i == open_at else size for i, size in enumerate(target)]
    for layer, expected in (
        (layers.Permute(tuple(order)), x.transpose(0, *order)),
        (layers.Reshape(said), x.reshape(2, *target)),
    ):
        assert layer.compute_output_shape((2, *sizes)) == expected.shape
        np.testing.assert_array_equal(apply(layer, x), expected)

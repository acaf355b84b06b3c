"""Keras 1's names and argument names of K's functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend import common
from tests.backend.ops.table import real

X = real(2, 5, 6, 3).astype("float32")
KERNEL = real(3, 2, 3, 4).astype("float32")


@pytest.fixture(autouse=True)
def formats() -> Iterator[None]:
    yield
    K.set_image_data_format("channels_last")
    K.set_legacy_weight_ordering(False)


def same(a: Any, b: Any) -> None:
    np.testing.assert_allclose(K.eval(a), K.eval(b), rtol=1e-5, atol=1e-6)


def first(x: np.ndarray) -> np.ndarray:
    """Channels first."""
    return np.moveaxis(x, -1, 1).copy()


def theano(kernel: np.ndarray) -> np.ndarray:
    """(*window, channels, filters) -> (filters, channels, *window)"""
    rank = kernel.ndim - 2
    return np.transpose(kernel, (rank + 1, rank, *range(rank))).copy()


def test_settings() -> None:
    assert (K.image_dim_ordering(), K.image_ordering()) == ("tf", "tf")
    K.set_image_dim_ordering("th")
    assert (K.image_data_format(), K.image_ordering()) == ("channels_first", "th")
    K.set_image_ordering("tf")
    assert K.image_data_format() == "channels_last"
    with pytest.raises(ValueError, match="Unknown dim_ordering 'xy'; it is 'tf' or 'th'"):
        K.set_image_dim_ordering("xy")
    assert (K.backend(), K.epsilon(), K.floatx()) == (K._BACKEND, K._EPSILON, K._FLOATX)
    assert common.floatx is K.floatx
    assert K.common is common
    with pytest.raises(AttributeError, match="no attribute '_NO_SUCH'"):
        _ = K._NO_SUCH
    K.set_legacy_weight_ordering(True)
    assert K.legacy_weight_ordering()
    with pytest.raises(ValueError, match="takes True or False, got 3"):
        K.set_legacy_weight_ordering(3)  # type: ignore[arg-type]  # what the test is about


def test_conv2d() -> None:
    x, kernel = K.constant(X), K.constant(KERNEL)
    today = K.conv2d(x, kernel, (1, 2), "same")
    same(K.conv2d(x, kernel, strides=(1, 2), border_mode="same", dim_ordering="tf"), today)
    same(
        K.conv2d(x, kernel, (1, 2), border_mode="same", image_shape=None, filter_shape=(1,)), today
    )
    by_theano = K.conv2d(
        K.constant(first(X)),
        K.constant(theano(KERNEL)),
        (1, 2),
        border_mode="same",
        dim_ordering="th",
    )
    same(K.permute_dimensions(by_theano, (0, 2, 3, 1)), today)


def test_the_default_ordering_says_how_a_kernel_stands() -> None:
    K.set_image_dim_ordering("th")
    old = K.conv2d(K.constant(first(X)), K.constant(theano(KERNEL)), border_mode="valid")
    new = K.conv2d(K.constant(first(X)), K.constant(KERNEL), padding="valid")
    same(old, new)


def test_other_convolutions() -> None:
    x, kernel = K.constant(X), K.constant(KERNEL)
    same(K.atrous_conv2d(x, kernel, rate=2), K.conv2d(x, kernel, dilation_rate=(2, 2)))
    same(K.conv2d(x, kernel, filter_dilation=(2, 2)), K.conv2d(x, kernel, dilation_rate=(2, 2)))
    back = K.constant(real(2, 5, 6, 4))
    today = K.conv2d_transpose(back, kernel, (2, 7, 7, 3))
    old_kernel = K.permute_dimensions(kernel, (0, 1, 3, 2))
    same(K.deconv2d(back, old_kernel, (2, 7, 7, 3)), today)
    by_theano = K.deconv2d(
        K.permute_dimensions(back, (0, 3, 1, 2)),
        K.permute_dimensions(old_kernel, (3, 2, 0, 1)),
        (2, 3, 7, 7),
        dim_ordering="th",
    )
    same(K.permute_dimensions(by_theano, (0, 2, 3, 1)), today)
    line, window = K.constant(real(2, 6, 3)), K.constant(real(2, 3, 4))
    same(K.conv1d(line, window, stride=2, border_mode="same"), K.conv1d(line, window, 2, "same"))


def test_separable_and_3d() -> None:
    depth, point = real(3, 2, 3, 2).astype("float32"), real(1, 1, 6, 4).astype("float32")
    today = K.separable_conv2d(K.constant(X), K.constant(depth), K.constant(point))
    turned = np.transpose(depth, (3, 2, 0, 1)).copy()
    old = K.separable_conv2d(
        K.constant(first(X)), K.constant(turned), K.constant(theano(point)), dim_ordering="th"
    )
    same(K.permute_dimensions(old, (0, 2, 3, 1)), today)
    volume, kernel = real(1, 3, 4, 4, 2).astype("float32"), real(2, 2, 2, 2, 3).astype("float32")
    old = K.conv3d(K.constant(first(volume)), K.constant(theano(kernel)), dim_ordering="th")
    same(
        K.permute_dimensions(old, (0, 2, 3, 4, 1)), K.conv3d(K.constant(volume), K.constant(kernel))
    )


def test_pools_padding_resizing() -> None:
    x = K.constant(X)
    same(
        K.pool2d(x, (2, 2), border_mode="same", dim_ordering="tf", pool_mode="avg"),
        K.pool2d(x, (2, 2), padding="same", pool_mode="avg"),
    )
    same(
        K.spatial_2d_padding(x, padding=(1, 2), dim_ordering="default"),
        K.spatial_2d_padding(x, ((1, 1), (2, 2))),
    )
    same(K.asymmetric_spatial_2d_padding(x, 1, 2, 3, 4), K.spatial_2d_padding(x, ((1, 2), (3, 4))))
    line = K.constant(real(2, 4, 3))
    same(K.asymmetric_temporal_padding(line, 1, 2), K.temporal_padding(line, (1, 2)))
    same(K.temporal_padding(line, padding=2), K.temporal_padding(line, (2, 2)))
    same(
        K.resize_images(X=x, height_factor=2, width_factor=1, dim_ordering="tf"),
        K.resize_images(x, 2, 1, "channels_last"),
    )


def test_renamed_arguments() -> None:
    x = K.constant(real(2, 3))
    assert tuple(K.expand_dims(x, dim=1).shape) == (2, 1, 3)
    same(K.one_hot(K.constant([0, 1], "int32"), nb_classes=3), K.constant(np.eye(3)[:2]))
    assert abs(K.eval(K.random_normal((500,), std=0.01, seed=1))).max() < 0.1
    drawn = K.eval(K.random_uniform((500,), low=2.0, high=3.0, seed=1))
    assert 2 <= drawn.min() < drawn.max() < 3
    v = K.variable(1.0)
    assert K.eval(K.moving_average_update(variable=v, value=3.0, momentum=0.5)) == 2.0


def test_unknown_ordering() -> None:
    with pytest.raises(
        ValueError, match="Unknown dim_ordering 'xy'; it is 'tf', 'th' or 'default'"
    ):
        K.pool2d(K.constant(X), (2, 2), dim_ordering="xy")

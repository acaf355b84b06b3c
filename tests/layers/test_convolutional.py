"""Convolutions against loops of numpy, and against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras import backend as K, layers
from keras.layers import Input
from tests.layers.numbers import apply, draw
from tests.layers.windows import channels_first, convolved

CONVS = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}
TRANSPOSED = {2: layers.Conv2DTranspose, 3: layers.Conv3DTranspose}


@st.composite
def windows(draw_: Any, ranks: Any = (1, 2, 3)) -> dict[str, Any]:
    """Arguments of a convolution, and the size of an input that it fits."""
    rank = draw_(st.sampled_from(ranks))
    largest = {1: 9, 2: 6, 3: 4}[rank]

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw_(st.integers(low, high)) for _ in range(rank))

    window, strides, dilation = each(1, 3), each(1, 3), (1,) * rank
    if draw_(st.booleans()):
        strides, dilation = dilation, each(1, 2)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    paddings = ["valid", "same", *(["causal"] if rank == 1 else [])]
    return {
        "space": tuple(r + draw_(st.integers(0, largest - 3)) for r in reach),
        "kernel_size": window,
        "strides": strides,
        "dilation_rate": dilation,
        "padding": draw_(st.sampled_from(paddings)),
        "data_format": draw_(st.sampled_from(["channels_last", "channels_first"])),
    }


def laid_out(x: Any, data_format: str) -> Any:
    return channels_first(x) if data_format == "channels_first" else x


@given(windows(), st.booleans())
@settings(max_examples=60)
def test_against_loops(arguments: dict[str, Any], use_bias: bool) -> None:
    space = arguments.pop("space")
    layer = CONVS[len(space)](3, use_bias=use_bias, activation="tanh", **arguments)
    x = draw(2, *space, 2)
    layer.bias_initializer = lambda shape, dtype=None: K.constant(draw(*shape))
    got = apply(layer, laid_out(x, layer.data_format))
    kernel, *bias = layer.get_weights()
    linear = convolved(x, kernel, layer.strides, layer.padding, layer.dilation_rate)
    expected = laid_out(np.tanh(linear + sum(bias)), layer.data_format)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    assert tuple(layer.compute_output_shape(laid_out(x, layer.data_format).shape)) == expected.shape
    assert layer.get_output_shape_at(0)[1:] == expected.shape[1:]


@given(windows(ranks=(2, 3)), st.data())
@settings(max_examples=40)
def test_transposed_is_the_adjoint(arguments: dict[str, Any], data: Any) -> None:
    """<conv(x), y> = <x, transposed(y)> with the same kernel, wherever sizes fit."""
    space = arguments.pop("space")
    rank = len(space)
    if rank == 3:
        del arguments["dilation_rate"]
    more = tuple(data.draw(st.integers(0, t - 1)) for t in arguments["strides"])
    even = arguments["padding"] == "same" and any(k % 2 == 0 for k in arguments["kernel_size"])
    given_padding = None if even or data.draw(st.booleans()) else more
    layer = TRANSPOSED[rank](3, output_padding=given_padding, use_bias=False, **arguments)
    y = draw(2, *space, 2)
    back = apply(layer, laid_out(y, layer.data_format))
    assert tuple(layer.compute_output_shape(laid_out(y, layer.data_format).shape)) == back.shape
    back = back if layer.data_format == "channels_last" else np.moveaxis(back, 1, -1)
    x = draw(*back.shape)
    (kernel,) = layer.get_weights()
    forth = convolved(x, kernel, layer.strides, layer.padding, layer.dilation_rate)
    assert forth.shape == y.shape
    np.testing.assert_allclose((forth * y).sum(), (x * back).sum(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("layer", [layers.Conv2DTranspose, layers.Conv3DTranspose])
def test_sizes_of_transposed_convolutions(layer: Any) -> None:
    """The closed form: (n - 1) t + k, or with 'same' n t, unless output_padding says more."""
    rank = 2 if layer is layers.Conv2DTranspose else 3
    shape = (None, *(4,) * rank, 2)
    for kwargs, size in [
        ({"strides": 2}, 9),
        ({"strides": 2, "padding": "same"}, 8),
        ({"strides": 2, "padding": "same", "output_padding": 1}, 8),
        ({"strides": 2, "padding": "same", "output_padding": 0}, 7),
        ({"strides": 3, "output_padding": 2}, 14),
    ]:
        made = layer(5, 3, **kwargs).compute_output_shape(shape)
        assert tuple(made) == (None, *(size,) * rank, 5)


@pytest.mark.parametrize(
    ("layer", "shape"), [(layers.Conv2DTranspose(4, 3, strides=2), (None, None, None, 3))]
)
def test_transposed_of_open_sizes(layer: Any, shape: Any) -> None:
    x = Input(batch_shape=shape)
    (got,) = K.function([x], [layer(x)])([draw(2, 5, 6, 3)])
    assert got.shape == (2, 11, 13, 4)


def test_one_axis_is_two_of_which_one_is_short() -> None:
    one, two = layers.Conv1D(3, 4, strides=2), layers.Conv2D(3, (1, 4), strides=(1, 2))
    x = draw(2, 9, 2)
    apply(one, x)
    apply(two, x[:, None])
    kernel, bias = one.get_weights()
    two.set_weights([kernel[None], bias])
    np.testing.assert_allclose(apply(one, x), apply(two, x[:, None])[:, 0], rtol=1e-5, atol=1e-6)


def test_causal_convolutions_see_no_later_step() -> None:
    layer = layers.Conv1D(3, 3, padding="causal", dilation_rate=2)
    x = draw(1, 9, 2)
    before = apply(layer, x)
    x[:, 5:] += 1.0
    after = apply(layer, x)
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert np.all(before[:, 5:] != after[:, 5:])


@pytest.mark.parametrize("layer", [layers.SeparableConv1D, layers.SeparableConv2D])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_separable_is_depthwise_then_pointwise(layer: Any, data_format: str) -> None:
    rank = 1 if layer is layers.SeparableConv1D else 2
    made = layer(3, 2, strides=2, padding="same", depth_multiplier=2, data_format=data_format)
    x = draw(2, *(5,) * rank, 2)
    got = apply(made, laid_out(x, data_format))
    depth, point, bias = made.get_weights()
    deep = convolved(x, spread(depth), (2,) * rank, "same")
    expected = convolved(deep, point, (1,) * rank) + bias
    np.testing.assert_allclose(got, laid_out(expected, data_format), rtol=1e-4, atol=1e-5)


def spread(depthwise: Any) -> Any:
    """(*window, channels, multiplier) as a full kernel: zeros between different channels."""
    *window, channels, multiplier = depthwise.shape
    full = np.zeros((*window, channels, channels * multiplier), depthwise.dtype)
    for c in range(channels):
        full[..., c, c * multiplier : (c + 1) * multiplier] = depthwise[..., c, :]
    return full


@pytest.mark.parametrize("kwargs", [{"strides": 2}, {"dilation_rate": 2, "padding": "same"}])
def test_depthwise_mixes_no_channels(kwargs: Any) -> None:
    layer = layers.DepthwiseConv2D((2, 3), depth_multiplier=2, **kwargs)
    x = draw(2, 6, 7, 3)
    got = apply(layer, x)
    depth, bias = layer.get_weights()
    expected = convolved(x, spread(depth), layer.strides, layer.padding, layer.dilation_rate)
    np.testing.assert_allclose(got, expected + bias, rtol=1e-4, atol=1e-5)


# ---- sizes changed


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.UpSampling1D(3), (2, 4, 2)),
        (layers.UpSampling2D((2, 3)), (2, 3, 4, 2)),
        (layers.UpSampling3D((1, 2, 3)), (2, 2, 3, 2, 2)),
    ],
)
def test_nearest_repeats(layer: Any, shape: Any) -> None:
    x = expected = draw(*shape)
    for axis, factor in enumerate(layer.factors, 1):
        expected = np.repeat(expected, factor, axis)
    np.testing.assert_array_equal(apply(layer, x), expected)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=20)
def test_bilinear_draws_lines(rows: int, columns: int, by_rows: int, by_columns: int) -> None:
    x = draw(2, rows, columns, 2)
    got = apply(layers.UpSampling2D((by_rows, by_columns), interpolation="bilinear"), x)

    def along(values: Any, count: int, factor: int, axis: int) -> Any:
        places = np.arange(count * factor) / factor
        return np.apply_along_axis(lambda v: np.interp(places, np.arange(count), v), axis, values)

    expected = along(along(x, rows, by_rows, 1), columns, by_columns, 2)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("edges", [1, (1, 2), ((0, 1), (2, 0))])
def test_cropping_undoes_padding(edges: Any, data_format: str) -> None:
    x = draw(2, 3, 4, 2)
    padded = apply(layers.ZeroPadding2D(edges, data_format), x)
    assert np.isclose(np.abs(padded).sum(), np.abs(x).sum(), rtol=1e-4)
    np.testing.assert_array_equal(apply(layers.Cropping2D(edges, data_format), padded), x)


def test_edges_of_sequences_and_volumes() -> None:
    x = draw(2, 3, 2)
    expected = np.pad(x, ((0, 0), (1, 2), (0, 0)))
    np.testing.assert_array_equal(apply(layers.ZeroPadding1D((1, 2)), x), expected)
    np.testing.assert_array_equal(apply(layers.Cropping1D((1, 2)), expected), x)
    x = draw(2, 2, 3, 1, 2)
    padding = ((1, 0), (0, 2), (1, 1))
    expected = np.pad(x, ((0, 0), *padding, (0, 0)))
    np.testing.assert_array_equal(apply(layers.ZeroPadding3D(padding), x), expected)
    np.testing.assert_array_equal(apply(layers.Cropping3D(padding), expected), x)


def test_old_names_are_the_classes_themselves() -> None:
    rooms = layers.convolutional
    assert rooms.Convolution2D is rooms.Conv2D is layers.Convolution2D
    assert rooms.Deconvolution2D is rooms.Deconv2D is rooms.Convolution2DTranspose
    assert rooms.Deconvolution3D is layers.Conv3DTranspose
    assert rooms.SeparableConvolution2D is layers.SeparableConv2D
    assert layers.MaxPool2D is layers.MaxPooling2D is rooms.MaxPooling2D
    assert layers.GlobalAvgPool1D is layers.GlobalAveragePooling1D
    assert layers.Conv2D.__module__ == "keras.layers.convolutional"
    assert issubclass(layers.Conv2DTranspose, layers.Conv2D)
    assert issubclass(layers.DepthwiseConv2D, layers.Conv2D)


def test_a_class_of_ones_own_with_the_rank_first() -> None:
    class Own(layers.convolutional._Conv):
        def __init__(self, filters: int, **kwargs: Any) -> None:
            super().__init__(2, filters, 3, **kwargs)

    assert apply(Own(4, padding="same"), draw(1, 5, 5, 2)).shape == (1, 5, 5, 4)
    assert Own(4).get_config()["rank"] == 2
    assert "rank" not in layers.Conv2D(4, 3).get_config()


def test_penalties_and_constraints() -> None:
    layer = layers.Conv2D(
        2, 1, kernel_regularizer="l2", bias_regularizer="l1", kernel_constraint="non_neg"
    )
    layer(Input((3, 3, 1)))
    kernel = np.array([[[[1.0, 2.0]]]])
    layer.set_weights([kernel, np.array([3.0, -4.0])])
    assert sorted(float(K.eval(loss)) for loss in layer.losses) == pytest.approx([0.05, 0.07])
    assert layer.kernel.constraint is layer.kernel_constraint
    made = layers.SeparableConv2D(2, 1, depthwise_regularizer="l2", pointwise_constraint="non_neg")
    made(Input((3, 3, 1)))
    assert len(made.losses) == 1
    assert made.pointwise_kernel.constraint is made.pointwise_constraint


MADE: list[tuple[Any, str]] = [
    (lambda: layers.Conv2D(-3, 3), r"`filters`: expected a positive whole number, got -3"),
    (lambda: layers.Conv2D(3, 0), r"`kernel_size` is a whole number, or 2 of them, .* got 0"),
    (lambda: layers.Conv2D(3, (3, 3, 3)), r"`kernel_size` is .* got \(3, 3, 3\)"),
    (lambda: layers.Conv2D(3, 3, strides=0.5), r"`strides` is .* at least 1, got 0.5"),
    (lambda: layers.Conv1D(3, 3, padding="smae"), r"one of 'valid', 'same', 'causal', got 'smae'"),
    (lambda: layers.Conv2D(3, 3, padding="causal"), r"`padding` is one of 'valid', 'same', got"),
    (lambda: layers.Conv2D(3, 3, data_format="last"), r"'channels_last' or 'channels_first'"),
    (
        lambda: layers.Conv2D(3, 3, strides=2, dilation_rate=2),
        r"`strides` or `dilation_rate` may be above",
    ),
    (lambda: layers.Conv2D(3, 3, activaton="relu"), r"`activaton`; did you mean `activation`"),
    (lambda: layers.Conv3DTranspose(3, 3, dilation_rate=2), r"unknown argument `dilation_rate`"),
    (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2), r"smaller than `strides`"),
    (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), r"`depth_multiplier`: expected a pos"),
    (lambda: layers.SeparableConv2D(0, 3), r"`filters`: expected a positive whole number, got 0"),
    (lambda: layers.UpSampling2D(2, interpolation="cubic"), r"one of 'nearest', 'bilinear', got"),
    (lambda: layers.UpSampling1D(0), r"`size` is a whole number of at least 1, got 0"),
    (lambda: layers.ZeroPadding2D((1, 2, 3)), r"2 of them, or 2 pairs \(before, after\), got"),
    (lambda: layers.ZeroPadding1D(-1), r"a whole number from 0 up or \(before, after\), got -1"),
    (lambda: layers.Cropping3D(((1, 2), 1)), r"`cropping` is .* 3 pairs \(before, after\), got"),
    (lambda: layers.MaxPooling2D((2, 2, 2)), r"`pool_size` is .* got \(2, 2, 2\)"),
    (lambda: layers.AveragePooling1D(2, padding="full"), r"`padding` is one of 'valid', 'same'"),
    (lambda: layers.GlobalMaxPooling2D("first"), r"'channels_last' or 'channels_first'"),
]


@pytest.mark.parametrize(("make", "message"), MADE)
def test_refused_when_made(make: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


CALLED: list[tuple[Any, Any, str]] = [
    (layers.Conv2D(3, 3), (3, 4), r"needs input with 4 dimensions, such as \(batch, rows, columns"),
    (layers.Conv2D(3, 3), (2, 9, 1), r"a window of \(3, 3\) doesn't fit .* \(None, 2, 9, 1\)"),
    (layers.Conv1D(3, 3, dilation_rate=4), (8, 1), r"a window of \(9,\) doesn't fit"),
    (layers.Conv2D(3, 3), (5, 5, None), r"the sizes its input needs must be known"),
    (layers.MaxPooling2D(3), (2, 9, 1), r"a window of \(3, 3\) doesn't fit into an input"),
    (
        layers.Cropping2D(2),
        (9, 4, 1),
        r"cropping \(\(2, 2\), \(2, 2\)\) leaves nothing of an input",
    ),
    (layers.GlobalMaxPooling1D(), (4,), r"needs input with 3 dimensions"),
    (
        layers.Conv2DTranspose(3, 2, strides=2, padding="same", output_padding=0),
        (4, 4, 1),
        r"no convolution with these arguments leads from .* back to the input's shape",
    ),
]


@pytest.mark.parametrize(("layer", "shape", "message"), CALLED)
def test_refused_when_called(layer: Any, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer(Input(shape))


def test_other_channels_at_the_next_call() -> None:
    layer = layers.Conv2D(3, 3)
    layer(Input((5, 5, 2)))
    with pytest.raises(ValueError, match=r"needs size 2 along axis -1 .* got shape .*, 3\)"):
        layer(Input((5, 5, 3)))

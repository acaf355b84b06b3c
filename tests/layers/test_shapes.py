"""Layers that look at space: shapes known beforehand are the real ones, whichever sizes are open,
and layers of one, two and three axes are one layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras import backend as K, layers
from keras.layers import Input
from tests.layers.numbers import apply, draw
from tests.layers.windows import channels_first

Draw = Callable[[Any], Any]


def each(draw_: Draw, rank: int, low: int, high: int) -> tuple[int, ...]:
    return tuple(draw_(st.integers(low, high)) for _ in range(rank))


def named(stem: str, rank: int, end: str = "") -> Any:
    return getattr(layers, f"{stem}{rank}D{end}")


def convolution(draw_: Draw, stem: str, rank: int, end: str = "") -> Any:
    strides, dilation = each(draw_, rank, 1, 3), (1,) * rank
    if end == "" and draw_(st.booleans()):
        strides, dilation = dilation, each(draw_, rank, 1, 2)
    kwargs: dict[str, Any] = {
        "kernel_size": each(draw_, rank, 1, 3),
        "strides": strides,
        "padding": draw_(st.sampled_from(["valid", "same"])),
        "data_format": draw_(st.sampled_from(["channels_last", "channels_first"])),
    }
    if end == "":
        kwargs["dilation_rate"] = dilation
    if stem != "DepthwiseConv":
        kwargs["filters"] = 3
    return named(stem, rank, end)(**kwargs)


def pool(draw_: Draw, stem: str, rank: int) -> Any:
    return named(stem, rank)(
        each(draw_, rank, 1, 3),
        strides=draw_(st.sampled_from([None, each(draw_, rank, 1, 3)])),
        padding=draw_(st.sampled_from(["valid", "same"])),
        data_format=draw_(st.sampled_from(["channels_last", "channels_first"])),
    )


def edges(draw_: Draw, stem: str, rank: int) -> Any:
    pairs = tuple(each(draw_, 2, 0, 2) for _ in range(rank))
    if rank == 1:
        return named(stem, 1)(pairs[0])
    return named(stem, rank)(pairs, draw_(st.sampled_from(["channels_last", "channels_first"])))


def larger(draw_: Draw, stem: str, rank: int) -> Any:
    if rank == 1:
        return layers.UpSampling1D(draw_(st.integers(1, 3)))
    size = each(draw_, rank, 1, 3)
    return named(stem, rank)(size, draw_(st.sampled_from(["channels_last", "channels_first"])))


KINDS: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "Conv": (convolution, (1, 2, 3)),
    "SeparableConv": (convolution, (1, 2)),
    "DepthwiseConv": (convolution, (2,)),
    "MaxPooling": (pool, (1, 2, 3)),
    "AveragePooling": (pool, (1, 2, 3)),
    "ZeroPadding": (edges, (1, 2, 3)),
    "Cropping": (edges, (1, 2, 3)),
    "UpSampling": (larger, (1, 2, 3)),
}


@pytest.mark.parametrize("stem", [*KINDS, "Transpose"])
@given(st.data())
@settings(max_examples=25)
def test_known_shapes_are_the_real_ones(stem: str, data: Any) -> None:
    if stem == "Transpose":
        rank = data.draw(st.sampled_from((2, 3)))
        layer = convolution(data.draw, "Conv", rank, "Transpose")
    else:
        make, ranks = KINDS[stem]
        rank = data.draw(st.sampled_from(ranks))
        layer = make(data.draw, stem, rank)
    space = each(data.draw, rank, 5, 7)
    x = draw(2, *space, 2)
    first = getattr(layer, "data_format", "channels_last") == "channels_first"
    x = channels_first(x) if first else x
    axes = range(2, rank + 2) if first else range(1, rank + 1)
    open_axes = {0, *(axis for axis in axes if data.draw(st.booleans()))}
    shape = tuple(None if axis in open_axes else n for axis, n in enumerate(x.shape))

    tensor = Input(batch_shape=shape)
    output = layer(tensor)
    (real,) = K.function([tensor], [output])([x])
    said = (K.int_shape(output), tuple(layer.compute_output_shape(shape)))
    for known in said:
        assert len(known) == real.ndim
        assert all(n in (None, m) for n, m in zip(known, real.shape, strict=True))
        # where the input's size is known, the output's is
        assert {axis for axis, n in enumerate(known) if n is None} <= open_axes
    assert tuple(layer.compute_output_shape(x.shape)) == real.shape


def with_one_more(layer: Any, stem: str, rank: int) -> Any:
    """The layer of one more axis, in the middle of which nothing happens."""
    config = layer.get_config()
    config.pop("name")
    config.pop("interpolation", None)  # images only
    one = {"size": 1, "pool_size": 1, "strides": 1, "kernel_size": 1, "dilation_rate": 1}
    one |= {"padding": (0, 0), "cropping": (0, 0)}
    for key, value in one.items():
        own = config.get(key)
        if own is not None and not isinstance(own, str):
            flat = rank == 1 and (isinstance(own, int) or key in ("padding", "cropping"))
            config[key] = (*((own,) if flat else own), value)
    if rank == 1:
        config.setdefault("data_format", "channels_last")
    return named(stem, rank + 1).from_config(config)


@pytest.mark.parametrize(
    ("stem", "rank"), [(s, r) for s, (_, rs) in KINDS.items() for r in rs[:-1]]
)
@given(st.data())
@settings(max_examples=15)
def test_an_axis_more_changes_nothing(stem: str, rank: int, data: Any) -> None:
    layer = KINDS[stem][0](data.draw, stem, rank)
    other = with_one_more(layer, stem, rank)
    x = draw(2, *each(data.draw, rank, 5, 7), 2)
    first = getattr(layer, "data_format", "channels_last") == "channels_first"
    x = channels_first(x) if first else x
    axis = x.ndim if first else x.ndim - 1  # behind the last axis of space
    expected = apply(layer, x)
    wide = np.expand_dims(x, axis)
    other.build(wide.shape)
    fitting = [
        np.reshape(w, v.shape)
        for w, v in zip(layer.get_weights(), other.get_weights(), strict=True)
    ]
    other.set_weights(fitting)
    got = np.squeeze(apply(other, wide), axis)
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)

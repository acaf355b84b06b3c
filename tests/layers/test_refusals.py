"""What can't be meant is refused, when the layer is made or when it is called, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keras import layers
from keras.layers import LSTM, Dense, Input
from tests.layers.samples import SAMPLES

MADE: list[tuple[Callable[[], Any], str]] = [
    (lambda: Dense(-3), r"`Dense`, argument `units`: expected a positive whole number, got -3"),
    (lambda: Dense(2.5), r"`units`: expected a positive whole number, got 2.5"),
    (lambda: Dense(3, unit=3), r"unknown argument `unit`; did you mean `units`"),
    (lambda: layers.Activation("rleu"), r"Unknown activation `rleu`; did you mean `relu`"),
    (lambda: layers.Dropout(1.5), r"`rate`: expected a number between 0 and 1, got 1.5"),
    (lambda: layers.Dropout("half"), r"`rate`: expected a number between 0 and 1, got 'half'"),
    (lambda: layers.Dropout(), r"`Dropout` needs the argument `rate`"),
    (lambda: layers.Dropout(0.5, 3), r"`noise_shape`: expected a tuple of whole numbers"),
    (lambda: layers.Dropout(0.5, seed="x"), r"`seed`: expected a whole number, or None"),
    (lambda: layers.SpatialDropout1D(0.5, noise_shape=(1,)), r"`SpatialDropout1D` drops whole"),
    (lambda: layers.SpatialDropout2D(0.5, "first"), r"'channels_last' or 'channels_first'"),
    (lambda: layers.Flatten("channels"), r"Unknown data_format 'channels'"),
    (lambda: layers.RepeatVector(0), r"`n`: expected a positive whole number, got 0"),
    (lambda: layers.Reshape((2, 0)), r"needs a `target_shape` of positive numbers"),
    (lambda: layers.Reshape((-1, -1)), r"one of which may be -1"),
    (lambda: layers.Permute((0, 1)), r"`dims`, the axes 1 to n in their new order"),
    (lambda: layers.Permute((1, 3)), r"got \(1, 3\)"),
    (lambda: layers.Masking("x"), r"`mask_value`: expected a number, got 'x'"),
    (lambda: layers.ActivityRegularization(l1=-1), r"`l1`: expected a number that isn't negative"),
    (lambda: layers.Lambda(3), r"needs a function of a tensor, got 3"),
    (lambda: layers.Lambda(len, 3), r"`output_shape` is the shape of a sample"),
    (lambda: layers.Embedding(0, 3), r"`input_dim`: expected a positive whole number, got 0"),
    (lambda: layers.BatchNormalization(axis=1.5), r"`axis`: expected a whole number, got 1.5"),
    (lambda: layers.GaussianNoise(-1), r"`stddev`: expected a number that isn't negative"),
    (lambda: layers.GaussianDropout(2), r"`rate`: expected a number between 0 and 1"),
    (lambda: layers.ReLU(max_value=-1), r"`max_value`: expected a number that isn't negative"),
    (lambda: layers.ReLU(negative_slope=-1), r"`negative_slope`: expected a number that isn't"),
    (lambda: layers.LeakyReLU("a"), r"`alpha`: expected a number, got 'a'"),
    (lambda: layers.Softmax("x"), r"`axis`: expected a whole number, got 'x'"),
    (lambda: layers.Dot("x"), r"`Dot` needs `axes`: one axis, or two"),
    (lambda: layers.TimeDistributed(3), r"Expected a layer or the name of one, got 3"),
    (lambda: layers.Bidirectional(Dense(3)), r"needs a recurrent layer, such as LSTM\(32\)"),
    (lambda: layers.Bidirectional(LSTM(3), "max"), r"`merge_mode` is one of 'concat', .* 'max'"),
    (lambda: layers.deserialize({"class_name": "Dens", "config": {}}), r"did you mean `Dense`"),
]

ROW, TABLE = (3,), (4, 3)

CALLED: list[tuple[Callable[[], Any], Any, str]] = [
    (lambda: layers.BatchNormalization(axis=4), ROW, r"`axis` 4 is none of the features"),
    (lambda: layers.BatchNormalization(), (None,), r"the sizes its input needs must be known"),
    (lambda: layers.PReLU(shared_axes=[3]), TABLE, r"`shared_axes` are numbers from 1 to 2"),
    (lambda: layers.Flatten(), ROW, r"Flatten `.*` needs input with at least 3 dimensions"),
    (lambda: layers.RepeatVector(2), TABLE, r"needs input with 2 dimensions, such as \(batch, n\)"),
    (lambda: layers.Permute((2, 1)), ROW, r"needs input with 3 dimensions"),
    (lambda: layers.SpatialDropout1D(0.5), ROW, r"needs input with 3 dimensions"),
    (lambda: layers.Reshape((5,)), TABLE, r"has 12 values, which can't be arranged as \(5,\)"),
    (lambda: layers.Lambda(lambda x: None), ROW, r"must return symbolic tensors, got None"),
    (lambda: layers.Embedding(9, 2, input_length=5), ROW, r"was made for .*`input_length=5`"),
    (lambda: layers.TimeDistributed(Dense(2)), ROW, r"needs input with at least 3 dimensions"),
    (lambda: layers.Add(), ROW, r"needs a list of at least 2 tensors, got one of shape"),
    (lambda: layers.Add(), [ROW], r"needs a list of at least 2 tensors, got 1 of"),
    (lambda: layers.Add(), [TABLE, (4, 2)], r"don't fit together"),
    (lambda: layers.Subtract(), [ROW] * 3, r"needs a list of exactly 2 tensors, got 3"),
    (lambda: layers.Concatenate(), [TABLE, ROW], r"needs inputs of one rank"),
    (lambda: layers.Concatenate(1), [TABLE, (4, 2)], r"that differ along axis 1 only"),
    (lambda: layers.Dot(5), [TABLE, TABLE], r"`axes` 5 don't fit .* axis 0 is the batch"),
    (lambda: layers.Dot(0), [TABLE, TABLE], r"axis 0 is the batch"),
    (lambda: layers.Dot((1, 2)), [TABLE, TABLE], r"must be of equal size"),
    (lambda: layers.Dot(1), [ROW] * 3, r"needs a list of exactly 2 tensors"),
]


@pytest.mark.parametrize(("make", "message"), MADE)
def test_when_made(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


@pytest.mark.parametrize(("make", "shape", "message"), CALLED)
def test_when_called(make: Callable[[], Any], shape: Any, message: str) -> None:
    x = [Input(s) for s in shape] if isinstance(shape, list) else Input(shape)
    layer = make()
    with pytest.raises(ValueError, match=message):
        layer(x)


def test_batches_of_different_sizes() -> None:
    with pytest.raises(ValueError, match=r"needs inputs of one batch size, got \[4, 5\]"):
        layers.add([Input(batch_shape=(4, 3)), Input(batch_shape=(5, 3))])


def test_an_odd_number_of_states() -> None:
    with pytest.raises(ValueError, match="as many states for the forward layer as for the back"):
        layers.Bidirectional(LSTM(3))(Input(TABLE), initial_state=Input(ROW))


def test_masks_that_are_no_list() -> None:
    x = Input(TABLE)
    with pytest.raises(ValueError, match="needs a list of masks, one for each of its inputs"):
        layers.Add().compute_mask([x, x], mask=[None])


SINGLE = {s.layer: s for s in SAMPLES if not s.several and s.layer is not layers.Lambda}


@pytest.mark.parametrize("sample", SINGLE.values(), ids=lambda sample: sample.layer.__name__)
def test_a_list_where_one_tensor_belongs(sample: Any) -> None:
    x = sample.inputs()[0]
    layer = sample.make()
    with pytest.raises(ValueError, match=rf"`{layer.name}`.*"):
        layer([x, x])

"""What K says when arguments don't fit: who, what was expected, what was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K


def t(*shape: int) -> Any:
    """A tensor of this shape."""
    return K.ones(shape)


WRONG: list[tuple[Any, str]] = [
    (lambda: t(2, 3) + t(4), r"add: shapes \(2, 3\) and \(4,\) don't fit together"),
    (lambda: K.dot(t(2, 3), t(4, 5)), "needs equal inner sizes, got 3 and 4"),
    (lambda: K.reshape(t(2, 3), (4, 2)), r"reshape: \(2, 3\) can't be reshaped to \(4, 2\)"),
    (lambda: K.reshape(t(2, 3), (-1, -1)), r"more than one -1 in \(-1, -1\)"),
    (lambda: K.sum(t(2), axis=1), r"sum: axis 1 is out of range for a tensor with 1 dim"),
    (lambda: K.concatenate([]), "concatenate: got no tensors"),
    (lambda: K.concatenate([t(2, 3), t(3, 3)]), r"differ outside of axis 1"),
    (lambda: K.concatenate([t(2, 3), t(3)]), "concatenate: ranks differ"),
    (lambda: K.squeeze(t(2, 3), 1), r"squeeze: axis 1 of shape \(2, 3\) has not size 1"),
    (lambda: K.permute_dimensions(t(2, 3), (0, 0)), r"\(0, 0\) is no order of 2 axes"),
    (lambda: K.repeat(t(2), 3), r"repeat needs a tensor with 2 dimensions, got shape \(2,\)"),
    (lambda: t(2, 3)[5], "Index 5 is out of range for axis 0 of size 2"),
    (lambda: t(2)[0, 0], r"2 indices for a tensor of shape \(2,\)"),
    (lambda: K.slice(t(2, 3), (0,), (1,)), r"slice: 1 starts and 1 sizes for shape \(2, 3\)"),
    (lambda: K.batch_dot(t(2, 3), t(3, 3)), "are batches of different sizes"),
    (lambda: K.batch_dot(t(2, 3), t(2, 4), 1), "axis 1 and axis 1 .* differ in size"),
    (lambda: K.batch_dot(t(2, 3), t(2, 3), 0), "can't sum over the batch axis"),
    (lambda: K.batch_dot(t(2), t(2, 3)), "needs a batch axis and one more in both"),
    (lambda: K.bias_add(t(2, 3), t(2, 2, 2)), r"has 1 or 1 dimensions, got \(2, 2, 2\)"),
    (lambda: K.bias_add(t(2, 3), t(3), "last"), "Unknown data_format 'last'"),
    (lambda: K.conv2d(t(1, 4, 4, 3), t(2, 2, 2, 1)), "takes 2 channels, got an input of"),
    (lambda: K.conv2d(t(1, 4, 3), t(2, 2, 3, 1)), "needs an input with 4 dimensions"),
    (lambda: K.conv1d(t(1, 4, 3), t(2, 2, 3, 1)), r"1-D convolution has 3 dimensions, got"),
    (lambda: K.conv2d(t(1, 4, 4, 3), t(2, 2, 3, 1), padding="some"), "Unknown padding 'some'"),
    (lambda: K.conv2d(t(1, 4, 4, 3), t(2, 2, 3, 1), (2, 2), dilation_rate=(2, 2)), "can't both"),
    (
        lambda: K.conv2d(t(1, 4, 4, 3), t(2, 2, 3, 1), (1, 0)),
        r"2 positive integer\(s\), got \(1, 0\)",
    ),
    (
        lambda: K.conv2d_transpose(t(1, 4, 4, 3), t(2, 2, 1, 3), (1, None, 5, 1)),
        "a number or a tensor",
    ),
    (
        lambda: K.conv2d_transpose(t(1, 4, 4, 3), t(2, 2, 3, 1), (1, 5, 5, 3)),
        "takes 1 channels, got",
    ),
    (lambda: K.pool2d(t(1, 4, 4), (2, 2)), "2-D pooling needs an input with 4 dimensions"),
    (lambda: K.pool2d(t(1, 4, 4, 1), (2, 2), pool_mode="sum"), "it is 'max' or 'avg'"),
    (lambda: K.pool2d(t(1, 4, 4, 1), (2, 2), padding="full"), "it is 'valid' or 'same'"),
    (lambda: K.spatial_2d_padding(t(1, 2, 2, 1), ((1, 1),)), r"2 pair\(s\) \(before, after\)"),
    (lambda: K.spatial_2d_padding(t(1, 2, 2)), "2-D padding needs an input with 4 dimensions"),
    (lambda: K.resize_images(t(1, 2, 2, 1), 2, 2, None, "cubic"), "'nearest' or 'bilinear'"),
    (lambda: K.placeholder(), "needs a `shape`, or `ndim`"),
    (lambda: K.placeholder((2,), dtype="float31"), "Unknown dtype 'float31'"),
    (
        lambda: K.variable(K.placeholder((None, 2))),
        r"A variable needs a full shape, got \(None, 2\)",
    ),
    (
        lambda: K.set_value(t(2), np.ones(3)),
        r"has shape \(2,\); it can't take a value of shape \(3,\)",
    ),
    (
        lambda: K.set_value(K.placeholder((2,)), 1.0),
        "`K.set_value` sets variables, got Placeholder",
    ),
    (lambda: K.gradients(3.0, [t(2)]), "takes symbolic tensors, got float: 3.0"),
    (lambda: K.relu(t(2), no_such=1), "no_such"),
    (lambda: K.exp(), "`K.exp` takes x; got 0 positional"),
    (lambda: K.exp(t(2), y=1), "unknown argument `y`; its arguments are x"),
    (lambda: K.categorical_crossentropy(t(2, 3), t(2, 3), axis=2), "axis 2 is out of range"),
    (
        lambda: K.sparse_categorical_crossentropy(t(2), K.placeholder((2, None))),
        r"needs a known number of classes along axis 1, got shape \(2, None\)",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_messages(call: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError), match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [K.square, K.mean, K.batch_flatten, lambda g: t(2) * g, lambda g: K.concatenate([t(2), g])],
)
def test_a_gradient_that_there_is_not(call: Any) -> None:
    g = K.gradients(K.sum(t(2)), t(3))[0]
    with pytest.raises(TypeError, match=r"Expected a tensor, got None. `K.gradients` gives None"):
        call(g)

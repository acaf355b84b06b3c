"""Weights may be kept in another memory order as long as they stay the same, and no longer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    LSTM,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv2D,
    Input,
    SeparableConv2D,
)
from keras.models import Model, Sequential

KINDS: list[tuple[Any, tuple[int, ...]]] = [
    (Conv1D, (7, 3)),
    (Conv2D, (7, 6, 3)),
    (Conv3D, (4, 5, 4, 3)),
    (LSTM, (5, 3)),
]


def check(model: Any, x: Any) -> None:
    """Several times, so that whatever is kept is used."""
    weights = model.get_weights()
    expected = last_output(x, *weights) if len(weights) == 3 else convolved(x, *weights)
    for _ in range(3):
        np.testing.assert_allclose(model.predict(x), expected, rtol=1e-4, atol=1e-5)


def last_output(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    return states_of(x, kernel, recurrent, bias)[0]


def last_memory(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    return states_of(x, kernel, recurrent, bias)[1]


def states_of(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """The LSTM's equations, one step after the other."""
    h = c = np.zeros((len(x), recurrent.shape[0]))
    for now in np.moveaxis(x, 1, 0):
        i, f, g, o = np.split(now @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h, c


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def convolved(x: Any, kernel: Any, bias: Any) -> Any:
    """The convolution, one place of the kernel after the other."""
    space = kernel.shape[:-2]
    sizes = [n - k + 1 for n, k in zip(x.shape[1:-1], space, strict=True)]
    total = np.zeros((len(x), *sizes, kernel.shape[-1]))
    for place in np.ndindex(*space):
        part = x[(slice(None), *(slice(p, p + n) for p, n in zip(place, sizes, strict=True)))]
        total += part @ kernel[place]
    return total + bias


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "nadam", "adadelta"])
@pytest.mark.parametrize(("kind", "shape"), KINDS)
def test_after_every_way_to_change_it(kind: Any, shape: tuple[int, ...], optimizer: str) -> None:
    sizes = {} if kind is LSTM else {"kernel_size": 2}
    model = Sequential([kind(4, **sizes, input_shape=shape)])
    model.compile(optimizer, "mse")
    x = np.random.standard_normal((3, *shape)).astype("float32")
    check(model, x)
    model.set_weights([w + 1 for w in model.get_weights()])
    check(model, x)
    y = np.zeros((3, *model.output_shape[1:]))
    for _ in range(3):
        model.train_on_batch(x, y)
        check(model, x)
    kernel = model.weights[0]
    K.set_value(kernel, K.get_value(kernel) * 2)
    check(model, x)
    K.function([], [], updates=[(kernel, kernel * 0.5)])([])
    check(model, x)


def test_weights_made_in_torchs_inference_mode() -> None:
    """Torch doesn't tell there whether an array has changed."""
    torch = pytest.importorskip("torch")
    x = np.random.standard_normal((3, 7, 6, 3)).astype("float32")
    with torch.inference_mode():
        model = Sequential([Conv2D(4, 2, input_shape=(7, 6, 3))])
        check(model, x)
        model.set_weights([w + 1 for w in model.get_weights()])
        check(model, x)
    check(model, x)


def test_both_data_formats() -> None:
    x = Input((6, 6, 2))
    layer = Conv2D(3, 3, padding="same")
    model = Model(x, layer(x))
    images = np.random.standard_normal((2, 6, 6, 2))
    first = Conv2D(3, 3, padding="same", data_format="channels_first")
    turned = Input((2, 6, 6))
    other = Model(turned, first(turned))
    first.set_weights(layer.get_weights())
    for _ in range(3):
        np.testing.assert_allclose(
            np.moveaxis(other.predict(np.moveaxis(images, -1, 1)), 1, -1),
            model.predict(images),
            rtol=1e-4,
            atol=1e-5,
        )


def test_gradients_through_a_kernel_that_stays() -> None:
    layer = Conv2D(3, 2)
    x = K.placeholder(shape=(None, 4, 4, 2))
    y = layer(x)
    gradient = K.function([x], K.gradients(K.sum(y * y), [layer.kernel]))
    image = np.random.standard_normal((1, 4, 4, 2))
    first = gradient([image])[0]
    for _ in range(3):
        np.testing.assert_allclose(gradient([image])[0], first, rtol=1e-6)
    kernel, step = K.get_value(layer.kernel), 1e-2
    total = K.function([x], [K.sum(y * y)])
    moved = np.zeros_like(kernel)
    moved[0, 1, 0, 2] = step
    values = []
    for sign in (1, -1):
        K.set_value(layer.kernel, kernel + sign * moved)
        values.append(total([image])[0])
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(first[0, 1, 0, 2], rel=1e-2)


LAYERS: dict[str, Any] = {
    "plain": lambda x: Conv2D(8, 3)(x),
    "same, strides": lambda x: Conv2D(8, 3, strides=2, padding="same", activation="relu")(x),
    "dilated": lambda x: Conv2D(8, 3, dilation_rate=2, use_bias=False)(x),
    "depthwise": lambda x: DepthwiseConv2D(3, depth_multiplier=2, activation="relu")(x),
    "separable": lambda x: SeparableConv2D(8, 3, padding="same")(x),
    "normalised": lambda x: BatchNormalization()(Conv2D(8, 1)(x)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_batches_of_changing_sizes(name: str) -> None:
    """A kernel may be kept as it is best for a number of samples: each row stays what it was."""
    x = Input((37, 33, 24))  # more numbers than torch itself takes as a plain product
    model = Model(x, LAYERS[name](x))
    images = np.random.standard_normal((9, 37, 33, 24)).astype("float32")
    one_by_one = np.concatenate([model.predict(images[i : i + 1]) for i in range(9)])
    for size in (9, 9, 9, 2, 2, 2, 9, 1, 1, 5, 9):
        found = model.predict(images[:size], batch_size=size)
        np.testing.assert_allclose(found, one_by_one[:size], rtol=1e-4, atol=1e-4)


def test_small_convolutions_beside_large_ones() -> None:
    """Of one row, the small ones go the way of the large one; of three, too; against numpy."""
    sizes = [(40, 30, 20), (3, 3, 6), (2, 2, 5), (1, 1, 4)]
    x = Input(sizes[0])
    y, layers = x, []
    for height, width, filters in sizes[1:]:
        layers.append(Conv2D(filters, (height, width), strides=1))
        y = layers[-1](y)
    model = Model(x, y)
    images = np.random.standard_normal((3, *sizes[0])).astype("float32")

    def expected() -> Any:
        made = images
        for layer in layers:
            made = convolved(made, *layer.get_weights())
        return made

    for change in (0, 0.1):
        model.set_weights([w + change for w in model.get_weights()])
        right = expected()
        for size in (1, 1, 1, 3, 3, 3, 1):
            found = model.predict(images[:size])
            np.testing.assert_allclose(found, right[:size], rtol=1e-3, atol=1e-3)


def test_sizes_of_images_may_change() -> None:
    """What is kept for one size of images isn't taken for another; a kernel for two layers."""
    layer = Conv2D(4, 3)
    x = Input((None, None, 24))
    model = Model(x, layer(x))
    images = np.random.standard_normal((2, 40, 33, 24)).astype("float32")
    for height in (40, 40, 40, 31, 31, 40, 31, 5, 40):
        part = images[:, :height]
        right = convolved(part, *layer.get_weights())
        np.testing.assert_allclose(model.predict(part), right, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_lstms_of_which_some_outputs_are_read(go_backwards: bool) -> None:
    x = Input((5, 3))
    turn = -1 if go_backwards else 1
    many = np.random.standard_normal((4, 5, 3)).astype("float32")
    for kwargs in ({}, {"return_sequences": True}, {"return_state": True}):
        layer = LSTM(4, go_backwards=go_backwards, **kwargs)
        y = layer(x)
        outputs = (
            y[:1] + y[2:] if kwargs.get("return_state") else [y]
        )  # h is the same as the output
        model = Model(x, outputs)
        model.set_weights([np.random.standard_normal(w.shape) for w in model.get_weights()])
        weights = model.get_weights()
        for rows in (many, many, many[:1], many[:1], many):
            turned = rows[:, ::turn]
            states = [last_output(turned[:, : n + 1], *weights) for n in range(5)]
            right = np.stack(states, 1) if kwargs.get("return_sequences") else states[-1]
            first, *others = made if isinstance(made := model.predict(rows), list) else [made]
            np.testing.assert_allclose(first, right, rtol=1e-4, atol=1e-5)
            for memory in others:
                np.testing.assert_allclose(
                    memory, last_memory(turned, *weights), rtol=1e-4, atol=1e-5
                )


def test_an_lstm_that_begins_with_states() -> None:
    """Zeros are left out only where they are zeros."""
    x, h, c = Input((5, 3)), Input((4,)), Input((4,))
    layer = LSTM(4)
    model = Model([x, h, c], layer(x, initial_state=[h, c]))
    rows = np.random.standard_normal((2, 5, 3)).astype("float32")
    zeros, ones = np.zeros((2, 4)), np.ones((2, 4))
    right = last_output(rows, *model.get_weights())
    for _ in range(3):
        np.testing.assert_allclose(model.predict([rows, zeros, zeros]), right, rtol=1e-4, atol=1e-5)
    assert np.abs(model.predict([rows, ones, ones]) - right).max() > 0.01
    plain = Model(x, layer(x, initial_state=[K.ones_like(x[:, 0, :1]) * np.ones(4, "float32")] * 2))
    np.testing.assert_allclose(plain.predict(rows), model.predict([rows, ones, ones]), rtol=1e-4)

"""What is made of weights alone may be kept as long as they stay the same, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Activation, BatchNormalization, Conv2D, Dense, Input, Lambda, add
from keras.models import Model

RNG = np.random.default_rng(8)
IMAGES = RNG.standard_normal((2, 3, 3, 4)).astype("float32")
ROWS = RNG.standard_normal((5, 4)).astype("float32")
LAYERS: dict[str, Callable[[], Any]] = {
    "product": lambda: Dense(3),
    "product, no bias": lambda: Dense(3, use_bias=False),
    "convolution": lambda: Conv2D(3, 1),
    "convolution, no bias": lambda: Conv2D(3, 1, use_bias=False),
}


def data(kind: str) -> Any:
    return ROWS if kind.startswith("product") else IMAGES


def normalised(kind: str, **kwargs: Any) -> tuple[Any, Any, Model]:
    """(linear layer, its normalisation, the model of both), with statistics that matter."""
    x = Input(data(kind).shape[1:])
    linear, normal = LAYERS[kind](), BatchNormalization(**kwargs)
    model = Model(x, Activation("relu")(normal(linear(x))))
    normal.set_weights([RNG.uniform(0.5, 2.0, w.shape) for w in normal.get_weights()])
    return linear, normal, model


def expected(linear: Any, normal: Any, x: Any) -> Any:
    """A convolution with a window of one place is a product as well."""
    kernel, *bias = linear.get_weights()
    mean, variance = K.get_value(normal.moving_mean), K.get_value(normal.moving_variance)
    y = x @ kernel.reshape(kernel.shape[-2:]) + (bias[0] if bias else 0)
    y = (y - mean) / np.sqrt(variance + normal.epsilon)
    for weight, change in ((normal.gamma, np.multiply), (normal.beta, np.add)):
        y = y if weight is None else change(y, K.get_value(weight))
    return np.maximum(y, 0)


def check(linear: Any, normal: Any, model: Model, x: Any) -> None:
    """Several times, so that whatever is kept is used."""
    right = expected(linear, normal, x)
    for _ in range(3):
        np.testing.assert_allclose(model.predict(x), right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_after_every_way_to_change_it(kind: str) -> None:
    linear, normal, model = normalised(kind)
    x, parts = data(kind), (linear, normal, model, data(kind))
    model.compile("adam", "mse")
    check(*parts)
    y = np.zeros((len(x), *model.output_shape[1:]))
    for _ in range(2):
        model.train_on_batch(x, y)
        check(*parts)
        model.test_on_batch(x, y)
        check(*parts)
    for weight in (linear.kernel, normal.gamma, normal.moving_mean, normal.moving_variance):
        K.set_value(weight, K.get_value(weight) * 1.5)
        check(*parts)
        K.function([], [], updates=[(weight, weight * 0.5)])([])
        check(*parts)
    model.set_weights([w + 0.5 for w in model.get_weights()])
    check(*parts)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("left", [{"scale": False}, {"center": False}, {"axis": 1}])
def test_other_normalisations(kind: str, left: dict[str, Any]) -> None:
    linear, normal, model = normalised(kind, **left)
    if left.get("axis") == 1 and kind.startswith("convolution"):  # along the rows of an image
        kernel, *bias = linear.get_weights()
        y = IMAGES @ kernel[0, 0] + (bias[0] if bias else 0)
        gamma, beta, mean, variance = (w[:, None, None] for w in normal.get_weights())
        right = np.maximum((y - mean) / np.sqrt(variance + normal.epsilon) * gamma + beta, 0)
        for _ in range(2):
            np.testing.assert_allclose(model.predict(IMAGES), right, rtol=1e-4, atol=1e-5)
    else:
        check(linear, normal, model, data(kind))


def test_evaluating_is_predicting() -> None:
    linear, normal, model = normalised("convolution")
    model.compile("sgd", "mse")
    y = np.zeros((2, 3, 3, 3))
    for _ in range(2):
        loss = (expected(linear, normal, IMAGES) ** 2).mean()
        assert model.evaluate(IMAGES, y, verbose=0) == pytest.approx(loss, rel=1e-4)
        model.fit(IMAGES, y, verbose=0)


def test_what_stands_between_stays_between() -> None:
    """A function between the two, and a reader of what the convolution makes."""
    x = Input((3, 3, 4))
    linear, normal = Conv2D(3, 1), BatchNormalization()
    y = linear(x)
    between = Model(x, normal(Activation("relu")(y)))
    shared = Model(x, add([y, normal(y)]))
    normal.set_weights([RNG.uniform(0.5, 2.0, w.shape) for w in normal.get_weights()])
    kernel, bias = linear.get_weights()
    gamma, beta, mean, variance = normal.get_weights()
    made = IMAGES @ kernel[0, 0] + bias

    def normalise(y: Any) -> Any:
        return (y - mean) / np.sqrt(variance + normal.epsilon) * gamma + beta

    for _ in range(2):
        np.testing.assert_allclose(
            between.predict(IMAGES), normalise(np.maximum(made, 0)), rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            shared.predict(IMAGES), made + normalise(made), rtol=1e-4, atol=1e-5
        )


def test_nobody_can_write_into_what_is_kept() -> None:
    w = K.variable(np.arange(1.0, 4.0))
    root = K.sqrt(w) + 1.0
    rows = K.placeholder((None, 3))
    looks = K.function([rows], [root, K.reshape(root * 2, (3, 1)), rows * root])
    for _ in range(3):
        found = looks([np.ones((1, 3))])
        right = np.sqrt(np.arange(1.0, 4.0)) + 1
        for array, wanted in zip(found, (right, 2 * right[:, None], right[None]), strict=True):
            np.testing.assert_allclose(array, wanted, rtol=1e-6)
            array[:] = 7.0


def test_what_a_function_changes_itself_is_read_anew() -> None:
    w = K.variable(np.ones(3))
    rows = K.placeholder((None, 3))
    steps = K.function([rows], [rows * (K.sqrt(w) + 1.0)], updates=[(w, w * 4.0)])
    for number in range(3):
        np.testing.assert_allclose(steps([np.ones((1, 3))])[0], [[2.0**number + 1] * 3])


def test_gradients_through_weights_that_stay() -> None:
    w = K.variable(np.array([1.0, 4.0, 9.0]))
    rows = K.placeholder((None, 3))
    y = K.sum(rows * (K.sqrt(w) * 3.0 + 1.0))
    slope = K.function([rows], [*K.gradients(y, [w]), y])
    for _ in range(3):
        found, total = slope([np.ones((2, 3))])
        np.testing.assert_allclose(found, 3.0 / np.sqrt([1.0, 4.0, 9.0]), rtol=1e-6)
        assert total == pytest.approx(2 * 21.0)


def test_many_threads() -> None:
    linear, normal, model = normalised("convolution")
    right = expected(linear, normal, IMAGES)
    model.predict(IMAGES)
    with ThreadPoolExecutor(8) as pool:
        for made in pool.map(lambda _: model.predict(IMAGES), range(64)):
            np.testing.assert_allclose(made, right, rtol=1e-4, atol=1e-5)


def test_double_precision_keeps_it() -> None:
    x = Input((4,), dtype="float64")
    linear, normal = Dense(3, dtype="float64"), BatchNormalization(dtype="float64")
    model = Model(x, Lambda(lambda y: y)(normal(linear(x))))
    normal.set_weights([RNG.uniform(0.5, 2.0, w.shape) for w in normal.get_weights()])
    kernel, bias = linear.get_weights()
    gamma, beta, mean, variance = normal.get_weights()
    right = (ROWS @ kernel + bias - mean) / np.sqrt(variance + normal.epsilon) * gamma + beta
    np.testing.assert_allclose(model.predict(ROWS.astype("float64")), right, rtol=1e-12)


def test_a_program_says_so() -> None:
    torch = pytest.importorskip("torch", reason="what this engine makes of a program")
    if K.backend() != "torch":
        pytest.skip("about the torch engine's programs")
    *_, model = normalised("convolution")
    with torch.inference_mode():  # what is made here can't be used elsewhere
        model.predict(IMAGES)
    model.predict(IMAGES)
    source = model.predict_function.source
    assert "made_of_weights(" in source
    assert "rsqrt" not in source

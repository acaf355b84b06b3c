"""Steps that an engine replaces by cheaper ones: the numbers stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from keras import backend as K
from keras.backend.graph import runtime

X = np.random.default_rng(4).normal(size=(5, 3)).astype("float32")


@pytest.mark.parametrize("order", ["softmax first", "logarithm first"])
def test_a_softmax_and_its_logarithm(order: str) -> None:
    x = K.placeholder(shape=(None, 3))
    made: Any = [K.softmax(x), K.log_softmax(x)]
    expected = [special.softmax(X, -1), special.log_softmax(X, -1)]
    if order == "logarithm first":
        made, expected = [K.log_softmax(x), K.softmax(x)], expected[::-1]
    # What reads the first one comes between them, and what overwrites the other one after them.
    doubled, less = made[0] * 2.0, made[1] - 1.0
    function = K.function([x], [doubled, less, K.softmax(x * 2.0)])
    for found, right in zip(
        function([X]), [expected[0] * 2, expected[1] - 1, special.softmax(X * 2, -1)], strict=True
    ):
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)
    if runtime.engine().name == "torch":
        assert " exp(" in function.source
        assert function.source.count("softmax(") == 2, "the second one is of something else"


def test_both_along_different_axes() -> None:
    x = K.placeholder(shape=(None, 3))
    function = K.function([x], [K.softmax(x, axis=0), K.log_softmax(x)])
    for found, right in zip(
        function([X]), [special.softmax(X, 0), special.log_softmax(X, -1)], strict=True
    ):
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [1, (1, 3), -1])
@pytest.mark.parametrize("reduce", [K.sum, K.mean])
def test_reductions_along_axes_of_one_value(reduce: Any, axis: Any, keepdims: bool) -> None:
    """What they give may be a view, into which nobody writes while the whole is needed."""
    x = K.placeholder(shape=(None, 1, 3, 1))
    whole = x * 2.0
    part = reduce(whole, axis=axis, keepdims=keepdims)
    loss = K.sum(K.square(part) * 3.0)
    (gradient,) = K.gradients(loss, [x])
    function = K.function([x], [whole, K.exp(part) + 1.0, gradient, part])
    given = X.reshape(5, 1, 3, 1)
    doubled, exponential, slope, found = function([given])
    right = (2 * given).sum(axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(doubled, 2 * given, rtol=1e-6)
    np.testing.assert_allclose(exponential, np.exp(right) + 1, rtol=1e-5)
    np.testing.assert_allclose(slope, 2 * 3 * 2 * 2 * given, rtol=1e-5)
    np.testing.assert_allclose(found, right, rtol=1e-6)
    found += 1  # an array of its own
    np.testing.assert_allclose(function([given])[3], right, rtol=1e-6)


def _slope(loss: Any, x: Any, given: Any, parameter: Any, step: float = 1e-2) -> Any:
    """By differences, a number at a time."""
    function, kept = K.function([x], [loss]), K.get_value(parameter)
    found = np.zeros_like(kept)
    for place in np.ndindex(*kept.shape):
        for sign in (1, -1):
            moved = kept.copy()
            moved[place] += sign * step
            K.set_value(parameter, moved)
            found[place] += sign * function([given])[0] / (2 * step)
    K.set_value(parameter, kept)
    return found


@pytest.mark.parametrize("shape", [(6, 3), (4, 2, 2, 3)])
@pytest.mark.parametrize("of", ["the whole", "one axis less", "its mean, too"])
def test_what_is_added_before_a_normalisation(shape: tuple[int, ...], of: str) -> None:
    """The gradient of a bias is rounding there; that of what isn't the same for all that is
    normalised together isn't."""
    draw = np.random.RandomState(2)
    given, weights = draw.normal(size=(2, *shape)).astype("float32")
    axes = list(range(len(shape) - 1))
    size = (1, *shape[1:]) if of == "one axis less" else (3,)
    if of == "one axis less" and len(shape) == 2:
        size = shape
    bias = K.variable(draw.normal(size=size))
    x = K.placeholder(shape=(None, *shape[1:]))
    normal, mean, _ = K.normalize_batch_in_training(
        x + bias, K.variable([1.0, 2.0, 0.5]), K.variable(np.zeros(3)), axes
    )
    loss = K.sum(normal * weights)
    if of == "its mean, too":
        loss = loss + K.sum(mean * np.array([1.0, 2.0, 3.0], "float32"))
    function = K.function([x], K.gradients(loss, [bias]))
    expected = _slope(loss, x, given, bias)
    if of == "its mean, too" and len(shape) == 4:  # no gradient flows through it there
        expected = np.zeros(3)
    np.testing.assert_allclose(function([given])[0], expected, atol=2e-2)

"""Layers of several inputs: formulas, broadcasting, masks, what doesn't fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras import backend as K, layers
from keras.layers import Input, Masking, merge
from keras.models import Model
from tests.layers.numbers import apply, draw

FORMULAS: dict[str, Any] = {
    "Add": lambda *xs: sum(xs),
    "Multiply": lambda *xs: np.prod(np.broadcast_arrays(*xs), axis=0),
    "Average": lambda *xs: sum(xs) / len(xs),
    "Maximum": lambda *xs: np.max(np.broadcast_arrays(*xs), axis=0),
    "Minimum": lambda *xs: np.min(np.broadcast_arrays(*xs), axis=0),
}


@pytest.mark.parametrize("name", FORMULAS)
@settings(max_examples=20)
@given(
    full=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    kept=st.lists(st.lists(st.booleans(), max_size=3), min_size=1, max_size=2),
)
def test_formulas_and_broadcasting(name: str, full: list[int], kept: list[list[bool]]) -> None:
    """Inputs of fewer dimensions, and of size 1 in some, are stretched behind the batch."""
    shapes = [tuple(full)]
    for flags in kept:
        flags = flags[: len(full)]
        tail = full[len(full) - len(flags) :]
        shapes.append(tuple(n if keep else 1 for n, keep in zip(tail, flags, strict=True)))
    arrays = [draw(2, *shape) for shape in shapes]
    same_rank = [a.reshape(2, *(1,) * (len(full) + 1 - a.ndim), *a.shape[1:]) for a in arrays]
    expected = FORMULAS[name](*same_rank)
    layer = getattr(layers, name)()
    np.testing.assert_allclose(apply(layer, *arrays), expected, rtol=1e-4, atol=1e-5)
    assert layer.compute_output_shape([a.shape for a in arrays]) == expected.shape


def test_subtract_and_functions() -> None:
    a, b = draw(2, 3), draw(2, 3)
    x, y = Input((3,)), Input((3,))
    made = [
        (merge.subtract([x, y]), a - b),
        (merge.add([x, y]), a + b),
        (merge.multiply([x, y]), a * b),
        (merge.average([x, y]), (a + b) / 2),
        (merge.maximum([x, y]), np.maximum(a, b)),
        (merge.minimum([x, y]), np.minimum(a, b)),
        (merge.concatenate([x, y], axis=1), np.concatenate([a, b], axis=1)),
        (merge.dot([x, y], 1, name="product"), (a * b).sum(axis=1, keepdims=True)),
        (merge.dot([x, y], axes=-1, normalize=True), cosine(a, b)[:, None]),
    ]
    for got, expected in zip(
        K.function([x, y], [t for t, _ in made])([a, b]), [e for _, e in made], strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)
    assert made[7][0]._keras_history[0].name == "product"


def cosine(a: Any, b: Any) -> Any:
    return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))


@pytest.mark.parametrize(
    ("a", "b", "axes", "formula"),
    [
        ((3, 4), (4, 5), (2, 1), "bij,bjk->bik"),
        ((3, 4), (5, 4), 2, "bij,bkj->bik"),
        ((3, 4), (3, 5), 1, "bji,bjk->bik"),
        ((3, 4), (3, 5), (-2, -2), "bji,bjk->bik"),
        ((2, 3, 4), (4, 5), (3, 1), "bhij,bjk->bhik"),
        ((4,), (4, 5), (1, 1), "bj,bjk->bk"),
        ((3, 4), (4,), (2, 1), "bij,bj->bi"),
    ],
)
def test_dot(a: Any, b: Any, axes: Any, formula: str) -> None:
    x, y = draw(2, *a), draw(2, *b)
    layer = layers.Dot(axes)
    expected = np.einsum(formula, x, y)
    np.testing.assert_allclose(apply(layer, x, y), expected, rtol=1e-4, atol=1e-5)
    assert layer.compute_output_shape([(None, *a), (None, *b)]) == (None, *expected.shape[1:])


def test_batches_of_known_size() -> None:
    add = layers.Add()
    assert add.compute_output_shape([(None, 3), (5, 3)]) == (5, 3)
    assert layers.Dot(1).compute_output_shape([(None, 3), (5, 3)]) == (5, 1)
    assert layers.Concatenate().compute_output_shape([(None, None, 3), (5, 2, 4)]) == (5, 2, 7)


def test_a_merge_of_ones_own() -> None:
    class Between(merge._Merge):
        def _merge_function(self, inputs: Any) -> Any:
            share = K.random_uniform((K.shape(inputs[0])[0], 1))
            return share * inputs[0] + (1 - share) * inputs[1]

    low, high = np.zeros((5, 3), dtype="float32"), np.ones((5, 3), dtype="float32")
    y = apply(Between(), low, high)
    assert ((y > 0) & (y < 1)).all()
    np.testing.assert_allclose(y, np.broadcast_to(y[:, :1], y.shape))


class TestMasks:
    def both(self) -> tuple[Any, Any, Any, Any, Any]:
        a, b = draw(2, 4, 3), draw(2, 4, 3)
        a[0, 1] = b[1, 2] = b[0, 3] = 0.0
        x, y = Input((4, 3)), Input((4, 3))
        return a, b, x, y, [(t != 0).any(-1) for t in (a, b)]

    def mask(self, inputs: Any, arrays: Any, merged: Any) -> Any:
        return K.function(inputs, [merged._keras_mask])(arrays)[0]

    @pytest.mark.parametrize("layer", [layers.Add(), layers.Concatenate(), layers.Maximum()])
    def test_a_step_counts_where_all_say_so(self, layer: Any) -> None:
        a, b, x, y, (first, second) = self.both()
        merged = layer([Masking()(x), Masking()(y)])
        np.testing.assert_array_equal(self.mask([x, y], [a, b], merged), first & second)

    @pytest.mark.parametrize("layer", [layers.Add(), layers.Concatenate()])
    def test_inputs_without_a_mask_count_everywhere(self, layer: Any) -> None:
        a, b, x, y, (first, _) = self.both()
        merged = layer([Masking()(x), y])
        np.testing.assert_array_equal(self.mask([x, y], [a, b], merged), first)
        assert layer([x, y])._keras_mask is None

    def test_sequences_one_behind_the_other(self) -> None:
        a, b, x, y, (first, second) = self.both()
        merged = layers.Concatenate(axis=1)([Masking()(x), Masking()(y)])
        expected = np.concatenate([first, second], axis=1)
        np.testing.assert_array_equal(self.mask([x, y], [a, b], merged), expected)
        merged = layers.Concatenate(axis=1)([x, Masking()(y)])
        expected = np.concatenate([np.ones_like(first), second], axis=1)
        np.testing.assert_array_equal(self.mask([x, y], [a, b], merged), expected)

    def test_a_product_has_none(self) -> None:
        *_, x, y, _ = self.both()
        assert layers.Dot(2)([Masking()(x), Masking()(y)])._keras_mask is None


def test_shared_inputs_and_gradients() -> None:
    x = Input((3,))
    y = merge.multiply([x, x, x])
    a = draw(4, 3)
    gradient = K.function([x], K.gradients(K.sum(y), [x]))([a])[0]
    np.testing.assert_allclose(gradient, 3 * a**2, rtol=1e-4)
    assert Model(x, y).count_params() == 0

"""What a graph knows of its sizes while nothing runs: static shapes, and which unknowns are equal.

The oracle is a run: every claim must be true of the arrays that come out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K

SIZES = {"a": 4, "b": 5, "c": 1}  # what the unknown sizes turn out to be


def check_claims(fed: list[Any], arrays: list[np.ndarray], tensors: list[Any]) -> None:
    """Known sizes and dtypes are those of the arrays; unknown sizes of one number are equal."""
    made = K.function(fed, tensors)(arrays)
    met: dict[int, int] = {}
    for tensor, array in zip((*fed, *tensors), (*arrays, *made), strict=True):
        assert len(tensor.shape) == len(tensor.dims) == array.ndim, tensor
        assert tensor.dtype == array.dtype.name, tensor
        for known, dim, size in zip(tensor.shape, tensor.dims, array.shape, strict=True):
            assert known in (None, size), tensor
            assert (dim >= 0) == (known is not None), tensor
            assert met.setdefault(dim, size) == size if dim < 0 else dim == size, tensor


def given() -> tuple[list[Any], list[np.ndarray]]:
    """Placeholders whose sizes are unknown, and arrays for them."""
    shapes = [("a", 3), ("a", 3), (1, "b"), (3,), ("a", "b", 3), ("c", 3), ("a", 1)]
    fed = [K.placeholder([s if isinstance(s, int) else None for s in shape]) for shape in shapes]
    arrays = [
        np.random.normal(size=[SIZES.get(s, s) for s in shape]).astype("float32")  # type: ignore[call-overload]
        for shape in shapes
    ]
    return fed, arrays


ONE: list[Any] = [
    K.exp,
    K.relu,
    K.softmax,
    lambda x: K.sum(x, axis=-1),
    lambda x: K.mean(x, axis=0, keepdims=True),
    lambda x: K.max(x, axis=(0, -1)),
    lambda x: K.expand_dims(x, 1),
    lambda x: K.expand_dims(x, -1),
    lambda x: K.squeeze(K.expand_dims(x, 0), 0),
    lambda x: K.permute_dimensions(x, tuple(reversed(range(x.ndim)))),
    lambda x: K.reshape(x, (-1, 1)),
    lambda x: K.flatten(x),
    lambda x: K.batch_flatten(x) if x.ndim > 1 else x,
    lambda x: K.cast(x > 0, "float32"),
    lambda x: K.repeat_elements(x, 2, 0),
    lambda x: K.concatenate([x, x], axis=-1),
    lambda x: K.stack([x, x], axis=1),
    lambda x: x[..., :1],
    lambda x: x[1:],
    lambda x: K.argmax(x, -1),
    lambda x: K.cumsum(x, 0),
    lambda x: K.reverse(x, 0),
    lambda x: K.l2_normalize(x, 0),
    lambda x: K.dropout(x, 0.5),
    lambda x: K.gather(x, K.constant([[0, 0]], dtype="int32")),
    lambda x: K.ones_like(x),
    lambda x: K.clip(x, 0.0, 1.0),
    lambda x: K.dot(x, K.ones((3, 2))) if x.shape[-1] == 3 else x,
    lambda x: K.in_train_phase(x * 2.0, x),
    lambda x: K.switch(K.sum(x) > 0, lambda: x, lambda: x * 2.0),
]


@pytest.mark.parametrize("number", range(len(ONE)))
def test_claims_about_one_op(number: int) -> None:
    fed, arrays = given()
    check_claims(fed, arrays, [ONE[number](x) for x in fed])


@pytest.mark.parametrize("seed", range(20))
def test_claims_about_random_graphs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fed, arrays = given()
    pool, values = list(fed), list(arrays)
    for _ in range(25):
        if rng.random() < 0.5:
            x = pool[rng.integers(len(pool))]
            if x.ndim == 0 or x.ndim > 4 or x.dtype != "float32":
                continue
            made = ONE[rng.integers(len(ONE))](x)
        else:
            i, j = rng.integers(len(pool), size=2)
            try:  # whether the operands fit is known when they have sizes
                np.broadcast_shapes(values[i].shape, values[j].shape)
            except ValueError:
                continue
            made = pool[i] * K.cast(pool[j], pool[i].dtype)
        value = K.function(fed, [made])(arrays)[0]
        if 0 < value.size < 10_000:
            pool.append(made)
            values.append(value)
    check_claims(fed, arrays, pool[len(fed) :])


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "int64", "uint8", "bool"])
def test_claims_about_dtypes(dtype: str) -> None:
    x = K.placeholder((None, 3), dtype=dtype)
    value = np.array([[1, 0, 1], [0, 1, 1]]).astype(dtype)
    made = [f(x) for f in (K.sum, K.mean, K.prod, K.max, K.sqrt, K.exp, K.sigmoid, K.std, K.any)]
    made += [K.logsumexp(x), K.transpose(x), K.ones_like(x), K.equal(x, x), K.cast(x, "int16")]
    made += [x - 1, 1.0 - x, x - K.cast(x, "float32"), K.cast(x, "int64") - x, x * 2.5, x + 1]
    made += [x + np.ones(3, "float32"), np.ones((2, 1)) - x, x * np.ones(3, "int32")]
    if dtype != "bool":  # these are for numbers only
        made += [K.clip(x, 0.25, 1.5), K.square(x), K.abs(x), K.argmax(x), K.relu(x)]
    check_claims([x], [value], made)


def test_claims_about_gradients() -> None:
    fed, arrays = given()
    loss = sum(K.sum(K.square(K.tanh(x))) for x in fed) + K.sum(fed[0] * fed[1] * fed[3] * fed[6])
    check_claims(fed, arrays, K.gradients(loss, fed))


def test_equal_sizes_are_known_to_be_equal() -> None:
    """What keeps gradients free of sums: an operand that can't have been stretched."""
    x, w = K.placeholder((None, 3)), K.ones((3, 5))
    h = K.relu(K.dot(x, w)) * K.sigmoid(K.dot(x, w))
    for tensor in (h, K.reshape(h, (-1, 5)), K.softmax(h), K.dropout(h, 0.1), K.expand_dims(h, 1)):
        assert tensor.dims[0] == x.dims[0]
    other = K.placeholder((None, 3))
    assert other.dims[0] != x.dims[0]
    assert (x + other).dims[0] not in (x.dims[0], other.dims[0])


def test_set_shape_says_what_is_known_from_now_on() -> None:
    x = K.placeholder((None, None, 2))
    before = x.dims
    x.set_shape((None, 4, None))
    assert x.shape == (None, 4, 2)
    assert x.dims == (before[0], 4, 2)
    for wrong in ((None, 5, 2), (None, 4)):
        with pytest.raises(ValueError, match="contradicts"):
            x.set_shape(wrong)


def test_a_shape_is_a_tuple_with_manners() -> None:
    shape = K.placeholder((None, 3)).get_shape()
    assert shape == (None, 3)
    assert shape.as_list() == [None, 3]
    assert shape.ndims == shape.rank == 2
    assert not shape.is_fully_defined()
    assert shape.num_elements() is None
    full = K.zeros((2, 3)).shape
    assert full.is_fully_defined()
    assert full.num_elements() == 6

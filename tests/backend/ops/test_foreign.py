"""numpy's functions, and the engine's own, on symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.ops.numpy_names import FUNCTIONS, UFUNCS
from tests.backend.ops.table import positive, real, truth

X, Y, P, B = real(3, 4), real(3, 4, low=-1.9), positive(3, 4), truth(3, 4)
PAIRED = {np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.arctan2}
COMPARED = {np.equal, np.not_equal, np.greater, np.greater_equal, np.less, np.less_equal}
ARGUMENTS: dict[Any, list[np.ndarray]] = {
    **{f: [X, Y] for f in PAIRED | COMPARED},
    **{f: [X, P] for f in (np.divide, np.floor_divide, np.remainder)},
    **{f: [P, X] for f in (np.power, np.float_power)},
    **{f: [P] for f in (np.log, np.log2, np.log10, np.log1p, np.sqrt, np.reciprocal)},
    **{f: [B, B[::-1]] for f in (np.logical_and, np.logical_or)},
    np.logical_not: [B],
    np.matmul: [X, Y.T.copy()],
}
CALLS: list[tuple[Any, list[np.ndarray], Callable[..., Any]]] = [
    *((f, ARGUMENTS.get(f, [X]), f) for f in UFUNCS),
    *((f, [X], lambda x, f=f: f(x)) for f in (
        np.sum, np.mean, np.max, np.min, np.amax, np.amin, np.prod, np.std, np.var, np.argmax,
        np.argmin, np.cumsum, np.cumprod, np.ravel, np.transpose, np.zeros_like, np.ones_like,
    )),
    *((f, [X], lambda x, f=f: f(x, axis=1, keepdims=True)) for f in (np.sum, np.mean, np.std)),
    *((f, [B], lambda x, f=f: f(x, axis=0)) for f in (np.any, np.all)),
    *((f, [X], lambda x, f=f: f(x, axis=1)) for f in (np.argmax, np.argmin, np.cumsum, np.cumprod)),
    (np.concatenate, [X, Y], lambda x, y: np.concatenate([x, y])),
    (np.concatenate, [X, Y], lambda x, y: np.concatenate((x, y), axis=1)),
    (np.stack, [X, Y], lambda x, y: np.stack([x, y], axis=-1)),
    (np.split, [X], lambda x: np.split(x, 2, axis=1)[1]),
    (np.split, [X], lambda x: np.split(x, [1, 3], axis=1)[1]),
    (np.reshape, [X], lambda x: np.reshape(x, (2, 6))),
    (np.reshape, [X], lambda x: np.reshape(x, -1)),
    (np.squeeze, [X[:, :1]], lambda x: np.squeeze(x)),
    (np.squeeze, [X[:, :1]], lambda x: np.squeeze(x, axis=1)),
    (np.expand_dims, [X], lambda x: np.expand_dims(x, 1)),
    (np.expand_dims, [X], lambda x: np.expand_dims(x, (0, -1))),
    (np.transpose, [X], lambda x: np.transpose(x, (1, 0))),
    (np.swapaxes, [X], lambda x: np.swapaxes(x, 0, 1)),
    (np.moveaxis, [X[None]], lambda x: np.moveaxis(x, 0, -1)),
    (np.tile, [X], lambda x: np.tile(x, (2, 1))),
    (np.repeat, [X], lambda x: np.repeat(x, 2, axis=1)),
    (np.repeat, [X], lambda x: np.repeat(x, 2)),
    (np.flip, [X], lambda x: np.flip(x, 1)),
    (np.pad, [X], lambda x: np.pad(x, 1)),
    (np.pad, [X], lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=3.0)),
    (np.take, [X], lambda x: np.take(x, [0, 2], axis=1)),
    (np.take, [X], lambda x: np.take(x, [5, 1])),
    (np.where, [B, X, Y], lambda b, x, y: np.where(b, x, y)),
    (np.clip, [X], lambda x: np.clip(x, -0.5, 0.5)),
    (np.round, [X], lambda x: np.round(x)),
    (np.round, [X], lambda x: np.round(x, 1)),
    (np.dot, [X, Y], lambda x, y: np.dot(x, y.T if isinstance(y, np.ndarray) else K.transpose(y))),
    (np.full_like, [X], lambda x: np.full_like(x, 2.5)),
]  # fmt: skip
NAMED = [pytest.param(*c[1:], id=f"{c[0].__name__}-{i}") for i, c in enumerate(CALLS)]


@pytest.mark.parametrize(("arrays", "function"), NAMED)
def test_numpy_function(arrays: list[np.ndarray], function: Any) -> None:
    fed = [K.placeholder(a.shape, dtype=a.dtype.name) for a in arrays]
    made = function(*fed)
    wanted = function(*arrays)
    assert K.is_tensor(made)
    assert tuple(made.shape) == wanted.shape
    got = K.function(fed, [made])(arrays)[0]
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)


def test_every_numpy_function_is_called() -> None:
    assert set(UFUNCS) | set(FUNCTIONS) - {np.shape, np.ndim} == {c[0] for c in CALLS}
    assert np.shape(K.placeholder((None, 3))) == (None, 3)
    assert np.ndim(K.placeholder((None, 3))) == 2


def test_numpy_arrays_and_numbers_beside_tensors() -> None:
    x = K.placeholder((2,))
    both = [
        np.ones(2) * x,
        x * np.ones(2),
        np.float32(2) * x,
        np.array([[1.0, 2.0]]) @ K.reshape(x, (2, 1)),
    ]
    assert all(K.is_tensor(t) for t in both)
    got = K.function([x], both)([[3.0, 4.0]])
    for value, wanted in zip(got, [[3, 4], [3, 4], [6, 8], [[11]]], strict=True):
        np.testing.assert_allclose(value, wanted)


def test_numpy_functions_have_gradients() -> None:
    x = K.placeholder((4,))
    slope = K.gradients(np.sum(np.sqrt(x) * np.log(x)), [x])[0]
    a = positive(4)
    got = K.function([x], [slope])([a])[0]
    np.testing.assert_allclose(got, np.log(a) / (2 * np.sqrt(a)) + 1 / np.sqrt(a), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.linalg.norm(x), "`np.norm` can't be applied to a symbolic tensor"),
        (lambda x: np.add.reduce(x), "`np.add.reduce` can't be applied"),
        (lambda x: np.split(x, 2), r"np.split needs a known size along axis 0, got \(None, 4\)"),
        (lambda x: np.pad(x, 1, mode="reflect"), "has mode 'constant', got 'reflect'"),
        (lambda x: np.asarray(x), "is symbolic and has no numbers yet; `K.eval`"),
        (lambda x: bool(x), "has no truth value until the graph runs. Use `K.switch`"),
        (lambda x: float(x), "is symbolic; `K.eval` computes its value"),
        (lambda x: len(x), "has no length yet; `K.shape"),
        (lambda x: list(x), "can't be iterated over: its first dimension is unknown"),
    ],
)
def test_what_a_symbol_cannot_do(call: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(K.placeholder((None, 4)))


# ---- torch

torch: Any = pytest.importorskip("torch") if K.backend() == "torch" else None
on_torch = pytest.mark.skipif(torch is None, reason="torch isn't the engine")


@on_torch
def test_torch_functions_become_nodes() -> None:
    x = K.placeholder((None, 4))
    spectrum = torch.fft.fft(x)
    power = torch.abs(spectrum) ** 2
    best = torch.max(x, dim=1)
    left, right = torch.split(x, [1, 3], dim=1)
    assert (spectrum.dtype, tuple(spectrum.shape)) == ("complex64", (None, 4))
    assert tuple(best.values.shape) == (None,)
    assert (best.indices.dtype, tuple(left.shape)) == ("int64", (None, 1))
    a = real(3, 4).astype("float32")
    got = K.function([x], [power, best.values, best.indices, right])([a])
    wanted = [np.abs(np.fft.fft(a)) ** 2, a.max(1), a.argmax(1), a[:, 1:]]
    for value, expected in zip(got, wanted, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4)


@on_torch
def test_torch_functions_have_gradients() -> None:
    a = real(3, 4).astype("float32")
    layer = torch.nn.Linear(4, 2)

    def described(x: Any, square: Any) -> Any:
        return square(torch.abs(torch.fft.fft(x))) + square(torch.nn.functional.gelu(layer(x)))

    x = K.placeholder((None, 4))
    slope = K.gradients(described(x, lambda v: K.sum(K.square(v))), [x])[0]
    leaf = torch.tensor(a, requires_grad=True)
    described(leaf, lambda v: (v**2).sum()).backward()
    got = K.function([x], [slope])([a])[0]
    np.testing.assert_allclose(got, leaf.grad.numpy(), rtol=1e-4, atol=1e-5)


@on_torch
def test_torch_arrays_beside_tensors() -> None:
    x = K.placeholder((2,))
    made = [torch.tensor([1.0, 2.0]) * x, x + torch.tensor([1.0, 2.0]), torch.tensor(2.0) - x]
    got = K.function([x], made)([[3.0, 4.0]])
    for value, wanted in zip(got, [[3, 8], [4, 6], [-1, -2]], strict=True):
        np.testing.assert_allclose(value, wanted)
    slope = K.gradients(K.sum(made[0]), [x])[0]
    np.testing.assert_allclose(K.function([x], [slope])([[3.0, 4.0]])[0], [1, 2])


@on_torch
def test_torch_function_that_returns_no_tensor() -> None:
    with pytest.raises(TypeError, match="of a symbolic tensor returns bool, not tensors"):
        torch.allclose(K.placeholder((3,)), K.placeholder((3,)))


@on_torch
def test_random_torch_functions_draw_each_time() -> None:
    x = K.placeholder((100,))
    a, b = torch.rand_like(x), torch.rand_like(x)
    first, second = K.function([x], [a, b])([np.zeros(100)])
    assert np.any(first != second)

"""Variables, values, and what K tells about tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from keras import backend as K

A = np.arange(6, dtype="float32").reshape(2, 3)


def test_variable() -> None:
    v = K.variable(A, name="kernel")
    assert (v.name, v.dtype, tuple(v.shape)) == ("kernel:0", "float32", (2, 3))
    assert K.variable([1, 2]).dtype == "float32"
    assert K.variable([1, 2], dtype="int32").dtype == "int32"
    np.testing.assert_array_equal(K.get_value(v), A)
    K.set_value(v, A * 2)
    np.testing.assert_array_equal(K.eval(v + 1.0), A * 2 + 1)
    v.assign(np.ones((2, 3)))
    assert K.get_value(v).sum() == 6


def test_the_array_given_to_a_variable_stays_the_callers() -> None:
    given = A.copy()
    v = K.variable(given)
    given[:] = 9.0
    np.testing.assert_array_equal(K.get_value(v), A)


def test_variables_begin_when_they_are_read() -> None:
    v = K.random_normal_variable((3, 3), 0.0, 1.0, seed=1)
    assert not v.is_initialized
    K.set_value(v, np.zeros((3, 3)))
    assert K.get_value(v).sum() == 0
    other = K.variable(K.ones((2,)) * 3.0)
    np.testing.assert_array_equal(K.get_value(other), [3.0, 3.0])


def test_several_values_at_once() -> None:
    v, w = K.variable(1.0), K.variable([2.0])
    K.batch_set_value([(v, 3.0), (w, [4.0])])
    assert [float(x) for x in np.concatenate([np.ravel(x) for x in K.batch_get_value([v, w])])] == [
        3.0,
        4.0,
    ]
    assert len(K.batch_get_value(xs=[v])) == 1


def test_kinds() -> None:
    v, p, t = K.variable(1.0), K.placeholder((None, 2)), K.ones((2,)) * 2.0
    assert [K.is_variable(x) for x in (v, p, t, A)] == [True, False, False, False]
    assert [K.is_placeholder(x) for x in (v, p, t, A)] == [False, True, False, False]
    assert [K.is_tensor(x) for x in (v, p, t, A)] == [True, True, True, False]
    assert not K.is_keras_tensor(p)
    with pytest.raises(ValueError, match="Expected a symbolic tensor, got ndarray"):
        K.is_keras_tensor(A)


def test_shapes() -> None:
    p = K.placeholder((None, 3, 4))
    assert (K.int_shape(p), K.ndim(p), K.dtype(p)) == ((None, 3, 4), 3, "float32")
    assert K.int_shape(A) == K.get_variable_shape(K.variable(A)) == (2, 3)
    assert K.ndim(K.placeholder(ndim=4)) == 4
    assert p.get_shape().as_list() == [None, 3, 4]
    assert (p.shape.ndims, p.shape.is_fully_defined()) == (3, False)
    assert K.count_params(K.variable(A)) == 6
    p.set_shape((5, None, 4))
    assert tuple(p.shape) == (5, 3, 4)
    with pytest.raises(ValueError, match="contradicts"):
        p.set_shape((5, 4, 4))
    p._keras_shape = (None, 9)
    assert K.int_shape(p) == (None, 9)


def test_symbolic_shape_remembers_what_is_known() -> None:
    x = K.placeholder((None, 3))
    y = K.reshape(K.ones((4, 3)), K.shape(K.ones((2, 6))))
    assert tuple(y.shape) == (2, 6)
    flipped = K.reshape(x, [K.shape(x)[1], -1])
    assert K.function([x], [flipped])([A])[0].shape == (3, 2)
    filled = K.zeros((K.shape(x)[0], 5))
    assert tuple(filled.shape) == (None, 5)
    assert K.function([x], [filled])([A])[0].shape == (2, 5)


def test_constants_take_dtypes() -> None:
    assert K.constant(1).dtype == K.constant([1, 2]).dtype == "float32"
    assert K.constant(1, dtype="int32").dtype == "int32"
    assert K.constant(np.ones(2)).dtype == "float32"
    assert K.constant(np.ones(2, "int64")).dtype == "int64"
    assert K.constant(True, dtype="bool").dtype == "bool"
    assert K.constant([1.5], name="half").name == "half:0"


def test_dtypes_of_mixed_expressions() -> None:
    i, b, f = (
        K.placeholder((2,), dtype="int32"),
        K.placeholder((2,), dtype="bool"),
        K.placeholder((2,)),
    )
    d = K.placeholder((2,), dtype="float64")
    mixed = [i + 1, i + 1.0, i / 2, f + i, f * 2, f + d, K.cast(b, "float32") + b]
    floats = ["float32"] * 4 + ["float64", "float32"]
    assert [t.dtype for t in mixed] == ["int32", *floats]
    assert [t.dtype for t in (i > 1, ~b, b & b, K.sum(b), K.argmax(f), K.mean(b))] == [
        "bool", "bool", "bool", "int32", "int64", "float32",
    ]  # fmt: skip


def test_cast_to_floatx() -> None:
    assert K.cast_to_floatx(np.ones(2)).dtype == "float32"
    assert K.cast_to_floatx(K.placeholder((2,), dtype="int32")).dtype == "float32"
    assert K.cast_to_floatx([1, 2]).dtype == "float32"


def test_operators() -> None:
    x = K.placeholder((2, 3))
    made = [
        x + 1,
        1 - x,
        x * x,
        2 / (x + 1),
        x // 2,
        x % 2,
        (x + 1) ** 2,
        2**x,
        -x,
        abs(-x),
        x @ K.transpose(x),
    ]
    wanted = [
        A + 1, 1 - A, A * A, 2 / (A + 1), A // 2, A % 2, (A + 1) ** 2, 2**A, -A, abs(-A), A @ A.T,
    ]  # fmt: skip
    for value, expected in zip(K.function([x], made)([A]), wanted, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-6)
    tests = [x < 2, x <= 2, x > 2, x >= 2, (x > 1) & (x < 4), (x < 1) | (x > 4), ~(x > 1)]
    wanted = [A < 2, A <= 2, A > 2, A >= 2, (A > 1) & (A < 4), (A < 1) | (A > 4), ~(A > 1)]
    for value, expected in zip(K.function([x], tests)([A]), wanted, strict=True):
        np.testing.assert_array_equal(value, expected)
    first, second = K.ones((2, 3))
    assert tuple(first.shape) == tuple(second.shape) == (3,)


def test_a_slice_with_computed_bounds() -> None:
    x, n = K.placeholder((None,)), K.placeholder((), dtype="int32")
    run = K.function([x, n], [x[:n], x[n], x[n:], x[::-1]])
    for value, wanted in zip(run([[1.0, 2.0, 3.0], 1]), [[1], 2, [2, 3], [3, 2, 1]], strict=True):
        np.testing.assert_array_equal(value, wanted)


def test_names_and_scopes() -> None:
    with K.name_scope("outer"), K.name_scope("inner") as scope:
        v = K.variable(1.0, name="w")
        y = v + 1.0
    assert (scope, v.name) == ("outer/inner", "outer/inner/w:0")
    assert y.name.startswith("outer/inner/add")
    assert (y.op.type, v.op.name) == ("add", v.name)
    assert [K.get_uid("a"), K.get_uid("a"), K.get_uid("b")] == [1, 2, 1]
    K.reset_uids()
    assert K.get_uid("a") == 1
    K.clear_session()
    assert K.get_uid("a") == 1


# ---- sparse values


def test_sparse_placeholder() -> None:
    x = K.placeholder((None, 3), sparse=True)
    assert K.is_sparse(x)
    dense = K.to_dense(x)
    assert not K.is_sparse(dense)
    matrix = sparse.csr_matrix(A)
    got = K.function([x], [K.dot(x, K.constant(A.T)), dense])([matrix])
    np.testing.assert_array_equal(got[0], A @ A.T)
    np.testing.assert_array_equal(got[1], A)


def test_sparse_variable() -> None:
    v = K.variable(sparse.coo_matrix(A))
    assert K.is_sparse(v)
    np.testing.assert_array_equal(K.eval(K.to_dense(v)), A)
    assert K.to_dense(K.variable(A)) is not None
    assert not K.is_sparse(K.variable(A))


def test_labels_as_sparse_tensor() -> None:
    labels, lengths = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[2], [1]])
    made = K.ctc_label_dense_to_sparse(K.constant(labels, "int32"), K.constant(lengths, "int32"))
    assert K.is_sparse(made)
    np.testing.assert_array_equal(K.eval(made.indices), [[0, 0], [0, 1], [1, 0]])
    np.testing.assert_array_equal(K.eval(made.values), [1, 2, 4])
    np.testing.assert_array_equal(K.eval(K.to_dense(made)), [[1, 2, 0], [4, 0, 0]])


# ---- devices


def test_device_is_what_is_inside() -> None:
    with K.device("/cpu:0") as outer:
        assert "cpu" in str(outer).lower()
        v = K.variable([1.0])
        with K.device("cpu"):
            assert K.eval(v * 2.0) == [2.0]
    with pytest.raises(ValueError, match="Unknown device 'abacus'"), K.device("abacus"):
        pass


def test_device_that_is_not_there_is_replaced() -> None:
    with pytest.warns(UserWarning, match=r"There is no device '/gpu:99' .*: \w+.* is used"), \
            K.device("/gpu:99"):  # fmt: skip
        assert K.eval(K.variable(1.0) + 1.0) == 2.0


# ---- float types


@pytest.mark.parametrize("name", ["float16", "float64"])
def test_other_float_types(name: str) -> None:
    K.set_floatx(name)
    try:
        v = K.variable(A)
        y = K.dot(v, K.transpose(v)) / 2 + K.ones((2, 2)) * 0.5
        assert {v.dtype, y.dtype, K.eval(y).dtype.name} == {name}
    finally:
        K.set_floatx("float32")


@pytest.mark.skipif(K.backend() in ("numpy", "theano"), reason="numpy has no bfloat16")
def test_bfloat16() -> None:
    v: Any = K.variable(A, dtype="bfloat16")
    y = v * 2.0
    assert (v.dtype, y.dtype) == ("bfloat16", "bfloat16")
    np.testing.assert_array_equal(K.eval(y), A * 2)
    np.testing.assert_array_equal(K.get_value(v), A)


def test_names_that_functions_take() -> None:
    x = K.placeholder((2, 3))
    made = [
        K.identity(x, name="a"),
        K.ones_like(x, name="b"),
        K.zeros_like(x, "int32", "c"),
        K.size(x, name="d"),
        K.map_fn(lambda row: row, x, name="e"),
        K.foldl(lambda a, b: a + b, x, name="f"),
        K.zeros((2,), name="g"),
        K.zeros((K.shape(x)[0],), name="h"),
    ]
    assert [t.name for t in made] == [f"{letter}:0" for letter in "abcdefgh"]
    with K.name_scope("inside"):
        assert K.identity(x, name="a").name == "inside/a:0"


def test_evaluated_views_of_variables_are_arrays_of_their_own() -> None:
    v = K.variable(A.reshape(6, 1))
    views = [K.reshape(v, (2, 3)), K.sum(v, axis=1), K.mean(v, axis=-1, keepdims=True)]
    found = [K.eval(view) for view in views]
    K.function([], [], updates=[K.update_add(v, K.ones((6, 1)))])([])
    for array in found:
        np.testing.assert_array_equal(array.ravel(), A.ravel())

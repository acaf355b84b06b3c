"""Class numbers as rows, and vectors of length one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from keras import utils
from keras.utils import normalize, np_utils, to_categorical


def test_it_has_all_its_names() -> None:
    assert np_utils.to_categorical is to_categorical is utils.np_utils.to_categorical


@given(hnp.arrays("int64", hnp.array_shapes(min_dims=1, max_dims=3), elements=st.integers(0, 6)))
def test_each_row_has_its_one_in_its_place(labels: np.ndarray) -> None:
    rows = to_categorical(labels, 7)
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    assert rows.shape == (*shape, 7)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows.argmax(-1), labels.reshape(shape))
    np.testing.assert_array_equal(rows.sum(-1), np.ones(shape))


@pytest.mark.parametrize(
    "labels", [[0, 2, 1], (0, 2, 1), [0.0, 2.0, 1.0], [[0], [2], [1]], np.array([0, 2, 1], "uint8")]
)
def test_forms_of_labels(labels: Any) -> None:
    np.testing.assert_array_equal(to_categorical(labels), np.eye(3)[[0, 2, 1]])


def test_type_and_number_of_classes() -> None:
    rows = to_categorical([1, 0], num_classes=4, dtype="int32")
    assert rows.dtype == np.int32
    assert rows.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]
    assert to_categorical([], num_classes=3).shape == (0, 3)
    assert to_categorical([True, False]).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("labels", "classes", "says"),
    [
        ([0, 3], 3, "class numbers from 0 to 2, got numbers from 0 to 3"),
        ([-1, 1], 3, "class numbers from 0 to 2, got numbers from -1 to 1"),
        ([0.5, 1], None, r"that is integers, got \[0.5 1. \] ... of float64"),
        ([float("nan")], None, "that is integers"),
        (["cat"], None, "that is integers"),
        ([], None, "no labels; say `num_classes`"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_what_are_no_class_numbers(labels: Any, classes: int | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        to_categorical(labels, classes)


@given(
    hnp.arrays("float64", (3, 4), elements=st.floats(-100, 100)),
    st.sampled_from([0, 1, -1]),
    st.sampled_from([1, 2, 3, np.inf]),
)
def test_vectors_get_length_one_and_keep_their_direction(
    x: np.ndarray, axis: int, order: float
) -> None:
    unit = normalize(x, axis, order)
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    large = np.broadcast_to(norm > 1e-100, x.shape)  # smaller ones lose digits
    np.testing.assert_allclose((unit * norm)[large], x[large], rtol=1e-9, atol=1e-12)
    assert not unit[x == 0].any()


def test_lists_are_normalized_too() -> None:
    np.testing.assert_allclose(normalize([[3.0, 4.0], [0.0, 0.0]]), [[0.6, 0.8], [0, 0]])

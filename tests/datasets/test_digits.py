"""Real digits without a network."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras.datasets import digits


def test_all_digits_once() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data(test_split=0.25, seed=4)
    assert (len(x_train), len(x_test)) == (1347, 450)
    assert x_train.dtype == y_train.dtype == "uint8"
    got = np.column_stack([np.concatenate([x_train, x_test]).reshape(-1, 64), [*y_train, *y_test]])
    known = load_digits()
    expected = np.column_stack([known.data, known.target])
    np.testing.assert_array_equal(sorted(got.tolist()), sorted(expected.tolist()))


def test_the_seed_orders_them_and_leaves_numpy_alone() -> None:
    np.random.seed(3)
    first = digits.load_data(seed=1)[0][1]
    drawn = np.random.uniform()
    np.random.seed(3)
    assert np.random.uniform() == drawn
    np.testing.assert_array_equal(digits.load_data(seed=1)[0][1], first)
    assert not np.array_equal(digits.load_data(seed=2)[0][1], first)


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1, got 1"):
        digits.load_data(test_split=1)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"evergreen-keras\[sklearn\]"):
        digits.load_data()

"""1,797 handwritten digits that come with scikit-learn: real data without a download."""

from __future__ import annotations

import numpy as np

from .coding import share


def load_data(
    test_split: float = 0.2, seed: int | None = 113
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The digits as `(x_train, y_train), (x_test, y_test)`.

    x: `(digits, 8, 8)`, bytes from 0 to 16; y: 0 to 9. `seed` orders them, `test_split` is the
    share of those to test with. (Alpaydin and Kaynak 1998, UCI Machine Learning Repository)

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, x_test.shape
    ((1437, 8, 8), (360, 8, 8))
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            "`keras.datasets.digits` comes with scikit-learn: "
            "`pip install 'evergreen-keras[sklearn]'`."
        ) from error
    found = load_digits()
    order = np.random.RandomState(seed).permutation(len(found.target))
    x, y = found.images[order].astype("uint8"), found.target[order].astype("uint8")
    n = share(len(x), test_split)
    return (x[:n], y[:n]), (x[n:], y[n:])

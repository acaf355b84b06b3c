"""Arrays made ready for training."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_categorical(y: Any, num_classes: int | None = None, dtype: str = "float32") -> np.ndarray:
    """Class numbers as rows that are 1 in the place of the class, 0 elsewhere.

    `(...)` or `(..., 1)` -> `(..., num_classes)`; as many classes as the largest number asks for,
    unless it is said.

    >>> to_categorical([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    numbers = _class_numbers(y)
    shape = numbers.shape[:-1] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers.shape
    if not num_classes:
        if not numbers.size:
            raise ValueError("`to_categorical` got no labels; say `num_classes`.")
        num_classes = int(numbers.max()) + 1
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < num_classes:
        raise ValueError(
            f"`to_categorical` needs class numbers from 0 to {num_classes - 1}, got numbers from "
            f"{numbers.min()} to {numbers.max()}."
        )
    rows = np.zeros((numbers.size, num_classes), dtype=dtype)
    rows[np.arange(numbers.size), numbers.ravel()] = 1
    return rows.reshape((*shape, num_classes))


def _class_numbers(y: Any) -> np.ndarray:
    given = np.asarray(y)
    try:
        numbers = given.astype("int64")
        whole = given.dtype.kind not in "fc" or bool(np.all(numbers == given))
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise ValueError(
            "`to_categorical` needs class numbers, that is integers, got "
            f"{given.ravel()[:3]} ... of {given.dtype}."
        )
    return numbers


def normalize(x: Any, axis: int = -1, order: float = 2) -> np.ndarray:
    """`x / norm(x)` along an axis, with the norm of that order; zeros stay zeros.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    x = np.asarray(x)
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    return np.asarray(x / np.where(norm == 0, 1, norm))

"""Losses weighted and reduced, by the classic path; the shapes are those of Keras 2.3.1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, losses
from keras.utils import losses_utils
from keras.utils.losses_utils import reduce_weighted_loss, squeeze_or_expand_dimensions


@pytest.mark.parametrize(
    ("pred", "true", "weight", "expected"),
    [
        ((4, 3), (4, 3), None, [(4, 3), (4, 3)]),
        ((4, 1), (4,), None, [(4,), (4,)]),
        ((4,), (4, 1), (4, 1), [(4,), (4,), (4,)]),
        ((4, 3, 1), (4, 3), (4,), [(4, 3), (4, 3), (4, 1)]),
        ((4, 3), (4, 3), (4, 1), [(4, 3), (4, 3), (4, 1)]),
        ((4, 3, 2), None, (4, 3, 1), [(4, 3, 2), None, (4, 3, 1)]),
        ((4, 3), None, (), [(4, 3), None, ()]),
    ],
)
def test_axes_of_length_one(pred: Any, true: Any, weight: Any, expected: Any) -> None:
    given = [
        None if shape is None else K.variable(np.ones(shape)) for shape in (pred, true, weight)
    ]
    found = squeeze_or_expand_dimensions(*given)
    assert [None if x is None else K.int_shape(x) for x in found] == expected


def test_reductions() -> None:
    values = K.constant([[1.0, 2.0], [3.0, 4.0]])
    assert K.eval(reduce_weighted_loss(values, "sum")) == 10
    assert K.eval(reduce_weighted_loss(values)) == 2.5
    assert K.eval(reduce_weighted_loss(values, "none")).tolist() == [[1, 2], [3, 4]]
    weighted = losses_utils.compute_weighted_loss(values, K.constant([1.0, 0.5]))
    assert K.eval(weighted) == 1.625
    with pytest.raises(ValueError, match="got 'mean'"):
        reduce_weighted_loss(values, "mean")
    assert losses_utils.Reduction is losses.Reduction

"""What is fed to layers that read whole numbers."""

from __future__ import annotations

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Embedding, Flatten, Input, Lambda, concatenate
from keras.models import Model


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", ">i4", "float32"])
def test_whole_numbers_that_are_read_as_such(dtype: str) -> None:
    """Indices are fed as they are, unless something else is read of the same input, too."""
    words = np.array([[1, 5, 0], [6, 2, 2]], dtype=dtype)
    x = Input((3,))
    vectors = Embedding(7, 2)
    alone = Model(x, vectors(x))
    mean = Lambda(lambda t: K.mean(t, axis=1, keepdims=True))
    beside = Model(x, concatenate([Flatten()(vectors(x)), mean(x)]))
    for _ in range(3):
        (table,) = vectors.get_weights()
        expected = table[words.astype("int32")]
        np.testing.assert_array_equal(alone.predict(words), expected)
        both = np.hstack([expected.reshape(2, 6), words.mean(axis=1, keepdims=True)])
        np.testing.assert_allclose(beside.predict(words), both, rtol=1e-6)
    halves = words.astype("float32") + 0.5  # the part before the point counts
    np.testing.assert_array_equal(alone.predict(halves), expected)

"""Layers that compute the loss of a whole batch: an output that is one number."""

from __future__ import annotations

import numpy as np

from keras import backend as K
from keras.layers import Input, Lambda
from keras.models import Model


def test_a_loss_computed_by_a_layer() -> None:
    x, y = Input((3,)), Input((3,))
    total = Lambda(lambda pair: K.sum(K.square(pair[0] - pair[1])), output_shape=(1,), name="total")
    model = Model([x, y], total([x, y]))
    model.compile("sgd", loss={"total": lambda y_true, y_pred: y_pred})
    a, b = np.random.default_rng(3).normal(size=(2, 8, 3))
    for nothing in (np.zeros(8), np.zeros((8, 1))):
        loss = model.evaluate([a, b], nothing, batch_size=4, verbose=0)
        np.testing.assert_allclose(loss, np.sum((a - b) ** 2) / 2, rtol=1e-5)
        np.testing.assert_allclose(
            model.train_on_batch([a, b], nothing), np.sum((a - b) ** 2), rtol=1e-5
        )

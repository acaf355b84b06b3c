"""Layers, and variables, that are attributes of a layer belong to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras import backend as K, regularizers
from keras.layers import BatchNormalization, Dense, Input, Layer, TimeDistributed
from keras.models import Model
from tests.layers.numbers import apply, draw


class Block(Layer):
    """A layer made of layers, as 2.3 allows them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = Dense(3, kernel_regularizer=regularizers.l2(0.5))
        self.norm = BatchNormalization()
        self.factor = K.variable(np.full(3, 2.0), name="factor")

    def call(self, inputs: Any) -> Any:
        return self.norm(self.dense(inputs)) * self.factor

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], 3)


def names(weights: Any) -> list[str]:
    return [w.name.split("/")[-1].split(":")[0] for w in weights]


def test_weights() -> None:
    block = Block()
    apply(block, draw(2, 4))
    trainable = ["factor", "kernel", "bias", "gamma", "beta"]
    assert names(block.trainable_weights) == trainable
    assert names(block.weights) == [*trainable, "moving_mean", "moving_variance"]
    block.dense.trainable = False
    assert names(block.trainable_weights) == ["factor", "gamma", "beta"]
    assert len(block.weights) == 7
    block.trainable = False
    assert block.trainable_weights == []
    assert len(block.non_trainable_weights) == 7


def test_losses_and_updates() -> None:
    x = Input((4,))
    block = Block()
    model = Model(x, block(x))
    assert len(model.losses) == len(block.losses) == 1
    assert len(model.updates) == len(block.updates) == 2
    block.norm.trainable = False
    assert model.updates == block.updates == []
    block.norm.trainable, block.trainable = True, False
    assert model.updates == block.updates == []


def test_training_reaches_them() -> None:
    x = Input((4,))
    block = Block()
    model = Model(x, block(x))
    model.compile("sgd", "mse")
    before = block.get_weights()
    model.train_on_batch(draw(8, 4), draw(8, 3))
    for w, old, new in zip(block.weights, before, block.get_weights(), strict=True):
        assert (old != new).any(), w.name


def test_at_each_time_step_and_called_again() -> None:
    block = Block()
    x = Input((5, 4))
    inner = Model(x, TimeDistributed(block)(x))
    z = Input((5, 4))
    outer = Model(z, inner(z))
    assert len(outer.weights) == 7
    assert len(outer.updates) == 2
    data = draw(2, 5, 4)
    np.testing.assert_allclose(outer.predict(data), inner.predict(data), rtol=1e-5)


def test_asking_for_a_shape_notes_nothing() -> None:
    class Open(Block):
        compute_output_shape = Layer.compute_output_shape

    block = Open()
    x = Input((4,))
    model = Model(x, block(x))
    assert block.compute_output_shape((None, 4)) == (None, 3)
    assert len(block.updates) == len(model.updates) == 2
    assert len(block.dense._inbound_nodes) == 1

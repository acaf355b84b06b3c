"""What users write, for mypy to read: every call here must fit the signatures that checkers see.

The arguments of most layers are fields, which checkers order in their own way. `./do check` reads
this file, nobody runs it. A line that must be refused has an ignore, and mypy reports those that
aren't needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import keras
from keras import backend as K, constraints, initializers, layers, losses, metrics, regularizers
from keras.callbacks import EarlyStopping, LearningRateScheduler, ModelCheckpoint
from keras.layers import Dense, Input, Layer
from keras.models import Model, Sequential, load_model
from keras.optimizers import SGD, Adam
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import to_categorical


def names_by_the_package() -> list[Any]:
    tensor = keras.Input((keras.backend.int_shape(K.zeros((2, 3)))[1],))
    model = keras.Model(tensor, keras.layers.Dense(2)(tensor))
    model.compile(keras.optimizers.Adam(), keras.losses.mean_squared_error)
    return [model, keras.applications.ResNet50, keras.datasets.mnist, keras.utils.get_file]


def layers_by_position_and_name() -> list[Layer]:
    return [
        layers.Dense(64, "relu", kernel_regularizer=regularizers.l2(0.01)),
        layers.Dense(units=64, input_shape=(3,), name="first"),
        layers.Conv1D(64, 3, 2),
        layers.Conv2D(64, (3, 3), activation="relu", input_shape=(8, 8, 3)),
        layers.Conv2D(filters=3, kernel_size=[3, 3], strides=(2, 2), padding="same"),
        layers.Conv3D(3, 3),
        layers.Conv2DTranspose(3, (3, 3), (2, 2)),
        layers.SeparableConv2D(3, (3, 3)),
        layers.DepthwiseConv2D(3),
        layers.LocallyConnected1D(3, 3),
        layers.MaxPooling2D((2, 2), 2),
        layers.AveragePooling1D(2),
        layers.GlobalAveragePooling2D(),
        layers.ZeroPadding2D(((1, 1), (2, 2))),
        layers.UpSampling2D((2, 2)),
        layers.Embedding(1000, 64, input_length=10, mask_zero=True),
        layers.LSTM(3, return_sequences=True, input_shape=(10, 2)),
        layers.LSTM(3, "tanh", "sigmoid"),
        layers.GRU(3, reset_after=True),
        layers.SimpleRNN(3, dropout=0.5),
        layers.ConvLSTM2D(3, 3, return_sequences=True),
        layers.CuDNNLSTM(3, return_state=True),
        layers.RNN(layers.LSTMCell(3), return_sequences=True),
        layers.RNN([layers.LSTMCell(3), layers.GRUCell(3)]),
        layers.Bidirectional(layers.LSTM(3), merge_mode="concat"),
        layers.TimeDistributed(layers.Dense(3)),
        layers.BatchNormalization(axis=1, momentum=0.9),
        layers.Dropout(0.5, noise_shape=(None, 1)),
        layers.Lambda(lambda t: t * 2),
        layers.Reshape((3, -1)),
        layers.Permute((2, 1)),
        layers.LeakyReLU(0.1),
        layers.PReLU(shared_axes=[1, 2]),
        layers.ReLU(6.0),
        layers.Concatenate(axis=1),
        layers.Dot(axes=1, normalize=True),
        layers.Masking(mask_value=0.0),
    ]


def refused() -> None:
    layers.Dense()  # type: ignore[call-arg]
    layers.Dense(3, no_such_argument=1)  # type: ignore[call-arg]
    layers.LSTM()  # type: ignore[call-arg]
    layers.LSTM(3, return_sequences="yes")  # type: ignore[arg-type]
    layers.Embedding(1000)  # type: ignore[call-arg]
    layers.Conv2D(3)  # type: ignore[call-arg]


class Scaled(Layer):
    """A layer of the user's own, with a constructor."""

    def __init__(self, factor: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=(1,), initializer="ones")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale * self.factor + K.epsilon()


class Own(Model):
    """A model of the user's own."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.dense = Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


def a_script() -> None:
    x = Input(shape=(3,))
    y = Scaled(2.0, name="scaled")(Dense(64, activation="relu")(x))
    model = Model(inputs=x, outputs=y)
    model = Model(x, [y, y], name="two")
    model.compile(optimizer=SGD(0.1, momentum=0.9, nesterov=True), loss="mse", metrics=["mae"])
    model.compile(Adam(1e-3), {"a": losses.mse}, loss_weights=[1.0, 2.0])
    history = model.fit(
        np.zeros((3, 3)),
        to_categorical([0, 1], num_classes=2),
        batch_size=3,
        epochs=2,
        callbacks=[
            EarlyStopping(monitor="val_loss", patience=2),
            ModelCheckpoint("best.h5", save_best_only=True),
            LearningRateScheduler(lambda epoch: 0.1),
        ],
    )
    print_loss: list[float] = history.history["loss"]
    stack = Sequential([Dense(3, input_dim=3), Dense(2)])
    stack.add(Dense(len(print_loss)))
    stack.summary()
    load_model("best.h5", custom_objects={"Scaled": Scaled})
    ImageDataGenerator(rescale=1 / 255.0, horizontal_flip=True)
    Own().compile(Adam(), losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1))
    metrics.BinaryAccuracy(threshold=0.5)
    initializers.RandomNormal(stddev=0.1)
    constraints.MaxNorm(2)

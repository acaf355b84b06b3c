"""Classic Keras code: on this project, and on whatever else can be imported as a Keras."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..workloads import Array, Workload

if TYPE_CHECKING:
    import keras
else:
    keras = importlib.import_module(os.environ.get("BENCHMARKS_KERAS", "keras"))

L: Any = keras.layers


def mlp(features: int, width: int, rate: float) -> Any:
    model = keras.Sequential()
    model.add(L.Dense(width, activation="relu", input_shape=(features,)))
    model.add(L.Dropout(rate))
    model.add(L.Dense(width, activation="relu"))
    model.add(L.Dropout(rate))
    model.add(L.Dense(10, activation="softmax"))
    return model


def cnn() -> Any:
    model = keras.Sequential()
    model.add(L.Conv2D(32, 3, padding="same", activation="relu", input_shape=(32, 32, 3)))
    model.add(L.Conv2D(32, 3, activation="relu"))
    model.add(L.MaxPooling2D())
    model.add(L.Dropout(0.25))
    model.add(L.Conv2D(64, 3, padding="same", activation="relu"))
    model.add(L.Conv2D(64, 3, activation="relu"))
    model.add(L.MaxPooling2D())
    model.add(L.Dropout(0.25))
    model.add(L.Flatten())
    model.add(L.Dense(512, activation="relu"))
    model.add(L.Dropout(0.5))
    model.add(L.Dense(10, activation="softmax"))
    return model


def lstm() -> Any:
    model = keras.Sequential()
    model.add(L.Embedding(20_000, 128, input_length=80))
    model.add(L.LSTM(128))
    model.add(L.Dense(1, activation="sigmoid"))
    return model


def resnet20() -> Any:
    def convolved(x: Any, filters: int, strides: int = 1) -> Any:
        x = L.Conv2D(filters, 3, strides=strides, padding="same")(x)
        return L.BatchNormalization()(x)

    inputs = L.Input((32, 32, 3))
    x = L.Activation("relu")(convolved(inputs, 16))
    for filters, first in ((16, 1), (32, 2), (64, 2)):
        for strides in (first, 1, 1):
            y = L.Activation("relu")(convolved(x, filters, strides))
            y = convolved(y, filters)
            if strides == 2:
                x = L.Conv2D(filters, 1, strides=2, padding="same")(x)
            x = L.Activation("relu")(L.add([x, y]))
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, L.Dense(10, activation="softmax")(x))


def gru_stack() -> Any:
    model = keras.Sequential()
    model.add(L.GRU(64, reset_after=True, return_sequences=True, input_shape=(50, 32)))
    model.add(L.GRU(64, reset_after=True))
    model.add(L.Dense(10, activation="softmax"))
    return model


def bilstm() -> Any:
    model = keras.Sequential()
    model.add(L.Embedding(20_000, 128, input_length=80))
    model.add(L.Bidirectional(L.LSTM(64)))
    model.add(L.Dense(1, activation="sigmoid"))
    return model


def convlstm() -> Any:
    model = keras.Sequential()
    model.add(
        L.ConvLSTM2D(16, 3, padding="same", return_sequences=True, input_shape=(10, 24, 24, 1))
    )
    model.add(L.ConvLSTM2D(16, 3, padding="same"))
    model.add(L.GlobalAveragePooling2D())
    model.add(L.Dense(10, activation="softmax"))
    return model


def separable_cnn() -> Any:
    model = keras.Sequential()
    model.add(L.Conv2D(32, 3, padding="same", activation="relu", input_shape=(32, 32, 3)))
    model.add(L.SeparableConv2D(64, 3, padding="same", activation="relu"))
    model.add(L.MaxPooling2D())
    model.add(L.SeparableConv2D(128, 3, padding="same", activation="relu"))
    model.add(L.MaxPooling2D())
    model.add(L.GlobalAveragePooling2D())
    model.add(L.Dense(10, activation="softmax"))
    return model


NETWORKS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "tiny-mlp": (lambda: mlp(20, 64, 0.5), lambda: keras.optimizers.SGD(0.01, momentum=0.9)),
    "mnist-mlp": (lambda: mlp(784, 512, 0.2), keras.optimizers.RMSprop),
    "cifar-cnn": (cnn, keras.optimizers.RMSprop),
    "imdb-lstm": (lstm, keras.optimizers.Adam),
    "cifar-resnet20": (resnet20, keras.optimizers.Adam),
    "gru-stack": (gru_stack, keras.optimizers.Adam),
    "imdb-bilstm": (bilstm, keras.optimizers.Adam),
    "convlstm": (convlstm, keras.optimizers.Adam),
    "separable-cnn": (separable_cnn, keras.optimizers.RMSprop),
}


class Contender:
    """The `fit`, `train_on_batch` and `predict` of a Keras."""

    def __init__(self, name: str, workload: Workload) -> None:
        network, optimizer = NETWORKS[name]
        self.batch = workload.batch
        self.model = network()
        loss = "binary_crossentropy" if workload.two_classes else "categorical_crossentropy"
        self.model.compile(loss=loss, optimizer=optimizer(), metrics=["accuracy"])

    @staticmethod
    def prepare(x: Array, labels: Array) -> tuple[Array, Array]:
        return x, keras.utils.to_categorical(labels, 10) if labels.ndim == 1 else labels

    def train(self, x: Array, y: Array, go_on: Callable[[float], bool]) -> None:
        def after_epoch(epoch: int, logs: dict[str, float]) -> None:
            self.model.stop_training = not go_on(logs["loss"])

        callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)]
        self.model.fit(x, y, batch_size=self.batch, epochs=10_000, verbose=0, callbacks=callbacks)

    def train_on_batch(self, x: Array, y: Array) -> Sequence[float]:
        values: list[float] = self.model.train_on_batch(x, y)
        return values

    def predict(self, x: Array) -> Array:
        outputs: Array = self.model.predict(x, verbose=0)  # newer ones talk by default
        return outputs

"""Pictures in classic Keras code, on this project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from keras.applications import ResNet50
from keras.preprocessing.image import ImageDataGenerator

from ..images import BATCH, SIDE, WORKERS
from ..workloads import Array

L: Any = keras.layers


def cnn() -> Any:
    model = keras.Sequential()
    model.add(L.Conv2D(32, 3, activation="relu", input_shape=(SIDE, SIDE, 3)))
    model.add(L.MaxPooling2D())
    model.add(L.Conv2D(64, 3, activation="relu"))
    model.add(L.MaxPooling2D())
    model.add(L.Conv2D(64, 3, activation="relu"))
    model.add(L.GlobalAveragePooling2D())
    model.add(L.Dense(2, activation="softmax"))
    model.compile(keras.optimizers.RMSprop(), "categorical_crossentropy", metrics=["accuracy"])
    return model


class Contender:
    """`ImageDataGenerator` and `fit_generator`."""

    def __init__(self, folder: Path) -> None:
        self.resnet = ResNet50(weights=None)
        self.model = cnn()
        self.mirrored = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
        self.flow = self.mirrored.flow_from_directory(
            folder, (SIDE, SIDE), batch_size=BATCH, interpolation="bilinear"
        )
        plain = ImageDataGenerator(rescale=1 / 255).flow_from_directory(
            folder, (SIDE, SIDE), batch_size=self.flow.n, interpolation="bilinear"
        )
        self.arrays = plain[0]

    def predict(self, image: Array) -> Array:
        found: Array = self.resnet.predict(image)
        return found

    def read(self) -> int:
        enqueuer = keras.utils.OrderedEnqueuer(self.flow)
        enqueuer.start(workers=WORKERS)
        batches = enqueuer.get()
        count = sum(len(next(batches)[0]) for _ in range(len(self.flow)))
        enqueuer.stop()
        self.flow.on_epoch_end()
        return count

    def learn(self) -> float:
        history = self.model.fit_generator(self.flow, workers=WORKERS, verbose=0)
        return float(history.history["loss"][-1])

    def remembered(self) -> float:
        history = self.model.fit(*self.arrays, batch_size=BATCH, verbose=0)
        return float(history.history["loss"][-1])

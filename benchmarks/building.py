"""What it takes to have a model: the import, and models of many layers, built and compiled.

    python -m benchmarks.building '{"seconds": 1}'

These figures have limits of their own, in seconds, and no counterpart by hand. The import is
measured when the process starts, the rest in each round.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from .measure import Effort, Report, repeated, serve, timed

LIMITS = {"import keras": 0.25, "50 layers": 0.04, "ResNet-50": 1.0}


def fifty_layers() -> Any:
    """16 blocks of two dense layers and the way past them: 50 layers with the ends."""
    import keras

    L: Any = keras.layers
    inputs = x = L.Input((64,))
    for _ in range(16):
        x = L.add([x, L.Dense(64)(L.Dense(64, activation="relu")(x))])
    model = keras.Model(inputs, L.Dense(1)(x))
    model.compile("adam", "mse")
    return model


def resnet50() -> Any:
    """16 blocks of three convolutions with batch normalisation: 175 layers."""
    import keras

    L: Any = keras.layers

    def convolved(x: Any, filters: int, size: int, strides: int = 1, relu: bool = True) -> Any:
        x = L.Conv2D(filters, size, strides=strides, padding="same")(x)
        x = L.BatchNormalization()(x)
        return L.Activation("relu")(x) if relu else x

    inputs = L.Input((224, 224, 3))
    x = L.MaxPooling2D(3, strides=2, padding="same")(convolved(inputs, 64, 7, 2))
    for filters, blocks, strides in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(blocks):
            y = convolved(x, filters, 1, strides if i == 0 else 1)
            y = convolved(convolved(y, filters, 3), 4 * filters, 1, relu=False)
            if i == 0:
                x = convolved(x, 4 * filters, 1, strides, relu=False)
            x = L.Activation("relu")(L.add([x, y]))
    model = keras.Model(inputs, L.Dense(1000, activation="softmax")(L.GlobalAveragePooling2D()(x)))
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    return model


def reports(effort: Effort) -> Iterator[Report]:
    """The import; then the two models, as often as they are asked for."""
    yield {"import keras": timed(lambda: importlib.import_module("keras")).summary()}
    while True:
        yield {
            "50 layers": repeated(fifty_layers, effort).summary(),
            "ResNet-50": repeated(resnet50, effort).summary(),
        }


if __name__ == "__main__":
    serve(reports)

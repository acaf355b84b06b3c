"""Train a small network, or one from a file, for a few steps: `python -m ...training_of jax out.h5
[in.h5]`.

Prints the loss after each step, as JSON, and saves the model with its optimizer.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np

STEPS, BATCH = 4, 6


def network() -> Any:
    """Convolutions, what follows batches, a loop, and an optimizer with slots."""
    from keras import layers, models

    made = models.Sequential([
        layers.Conv2D(4, 3, padding="same", activation="relu", input_shape=(6, 5, 2)),
        layers.BatchNormalization(),
        layers.MaxPooling2D((1, 2), padding="same"),
        layers.TimeDistributed(layers.Flatten()),
        layers.LSTM(5, return_sequences=True),
        layers.GRU(4),
        layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    numbers = np.random.RandomState(1)
    made.set_weights([numbers.uniform(0.1, 0.4, w.shape) for w in made.get_weights()])
    made.compile("adam", "categorical_crossentropy")
    return made


def main(engine: str, saved: str, begun: str = "") -> None:
    os.environ["KERAS_BACKEND"] = engine
    from keras.models import load_model

    model = load_model(begun) if begun else network()
    numbers = np.random.RandomState(2)
    x = numbers.normal(size=(STEPS, BATCH, 6, 5, 2))
    y = np.eye(3)[numbers.randint(3, size=(STEPS, BATCH))]
    losses = [float(model.train_on_batch(*batch)) for batch in zip(x, y, strict=True)]
    model.save(saved)
    print(json.dumps(losses))  # noqa: T201  its answer


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Train a small network, and save it: `python -m ...training_of jax folder`. It writes
`folder/jax.h5`, with the optimizer.

Or go on with what others have saved: `python -m ...training_of jax folder torch theano`. It prints
the losses after each step, as JSON: a list for each of them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
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


def losses(model: Any) -> list[float]:
    """What a few steps say."""
    numbers = np.random.RandomState(2)
    x = numbers.normal(size=(STEPS, BATCH, 6, 5, 2))
    y = np.eye(3)[numbers.randint(3, size=(STEPS, BATCH))]
    return [float(model.train_on_batch(*batch)) for batch in zip(x, y, strict=True)]


def main(engine: str, folder: str, *begun: str) -> None:
    os.environ["KERAS_BACKEND"] = engine
    from keras.models import load_model

    if begun:
        found = [losses(load_model(str(Path(folder) / f"{other}.h5"))) for other in begun]
    else:
        model = network()
        found = [losses(model)]
        model.save(str(Path(folder) / f"{engine}.h5"))
    print(json.dumps(found))  # noqa: T201  its answer


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Real handwritten digits, and a small convolutional network that reads them."""

from __future__ import annotations

import numpy as np

from ..layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from ..models import Sequential
from ..utils import to_categorical

HELD_OUT = 360  # images, a fifth, that training never sees
SEED = 7

Images = tuple[np.ndarray, np.ndarray]  # (n, 8, 8, 1) from 0 to 1, and (n, 10) with a single 1


def load_data() -> tuple[Images, Images]:
    """The 1,797 images that scikit-learn brings along: those to train on, and those held out.

    The order is drawn first, always the same one: the images lie there writer by writer.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.RandomState(SEED).permutation(len(digits.target))
    x = (digits.images[order, :, :, np.newaxis] / 16).astype("float32")
    y = to_categorical(digits.target[order], 10)
    return (x[HELD_OUT:], y[HELD_OUT:]), (x[:HELD_OUT], y[:HELD_OUT])


def network() -> Sequential:
    """Three convolutions, each with batch normalization, and two dense layers; compiled."""
    model = Sequential(name="digits")
    model.add(Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(8, 8, 1)))
    model.add(BatchNormalization(momentum=0.9))
    model.add(Conv2D(32, (3, 3), padding="same", activation="relu"))
    model.add(BatchNormalization(momentum=0.9))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.25))
    model.add(Conv2D(64, (3, 3), padding="same", activation="relu"))
    model.add(BatchNormalization(momentum=0.9))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.25))
    model.add(Flatten())
    model.add(Dense(128, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model

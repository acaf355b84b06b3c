"""A training as a script that tests kill: `python resumed.py FOLDER KIND FREQUENCY SEED [BATCHES]`.

It prints its history, its final weights and the lines of its log, every bit of them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import keras
from keras.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from keras.layers import BatchNormalization, Dense, Dropout, GaussianNoise
from keras.models import Sequential, load_model

RNG = np.random.RandomState(0)
X = RNG.normal(size=(103, 6)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("float32")


class Rows(keras.utils.Sequence):
    """Noisy rows in an order that changes; it remembers how often it was asked."""

    def __init__(self, counting: bool) -> None:
        self.order = np.arange(len(X))
        self.noise = np.random.RandomState(8)
        self.counting = counting
        self.asked = 0

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> Any:
        self.asked += 1
        rows = self.order[index * 15 : (index + 1) * 15]
        width = 0.01 * self.asked if self.counting else 0.01
        noise = np.random.normal(size=(len(rows), 6)) * width
        if self.counting:
            noise += 0.01 * self.noise.normal(size=noise.shape)
        return X[rows] + noise, Y[rows]

    def on_epoch_end(self) -> None:
        np.random.shuffle(self.order)


def drawn() -> Iterator[Any]:
    """Batches by chance."""
    while True:
        rows = np.random.randint(0, len(X), size=15)
        yield X[rows], Y[rows]


class Broken(Exception):
    """The training is broken off."""


def kill() -> None:
    """End the process as a machine would that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    """End the training and not the process."""
    raise Broken


class End(Callback):
    """Ends all after some batches; below zero, before so many validations."""

    def __init__(self, after: int, end: Callable[[], None]) -> None:
        super().__init__()
        self.after, self.end = after, end
        self.seen = self.tests = 0

    def get_state(self) -> None:
        """It has none."""

    def set_state(self, state: None) -> None:
        """It has none."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1
        if self.seen == self.after:
            self.end()

    def on_test_begin(self, logs: Any = None) -> None:
        self.tests += 1
        if self.tests == -self.after:
            self.end()


class Memory(Callback):
    """A callback of the user's own, with plain attributes."""

    def __init__(self, draws: bool) -> None:
        super().__init__()
        self.losses: list[float] = []
        self.drawing = draws
        self.draws = 0.0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.losses.append(logs["loss"])
        self.draws += float(np.random.random()) if self.drawing else 0.0


def data(kind: str) -> dict[str, Any]:
    """The arguments of `fit`."""
    if kind == "arrays":
        return {"x": X, "y": Y, "batch_size": 15, "validation_split": 0.2}
    if kind == "unshuffled":
        return {"x": X, "y": Y, "batch_size": 15, "shuffle": False, "validation_split": 0.2}
    if kind == "whole":
        return {"x": X, "y": Y, "steps_per_epoch": 4, "validation_data": (X, Y)}
    if kind == "generator":
        return {
            "x": drawn(),
            "steps_per_epoch": 7,
            "validation_data": drawn(),
            "validation_steps": 2,
            "workers": 0,
        }
    if kind == "generator in a thread":
        return {"x": drawn(), "steps_per_epoch": 7, "validation_data": (X, Y)}
    if kind == "sequence in parts":
        return {"x": Rows(True), "steps_per_epoch": 4, "validation_data": Rows(True), "workers": 0}
    workers, processes = {"sequence": (0, False), "thread": (1, False), "processes": (2, True)}[
        kind
    ]
    return {
        "x": Rows(not processes),
        "validation_data": (X, Y),
        "workers": workers,
        "use_multiprocessing": processes,
    }


def train(
    folder: Path, kind: str, frequency: Any, seed: int, after: int = 0, end: Any = kill
) -> dict[str, Any]:
    """Train, up to some number of batches; the bits of all that comes of it."""
    folder.mkdir(exist_ok=True)
    keras.backend.eval(keras.backend.zeros((1,)))  # an engine may draw while it is loaded
    np.random.seed(seed)
    model = Sequential(
        [
            Dense(16, activation="relu", input_shape=(6,)),
            BatchNormalization(),
            Dropout(0.3),
            GaussianNoise(0.1),
            Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["acc"])
    # The thread of a generator draws all the time: nobody else may then.
    memory, log = Memory(draws=kind != "generator in a thread"), folder / "log.csv"
    logger = CSVLogger(log)
    file = str(folder / "best.h5")
    try:
        history = model.fit(
            **data(kind),
            epochs=5,
            verbose=0,
            callbacks=[
                BackupAndRestore(folder, frequency),
                End(after, end),
                memory,
                ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.05),
                ModelCheckpoint(file, monitor="loss", save_best_only=True),
                logger,
                EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True),
            ],
        )
    finally:
        logger.on_train_end()  # closes the file
    load_model(file)
    return {
        "history": {k: [float(v).hex() for v in vs] for k, vs in sorted(history.history.items())},
        "epochs": history.epoch,
        "weights": [w.tobytes().hex() for w in model.get_weights()],
        "memory": [float(v).hex() for v in (*memory.losses, memory.draws)],
        "log": log.read_text(),
        # A process killed while it writes leaves a hidden file; the whole one stays where it was.
        "left": sorted(p.name for p in folder.glob("[!.]*")),
    }


if __name__ == "__main__":
    place, kind_, frequency_, seed_, *after_ = sys.argv[1:]
    often = frequency_ if frequency_ == "epoch" else int(frequency_)
    made = train(Path(place), kind_, often, int(seed_), *map(int, after_))
    sys.stdout.write(json.dumps(made))

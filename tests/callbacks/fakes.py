"""A model that only holds what callbacks touch, and a loop that only tells what they hear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from keras import backend as K
from keras.callbacks import CallbackList


class FakeModel:
    """Weights that a test sets, a learning rate, and a record of what was saved."""

    def __init__(self, lr: float = 0.1) -> None:
        self.stop_training = False
        self.optimizer = SimpleNamespace(lr=K.variable(lr))
        self.weights = [np.zeros(1)]
        self.saved: list[tuple[str, bool]] = []  # path, whether only the weights

    def get_weights(self) -> list[np.ndarray]:
        return [w.copy() for w in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = [w.copy() for w in weights]

    def save(self, path: str, overwrite: bool = True) -> None:
        self.saved.append((path, False))

    def save_weights(self, path: str, overwrite: bool = True) -> None:
        self.saved.append((path, True))

    @property
    def rate(self) -> float:
        return float(K.get_value(self.optimizer.lr))


def train(
    callbacks: Any,
    epochs: Sequence[dict[str, Any]],
    model: Any = None,
    step: Callable[[int], None] = lambda epoch: None,
    **params: Any,
) -> int:
    """Train for epochs that end with these logs; the number of epochs that it took."""
    model = FakeModel() if model is None else model
    listed = CallbackList(callbacks)
    listed.set_model(model)
    listed.set_params({"epochs": len(epochs), "verbose": 0, **params})
    listed.on_train_begin()
    done = 0
    for epoch, logs in enumerate(epochs):
        listed.on_epoch_begin(epoch, {})
        step(epoch)
        listed.on_epoch_end(epoch, dict(logs))
        done += 1
        if model.stop_training:
            break
    listed.on_train_end()
    return done


def losses(*values: float, name: str = "val_loss") -> list[dict[str, float]]:
    """Logs of epochs with one number each."""
    return [{name: value} for value in values]

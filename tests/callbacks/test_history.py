"""History and BaseLogger."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from keras.callbacks import BaseLogger, Callback, CallbackList, History
from tests.callbacks.fakes import train


def test_history_holds_a_number_for_each_epoch() -> None:
    history = History()
    train([history], [{"loss": 3.0, "acc": 0.1}, {"loss": 2.0, "acc": 0.2}])
    assert history.epoch == [0, 1]
    assert history.history == {"loss": [3.0, 2.0], "acc": [0.1, 0.2]}
    assert history.history["accuracy"] == [0.1, 0.2]
    assert history.params["epochs"] == 2


def test_a_second_training_begins_anew() -> None:
    history = History()
    for _ in range(2):
        train([history], [{"loss": 1.0}])
    assert history.history == {"loss": [1.0]}


def test_what_other_callbacks_add_is_noted_and_numpy_numbers_are_plain() -> None:
    class Rate(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["lr"] = np.float32(0.5)

    history = History()
    train([Rate(), history], [{"loss": np.float32(1.0)}])
    assert json.dumps(history.history) == '{"loss": [1.0], "lr": [0.5]}'


def test_base_logger_weighs_by_samples() -> None:
    listed = CallbackList([BaseLogger(stateful_metrics=["acc"])])
    listed.set_params({"metrics": ["loss", "acc", "val_loss"]})
    logs: dict[str, Any] = {}
    seen: list[Any] = []
    listed.append(
        type("Seen", (Callback,), {"on_epoch_end": lambda s, e, logs: seen.append(logs)})()
    )
    for _ in range(2):  # the second epoch knows nothing of the first
        listed.on_epoch_begin(0, logs)
        listed.on_batch_end(0, {"batch": 0, "size": 3, "loss": 1.0, "acc": 0.2})
        listed.on_batch_end(1, {"batch": 1, "size": 1, "loss": 5.0, "acc": 0.6})
        listed.on_epoch_end(0, {})
    assert seen == [{"loss": 2.0, "acc": 0.6}] * 2

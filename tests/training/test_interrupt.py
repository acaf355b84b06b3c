"""Ctrl-C while training."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from keras.callbacks import Callback
from keras.layers import Dense
from keras.models import Sequential
from keras.training.interrupt import WholeSteps


class PressCtrlC(Callback):
    """Sends the signal that Ctrl-C sends, at the end of a batch."""

    def on_batch_end(self, batch: int, logs: object = None) -> None:
        if batch == 2:
            os.kill(os.getpid(), signal.SIGINT)


def test_training_stops_and_the_model_is_usable() -> None:
    model = Sequential([Dense(3, input_shape=(4,))])
    model.compile("adam", "mse")
    x, y = np.ones((64, 4)), np.ones((64, 3))
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[PressCtrlC()])
    assert int(model.optimizer.get_weights()[0]) == 3
    assert np.isfinite(model.predict(x)).all()
    model.fit(x, y, verbose=0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_step_is_not_left_half_done() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), WholeSteps() as whole:
        whole.busy = True
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the rest of the step")
        whole.rest()
        reached.append("the next step")
    assert reached == ["the rest of the step"]


def test_a_second_interrupt_counts_at_once() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), WholeSteps() as whole:
        whole.busy = True
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("never")
    assert not reached


def test_a_handler_of_the_users_own_is_left_alone() -> None:
    def own(number: int, frame: object) -> None:
        calls.append(number)

    calls: list[int] = []
    before = signal.signal(signal.SIGINT, own)
    try:
        with WholeSteps() as whole:
            whole.busy = True
            os.kill(os.getpid(), signal.SIGINT)
            whole.rest()
    finally:
        signal.signal(signal.SIGINT, before)
    assert calls == [signal.SIGINT]


def test_a_checkpoint_interrupted_leaves_the_last_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keras.models import load_model

    model = Sequential([Dense(3, input_shape=(4,))])
    model.compile("adam", "mse")
    path = tmp_path / "model.h5"
    model.save(str(path))
    before = model.get_weights()
    model.set_weights([w + 1 for w in before])

    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.save(str(path))
    monkeypatch.undo()
    for saved, kept in zip(load_model(str(path)).get_weights(), before, strict=True):
        np.testing.assert_array_equal(saved, kept)
    assert [p.name for p in tmp_path.iterdir()] == ["model.h5"]

"""Hooks: who hears what, in which order, and what it costs when nobody listens."""

from __future__ import annotations

import inspect
import time
from typing import Any

import pytest

from keras import callbacks
from keras.callbacks import Callback, CallbackList, EarlyStopping, LambdaCallback
from keras.callbacks.base import HOOKS, KNOWN_HOOKS


class Recorder(Callback):
    """Notes each hook that is called, under a name."""

    def __init__(self, name: str, heard: list[str]) -> None:
        super().__init__()
        self.name, self.heard = name, heard

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.heard.append(f"{self.name} epoch_end {epoch}")

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        self.heard.append(f"{self.name} batch_end {batch}")


def test_callbacks_are_called_in_the_order_of_the_list() -> None:
    heard: list[str] = []
    listed = CallbackList([Recorder("a", heard), Recorder("b", heard)])
    listed.append(Recorder("c", heard))
    listed.on_batch_end(0, {})
    listed.on_epoch_end(4, {})
    assert heard == [f"{n} {what}" for what in ("batch_end 0", "epoch_end 4") for n in "abc"]


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_batch_end"])
def test_old_and_new_names_of_batch_hooks_reach_both_kinds_of_callbacks(hook: str) -> None:
    heard: list[str] = []

    class Old(Callback):
        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            heard.append("old")

    class New(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            heard.append("new")

    class Both(Old):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            heard.append("both")
            super().on_train_batch_end(batch, logs)

    getattr(CallbackList([Old(), New(), Both()]), hook)(0, {})
    assert heard == ["old", "new", "both", "old"]


def test_every_hook_is_called_once_with_its_arguments() -> None:
    heard: list[Any] = []
    hooks = {h: lambda *args, h=h: heard.append((h, *args)) for h in HOOKS}
    listed = CallbackList([LambdaCallback(**hooks)])
    logs = {"size": 3}
    for hook in HOOKS:
        numbered = "epoch" in hook or "batch" in hook
        getattr(listed, hook)(*([7, logs] if numbered else [logs]))
    assert [entry[0] for entry in heard] == list(HOOKS)
    assert all(entry[-1] == logs for entry in heard)
    assert {entry[1] for entry in heard if len(entry) == 3} == {7}


def test_signatures_are_the_classic_ones() -> None:
    for hook in KNOWN_HOOKS:
        number = ["epoch"] if "epoch" in hook else ["batch"] if "batch" in hook else []
        for owner in (Callback, CallbackList):
            function = getattr(owner, hook)
            assert list(inspect.signature(function).parameters) == ["self", *number, "logs"]
            assert function.__doc__
            assert function.__name__ == hook


def test_only_those_who_wrote_a_hook_are_listed() -> None:
    listed = CallbackList([Callback(), EarlyStopping(), Recorder("a", [])])
    assert len(listed.listeners["on_epoch_end"]) == 2
    assert listed.listens("train")
    assert not listed.listens("test")
    assert not listed.listens("predict")
    assert not CallbackList([Callback(), EarlyStopping(), callbacks.History()]).listens_to_batches


def test_hooks_set_on_an_instance_are_heard_from_the_next_beginning() -> None:
    heard = []
    callback = Callback()
    listed = CallbackList([callback])
    callback.on_batch_end = lambda batch, logs: heard.append(batch)  # type: ignore[method-assign]
    assert not listed.listens()
    listed.on_train_begin()
    assert listed.listens()
    listed.on_batch_end(5)
    assert heard == [5]


def test_model_and_parameters_reach_everybody() -> None:
    first, second = Callback(), Callback()
    listed = CallbackList([first, second])
    model, params = object(), {"epochs": 2}
    listed.set_model(model)
    listed.set_params(params)
    assert first.model is second.model is listed.model is model
    assert first.params is second.params is params
    assert list(listed) == [first, second]
    assert len(listed) == 2


def test_one_callback_may_stand_alone_and_none_is_none() -> None:
    alone = EarlyStopping()
    assert list(CallbackList(alone)) == [alone]
    assert list(CallbackList()) == []


def test_any_object_with_hooks_will_do() -> None:
    class Foreign:
        def __init__(self) -> None:
            self.heard: list[int] = []

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.heard.append(batch)

    foreign = Foreign()
    CallbackList([foreign]).on_train_batch_end(3)
    assert foreign.heard == [3]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (EarlyStopping, r"got the class `EarlyStopping`; write `EarlyStopping\(...\)`"),
        (print, r"LambdaCallback\(on_epoch_end=function\)"),
        ("History", "`callbacks` holds `keras.callbacks.Callback`s, got 'History'"),
    ],
)
def test_what_is_no_callback_is_named(wrong: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        CallbackList([wrong])


class Unread(dict[str, Any]):
    """Logs that must not be looked at."""

    def __getitem__(self, *name: Any) -> Any:
        raise AssertionError("somebody looked")

    get = __contains__ = keys = items = values = __iter__ = __len__ = __getitem__  # type: ignore[assignment]


def test_nobody_looks_at_logs_for_those_who_do_not() -> None:
    heard: list[str] = []
    listed = CallbackList([Recorder("a", heard), callbacks.History()])
    listed.on_train_batch_end(0, Unread())
    listed.on_test_batch_end(0, Unread())
    assert heard == ["a batch_end 0"]
    with pytest.raises(AssertionError, match="looked"):
        callbacks.TerminateOnNaN().on_batch_end(0, Unread())


def test_logs_of_an_epoch_are_found_in_either_spelling_and_shared() -> None:
    seen = []

    class Adds(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["extra"] = 1

    class Asks(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append((logs.get("acc"), logs["val_acc"], logs["extra"], list(logs)))

    CallbackList([Adds(), Asks()]).on_epoch_end(0, {"accuracy": 0.5, "val_accuracy": 0.4})
    assert seen == [(0.5, 0.4, 1, ["accuracy", "val_accuracy", "extra"])]


def test_a_hook_that_nobody_wrote_costs_next_to_nothing() -> None:
    listed = CallbackList([EarlyStopping(), callbacks.History()])
    logs: dict[str, Any] = {}
    began = time.perf_counter()
    for batch in range(10_000):
        listed.on_train_batch_begin(batch, logs)
        listed.on_train_batch_end(batch, logs)
    assert time.perf_counter() - began < 0.1  # 5 µs for a pair would be ten times too much


def test_slow_callbacks_are_told_of_once() -> None:
    def wait(batch: int, logs: Any) -> None:
        listed.pace.left -= 0.001  # the batch itself takes next to nothing
        time.sleep(0.11)

    listed = CallbackList([LambdaCallback(on_batch_end=wait)], queue_length=2)
    listed.on_batch_end(0)
    with pytest.warns(RuntimeWarning, match=r"callbacks take 0\.1\d s a batch"):
        listed.on_batch_end(1)
    listed.on_batch_end(2)


def test_waiting_for_the_device_is_not_blamed_on_callbacks() -> None:
    class Late(dict[str, Any]):
        """The device takes its time with the first look."""

        waited = False

        def __len__(self) -> int:
            if not self.waited:
                self.waited = True
                time.sleep(0.11)
            return 1

    listed = CallbackList([LambdaCallback(on_batch_end=lambda n, logs: len(logs))], queue_length=2)
    for batch in range(4):  # a warning would be an error
        listed.on_batch_end(batch, Late())

"""ProgbarLogger: as a listener in any loop, and moved by a loop that reads its numbers seldom."""

from __future__ import annotations

from typing import Any

import pytest

from keras.callbacks import CallbackList, LambdaCallback, ProgbarLogger


class Lazy(dict[str, Any]):
    """Logs that count how often somebody looks at more than the size."""

    looks = 0

    def get(self, name: str, default: Any = None) -> Any:
        if name != "size":
            Lazy.looks += 1
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        Lazy.looks += 1
        return super().__contains__(name)

    def __len__(self) -> int:
        Lazy.looks += 1
        return super().__len__()


def started(bar: ProgbarLogger, **params: Any) -> CallbackList:
    callbacks = CallbackList([bar])
    callbacks.set_params({"epochs": 3, "verbose": 1, "metrics": ["loss", "val_loss"], **params})
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    return callbacks


@pytest.mark.parametrize(
    ("mode", "params", "unit"),
    [
        ("samples", {"samples": 6, "steps": None}, "sample"),
        ("steps", {"samples": None, "steps": 2}, "step"),
    ],
)
def test_as_a_listener(
    mode: str, params: dict[str, Any], unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    callbacks = started(ProgbarLogger(mode), **params)
    for batch in range(2):
        callbacks.on_batch_end(batch, {"size": 3, "loss": 1.0})
    callbacks.on_epoch_end(0, {"loss": 0.5, "val_loss": 2.0, "lr": 0.1})
    title, begun, line = capsys.readouterr().out.splitlines()
    target = params["samples"] or params["steps"]
    assert title == "Epoch 1/3"
    assert begun.startswith(f"{target // 2}/{target} [===")
    assert line.startswith(f"{target}/{target} [{'=' * 30}] - 0s ")
    assert line.endswith(f"us/{unit} - loss: 0.5000 - val_loss: 2.0000")


def test_without_means_it_shows_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    callbacks = started(ProgbarLogger(), samples=4)
    for batch, loss in enumerate((1.0, 4.0)):
        callbacks.on_batch_end(batch, {"size": 3 if loss > 1 else 1, "loss": loss})
    callbacks.on_epoch_end(0)
    assert capsys.readouterr().out.endswith("loss: 3.2500\n")


def test_lazy_numbers_are_not_read_for_a_bar_that_is_not_due(
    capsys: pytest.CaptureFixture[str],
) -> None:
    callbacks = started(ProgbarLogger(), samples=100)
    callbacks.on_batch_end(0, {"size": 0, "loss": 1.0})  # the first sign of life is shown at once
    Lazy.looks = 0
    for batch in range(100):
        callbacks.on_batch_end(batch, Lazy(size=1, loss=1.0))
    assert Lazy.looks == 0  # not in a terminal: nothing is due within a minute
    callbacks.on_epoch_end(0, {"loss": 7.0})
    assert capsys.readouterr().out.endswith("us/sample - loss: 7.0000\n")


def test_moved_by_the_loop(capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[int] = []
    callbacks = CallbackList([ProgbarLogger()])
    bar = callbacks.take_bar()
    assert not callbacks.listens()
    callbacks.append(LambdaCallback(on_batch_end=lambda batch, logs: heard.append(batch)))
    callbacks.set_params({"epochs": 1, "verbose": 1, "samples": 4, "metrics": ["loss"]})
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.on_batch_end(0, {"size": 2, "loss": 1.0})
    assert bar.seen == 0, "the batch hook was not for the bar"
    assert bar.due(), "the first sign of life"
    bar.show(2, {"loss": 3.0})
    assert not bar.due(), "not in a terminal"
    callbacks.on_epoch_end(0, {"loss": 2.0})
    assert heard == [0]
    first, *_, last = capsys.readouterr().out.splitlines()
    assert (first, last.partition("loss")[2]) == ("Epoch 1/1", ": 2.0000")


def test_there_may_be_no_bar() -> None:
    assert CallbackList([LambdaCallback()]).take_bar() is None


def test_an_epoch_that_ends_early_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    callbacks = started(ProgbarLogger(), samples=100)
    callbacks.on_batch_end(0, {"size": 30, "loss": 1.0})
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.splitlines()[1].startswith(" 30/100 [========>")


def test_an_unknown_number_of_samples(capsys: pytest.CaptureFixture[str]) -> None:
    callbacks = started(ProgbarLogger("steps"), steps=None)
    callbacks.on_batch_end(0, {"size": 30, "loss": 1.0})
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.splitlines()[1].startswith("      1/Unknown - 0s ")


@pytest.mark.parametrize("kind", ["test", "predict"])
def test_evaluate_and_predict_have_a_bar_without_a_title(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    callbacks = CallbackList([ProgbarLogger()])
    callbacks.set_params({"verbose": 1, "samples": 6, "metrics": ["loss"]})
    getattr(callbacks, f"on_{kind}_begin")()
    for batch in range(2):
        getattr(callbacks, f"on_{kind}_batch_end")(batch, {"size": 3})
    getattr(callbacks, f"on_{kind}_end")({"loss": 0.5})
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"6/6 [{'=' * 30}] - 0s ")
    assert line.endswith(" - loss: 0.5000") is (kind == "test")


def test_a_validation_within_the_training_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    callbacks = started(ProgbarLogger(), samples=3)
    callbacks.on_batch_end(0, {"size": 3, "loss": 1.0})
    callbacks.on_test_begin()
    callbacks.on_test_batch_end(0, {"size": 9, "loss": 8.0})
    callbacks.on_test_end({"loss": 8.0})
    callbacks.on_epoch_end(0, {"loss": 1.0, "val_loss": 8.0})
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("verbose", [0, 2])
def test_quiet(verbose: int, capsys: pytest.CaptureFixture[str]) -> None:
    callbacks = started(ProgbarLogger(), samples=3, verbose=verbose)
    callbacks.on_batch_end(0, {"size": 3, "loss": 1.0})
    callbacks.on_epoch_end(0, {"loss": 1.0})
    callbacks.on_train_end()
    callbacks.on_test_begin()
    callbacks.on_test_end({"loss": 1.0})
    expected = "Epoch 1/3\n - 0s - loss: 1.0000\n" if verbose else ""
    assert capsys.readouterr().out == expected


def test_it_counts_samples_or_steps() -> None:
    with pytest.raises(ValueError, match="counts 'samples' or 'steps', got `count_mode='batches'`"):
        ProgbarLogger("batches")

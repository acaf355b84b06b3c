"""What a callback is, and how the training loop calls many of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

from ..caller import warn
from ..configured import near_misses
from .spelling import EitherSpelling

Logs = dict[str, Any]

BATCH_HOOKS = tuple(
    f"on_{kind}_batch_{moment}"
    for kind in ("train", "test", "predict")
    for moment in ("begin", "end")
)
HOOKS = (
    "on_train_begin",
    "on_train_end",
    "on_test_begin",
    "on_test_end",
    "on_predict_begin",
    "on_predict_end",
    "on_epoch_begin",
    "on_epoch_end",
    *BATCH_HOOKS,
)
# A hook that nobody wrote hands over to its older name.
OLDER = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}
KNOWN_HOOKS = (*HOOKS, *OLDER.values())


class Callback:
    """What happens beside the training: override the hooks that you need.

    `self.model` is the model that is trained, `self.params` a dictionary (`epochs`, `steps`,
    `samples`, `batch_size`, `verbose`, `do_validation`, `metrics`), `self.validation_data` the list
    of validation arrays. `self.model.stop_training = True` ends the training after this batch or
    epoch.

    `logs` holds the numbers so far. Those of a batch (its own loss, `batch`, `size`) are read from
    the device when they are looked at; a hook that doesn't look costs nothing.
    """

    model: Any = None
    params: dict[str, Any]
    validation_data: Any = None

    def __init__(self) -> None:
        self.model = None
        self.params = {}
        self.validation_data = None

    def set_params(self, params: dict[str, Any]) -> None:
        """What the training is about: epochs, steps, samples, metrics, ..."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """The model that is trained."""
        self.model = model

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before the first batch of an epoch; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After the last batch and the validation; `logs` holds the numbers of the epoch."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a training batch: the older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a training batch: the older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a training batch; batches count from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a training batch."""
        self.on_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of `evaluate`, or of the validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of `evaluate`, or of the validation."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of `predict`."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before `evaluate`, or the validation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After `evaluate`, or the validation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Before `predict`."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """After `predict`."""


def _written(callback: Any, hook: str) -> Callable[..., None] | None:
    """The hook if the callback has one of its own, in its class or set on the instance."""
    found = getattr(callback, hook, None)
    inherited = getattr(type(callback), hook, None) is getattr(Callback, hook)
    return None if inherited and hook not in vars(callback) else found


def _listener(callback: Any, hook: str) -> Callable[..., None] | None:
    """What to call for a hook; nothing if the callback doesn't care."""
    own = _written(callback, hook)
    return own if own is not None or hook not in OLDER else _written(callback, OLDER[hook])


def _phase(hook: str) -> Callable[..., None]:
    def call(self: CallbackList, logs: Logs | None = None) -> None:
        self.refresh()  # a callback may have got hooks of its own meanwhile, in `set_model` perhaps
        logs = {} if logs is None else logs
        for listener in self.listeners[hook]:
            listener(logs)

    return _named(call, hook)


def _epoch(hook: str) -> Callable[..., None]:
    def call(self: CallbackList, epoch: int, logs: Logs | None = None) -> None:
        self.refresh()
        logs = EitherSpelling.of(logs)
        for listener in self.listeners[hook]:
            listener(epoch, logs)

    return _named(call, hook)


def _batch(hook: str, listens: str = "") -> Callable[..., None]:
    """`listens`: the hook that is really called, if `hook` is an older name."""
    name, ends = listens or hook, hook.endswith("end")

    def call(self: CallbackList, batch: int, logs: Logs | None = None) -> None:
        listeners = self.listeners[name]
        if not listeners:
            return
        logs = {} if logs is None else logs
        began = self.pace.begin(logs)
        for listener in listeners:
            listener(batch, logs)
        self.pace.end(began, ends)

    return _named(call, hook)


def _named(call: Callable[..., None], hook: str) -> Callable[..., None]:
    call.__name__, call.__qualname__ = hook, f"CallbackList.{hook}"
    call.__doc__ = getattr(Callback, hook).__doc__
    return call


class CallbackList:
    """Callbacks that are called one after the other, in the order of the list.

    Which of them listen to which hook is known beforehand, so that a hook which nobody wrote costs
    nothing; `listens` tells the training loop so. A warning is given when the hooks take longer
    than the training itself in most of the last `queue_length` batches.
    """

    def __init__(self, callbacks: Any = None, queue_length: int = 10) -> None:
        if callbacks is None:
            callbacks = []
        elif not isinstance(callbacks, Iterable):
            callbacks = [callbacks]
        self.callbacks: list[Any] = [_checked(callback) for callback in callbacks]
        self.queue_length = queue_length
        self.pace = Pace(queue_length)
        self.params: dict[str, Any] = {}
        self.model: Any = None
        self.listeners: dict[str, list[Callable[..., None]]] = {}
        self._bar: Any = None
        self.refresh()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.callbacks)

    def __len__(self) -> int:
        return len(self.callbacks)

    def append(self, callback: Any) -> None:
        """Add a callback, to be called last."""
        self.callbacks.append(_checked(callback))
        self.refresh()

    def set_params(self, params: dict[str, Any]) -> None:
        """Tell all callbacks what the training is about."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Tell all callbacks which model is trained."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)
        self.refresh()

    def refresh(self) -> None:
        """See anew who listens to what."""
        for hook in HOOKS:
            found = (_listener(callback, hook) for callback in self._listening(hook))
            self.listeners[hook] = [listener for listener in found if listener is not None]

    def _listening(self, hook: str) -> Iterator[Any]:
        moved = self._bar if hook in BATCH_HOOKS else None
        return (callback for callback in self.callbacks if callback is not moved)

    def listens(self, kind: str = "train") -> bool:
        """Whether any callback listens to the batches of "train", "test" or "predict"."""
        return bool(
            self.listeners[f"on_{kind}_batch_begin"] or self.listeners[f"on_{kind}_batch_end"]
        )

    @property
    def listens_to_batches(self) -> bool:
        """Whether any callback listens to the batches of the training."""
        return self.listens("train")

    def take_bar(self) -> Any:
        """The progress bar, or `None`. The caller moves it from now on; it listens to no batches.

        A loop asks `bar.due()` after each batch, and only then collects what `bar.show` wants.
        """
        from .progress import ProgbarLogger

        bars = (callback for callback in self.callbacks if isinstance(callback, ProgbarLogger))
        self._bar = next(bars, None)
        self.refresh()
        return self._bar

    on_train_begin = _phase("on_train_begin")
    on_train_end = _phase("on_train_end")
    on_test_begin = _phase("on_test_begin")
    on_test_end = _phase("on_test_end")
    on_predict_begin = _phase("on_predict_begin")
    on_predict_end = _phase("on_predict_end")
    on_epoch_begin = _epoch("on_epoch_begin")
    on_epoch_end = _epoch("on_epoch_end")
    on_batch_begin = _batch("on_batch_begin", "on_train_batch_begin")
    on_batch_end = _batch("on_batch_end", "on_train_batch_end")
    on_train_batch_begin = _batch("on_train_batch_begin")
    on_train_batch_end = _batch("on_train_batch_end")
    on_test_batch_begin = _batch("on_test_batch_begin")
    on_test_batch_end = _batch("on_test_batch_end")
    on_predict_batch_begin = _batch("on_predict_batch_begin")
    on_predict_batch_end = _batch("on_predict_batch_end")


def _checked(callback: Any) -> Any:
    """The callback, if it is one."""
    if isinstance(callback, type):
        raise TypeError(
            f"`callbacks` holds objects, got the class `{callback.__name__}`; write "
            f"`{callback.__name__}(...)`."
        )
    if not isinstance(callback, Callback) and not any(hasattr(callback, h) for h in KNOWN_HOOKS):
        raise TypeError(
            f"`callbacks` holds `keras.callbacks.Callback`s, got {callback!r}. A function becomes "
            "one by `LambdaCallback(on_epoch_end=function)`."
        )
    return callback


def check_hook(owner: str, name: str) -> None:
    """Complain about a name that looks like a hook but is none."""
    if name.startswith("on_") and name not in KNOWN_HOOKS:
        raise TypeError(f"`{owner}` knows no hook `{name}`{near_misses(name, KNOWN_HOOKS)}")


class Pace:
    """Notices hooks that take longer than the batches they belong to."""

    NOTICEABLE = 0.1  # seconds a batch

    def __init__(self, batches: int) -> None:
        self.slow: deque[bool] = deque(maxlen=max(1, batches))
        self.told = False
        self.before = 0.0  # what the hook before the batch took
        self.left = perf_counter()  # when the last hook was done

    def begin(self, logs: Logs) -> float:
        """The time at which the listeners begin."""
        if not self.told and any(self.slow):
            len(logs)  # wait for the device first: its time shall not be blamed on the hooks
        return perf_counter()

    def end(self, began: float, ends: bool) -> None:
        """The listeners are done; `ends`: those after a batch."""
        now = perf_counter()
        if ends:
            took = self.before + now - began
            self.slow.append(took > self.NOTICEABLE and took > began - self.left)
            if (
                not self.told
                and len(self.slow) == self.slow.maxlen
                and sum(self.slow) * 2 > len(self.slow)
            ):
                self.told = True
                warn(
                    f"The callbacks take {took:.2f} s a batch, the training itself "
                    f"{began - self.left:.2f} s: look at what they do at each batch.",
                    RuntimeWarning,
                )
        self.before = 0.0 if ends else now - began
        self.left = now

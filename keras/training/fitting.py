"""`fit`, `evaluate` and `predict`: from what the user gives to feeds, callbacks and the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from .. import backend as K, callbacks as cbks
from ..backend.graph import runtime
from ..layers.base.calls import one_or_list, to_list
from . import loop, standardize
from .feed import generators
from .feed.arrays import ArrayFeed
from .feed.generators import BatchFeed
from .feed.rows import dense
from .run import Run
from .several import Batch
from .sources import (
    Queue,
    Source,
    all_of,
    array_feed,
    array_source,
    batch_size_of,
    batch_source,
    build_from_first,
    refuse_beside_batches,
    repeated,
    samples_in,
    with_flags,
)

# How large the largest value of a batch may be where nobody sees the batches.
UNSEEN_BYTES = 2**21


def _queue(given: dict[str, Any]) -> Queue:
    return {key: given.pop(key) for key in ("max_queue_size", "workers", "use_multiprocessing")}


# ---- fit


def fit(model: Any, x: Any, y: Any = None, **given: Any) -> Any:
    """Train; returns the History."""
    queue = _queue(given)
    batched = generators.is_batches(x)
    if batched:
        x = generators.batches_in(x, given.get("batch_size"), model._who(), bool(given["shuffle"]))
    _ready(model, x, batched)
    model.check_trainable_consistency()
    if batched:
        source = batch_source(model, x, y, given, queue)
    else:
        source = array_source(model, x, y, given)
    epochs = _epochs(model, given["initial_epoch"], given["epochs"])
    closing: list[BatchFeed] = []
    validate, validation = _validation(model, source, given, queue, closing)
    place = loop.Place(epochs.start)
    history, callbacks = _callbacks(model, source, given, validate is not None, validation)
    for callback in callbacks:
        if hasattr(callback, "set_run"):
            callback.set_run(Run(model, callbacks, source, closing, place))
    try:
        loop.fit(
            model,
            model._steps,
            source.batches,
            callbacks,
            epochs,
            validate,
            lambda epoch: _validation_due(given["validation_freq"], epoch),
            lambda: standardize.no_numbers(source.arrays),
            place,
            source.alike,
        )
    finally:
        source.close()
        for feed in closing:
            feed.close()
    return history


def _ready(model: Any, x: Any, batched: bool) -> None:
    """The model is built, if need be for these data, and compiled."""
    if batched:
        build_from_first(model, x)
    else:
        model._build_for_data(x)
    model._need_compiled()


def _epochs(model: Any, first: Any, end: Any) -> range:
    for name, value in (("initial_epoch", first), ("epochs", end)):
        if isinstance(value, bool) or int(value) != value or value < 0:
            raise ValueError(f"{model._who()}: `{name}` is a number of epochs, got {value!r}.")
    return range(int(first), int(end))


def _validation_due(frequency: Any, epoch: int) -> bool:
    """Whether the epoch with this number (from 0) is one of those that end with validation."""
    if isinstance(frequency, int):
        if frequency < 1:
            raise ValueError(f"`validation_freq` is at least 1, got {frequency}.")
        return (epoch + 1) % frequency == 0
    if isinstance(frequency, (list, tuple, set, frozenset)):
        return epoch + 1 in frequency
    raise TypeError(
        f"`validation_freq` is a number of epochs or a list of epoch numbers, got {frequency!r}."
    )


def _validation(
    model: Any,
    source: Source,
    given: dict[str, Any],
    queue: Queue,
    closing: list[BatchFeed],
) -> tuple[Callable[[Any], list[float]] | None, Any]:
    """A function that validates, and the validation data as callbacks see them."""
    data = given["validation_data"]
    if data is not None and generators.is_batches(data):
        data = generators.batches_in(data, None, model._who())
        closing.append(BatchFeed(model, data, queue))
        return _batch_validator(model, closing[-1], given["validation_steps"]), data
    if data is not None:
        if not isinstance(data, (list, tuple)) or len(data) not in (2, 3):
            raise ValueError(
                f"{model._who()}: `validation_data` is (x, y) or (x, y, sample_weights), a "
                f"generator or a Sequence; got {type(data).__name__}"
                + (f" of {len(data)}." if hasattr(data, "__len__") else ".")
            )
        arrays = model._standardize_user_data(*data)
    elif source.kept is not None:
        arrays = source.kept
    else:
        return None, []
    inputs, targets, weights = arrays
    size = source.batch_size or batch_size_of(model, None, samples_in(inputs, targets))
    feed, flags = array_feed(model, inputs, targets, weights, size)
    # With `steps_per_epoch` a step takes the arrays whole, and several give what one gives.
    count = len(feed) if given["steps_per_epoch"] else given["validation_steps"]

    def validate(callbacks: Any) -> list[float]:
        seen = count or callbacks.listens("test")
        feed.batch_size = size if seen else _unseen_test_size(model, flags, feed.samples, size)
        batches = islice(with_flags(feed.batches(), feed.sizes(), flags), count)
        return loop.evaluate(model, model._steps, batches, callbacks)

    seen = [*inputs, *targets, *(_seen_weights(inputs, weights))]
    return validate, seen


def _batch_validator(
    model: Any, feed: BatchFeed, steps: int | None
) -> Callable[[Any], list[float]]:
    steps = generators.needed_steps(feed.data, steps, "validation_steps", model._who())
    begun = False

    def validate(callbacks: Any) -> list[float]:
        nonlocal begun
        if begun:
            feed.end_epoch()
        begun = True
        count = steps if steps is not None else all_of(feed)
        batches = feed.batches(count)
        return loop.evaluate(model, model._steps, batches, callbacks, generated=True)

    return validate


def _seen_weights(inputs: Sequence[Any], weights: Sequence[Any]) -> list[Any]:
    """Callbacks find an array of weights for each output, ones where none were given."""
    samples = int(inputs[0].shape[0]) if inputs else 1
    return [np.ones(samples, dtype=K.floatx()) if w is None else w for w in weights]


def _callbacks(
    model: Any, source: Source, given: dict[str, Any], validates: bool, validation: Any
) -> tuple[Any, Any]:
    history = cbks.History()
    names = model.metrics_names
    listed: list[Any] = []
    if given["verbose"]:
        mode = "steps" if source.steps is not None else "samples"
        listed.append(cbks.ProgbarLogger(mode, stateful_metrics=names[1:]))
    listed += to_list(given["callbacks"] or [])
    listed.append(history)
    listed.sort(key=lambda callback: hasattr(callback, "set_run"))  # these see all others' ends
    callbacks = cbks.CallbackList(listed)
    callbacks.set_model(model)
    callbacks.set_params(
        {
            "batch_size": source.batch_size,
            "epochs": given["epochs"],
            "steps": source.steps,
            "samples": source.samples,
            "verbose": given["verbose"],
            "do_validation": validates,
            "metrics": names + ([f"val_{n}" for n in names] if validates else []),
        }
    )
    for callback in callbacks:
        callback.validation_data = validation
    model.stop_training = False
    model.history = history
    return history, callbacks


# ---- evaluate and predict


def evaluate(model: Any, x: Any, y: Any = None, **given: Any) -> Any:
    """The loss, or the list of loss and metrics."""
    queue = _queue(given)
    batched = generators.is_batches(x)
    if batched:
        x = generators.batches_in(x, given.get("batch_size"), model._who())
    _ready(model, x, batched)
    if batched:
        return _evaluate_batches(model, x, y, given, queue)
    inputs, targets, weights = model._standardize_user_data(x, y, given["sample_weight"])
    samples = samples_in(inputs, targets)
    size = batch_size_of(model, given["batch_size"], samples, given["steps"])
    feed, flags = array_feed(model, inputs, targets, weights, size)
    callbacks = testing_callbacks(model, given, samples, given["steps"])
    if given["steps"] is not None:
        batches: Iterator[Batch] = repeated(feed, flags, given["steps"])
    else:
        if callbacks is None:
            feed.batch_size = _unseen_test_size(model, flags, samples, size)
        batches = with_flags(feed.batches(), feed.sizes(), flags)
    bar = callbacks.take_bar() if callbacks is not None else None
    return one_or_list(loop.evaluate(model, model._steps, batches, callbacks, bar))


def _evaluate_batches(model: Any, x: Any, y: Any, given: dict[str, Any], queue: Queue) -> Any:
    refuse_beside_batches(given, y, model._who())
    steps = generators.needed_steps(x, given["steps"], "steps", model._who())
    feed = BatchFeed(model, x, queue)
    count = steps if steps is not None else feed.length
    callbacks = testing_callbacks(model, given, None, count)
    bar = callbacks.take_bar() if callbacks is not None else None
    try:
        batches = feed.batches(steps if steps is not None else all_of(feed))
        return one_or_list(
            loop.evaluate(model, model._steps, batches, callbacks, bar, generated=True)
        )
    finally:
        feed.close()


def _predict_batches(model: Any, x: Any, given: dict[str, Any], queue: Queue) -> Any:
    steps = generators.needed_steps(x, given["steps"], "steps", model._who())
    build_from_first(model, x)
    feed = BatchFeed(model, x, queue)
    count = steps if steps is not None else feed.length
    array = runtime.engine().array
    dtypes = [t.dtype for t in model._feed_inputs]

    def batches() -> Iterator[tuple[Sequence[Any], int]]:
        for batch in feed.raw(steps if steps is not None else all_of(feed)):
            inputs = model._inputs_of(generators.unpacked_inputs(batch))
            size = int(inputs[0].shape[0]) if inputs else 1
            yield [array(dense(a), d) for a, d in zip(inputs, dtypes, strict=True)], size

    callbacks = None
    if given["callbacks"] or given["verbose"]:
        callbacks = testing_callbacks(model, given, None, count)
    try:
        return one_or_list(_predicted(model, batches(), None, callbacks))
    finally:
        feed.close()


def _unseen_batch_size(model: Any) -> int:
    """A size of batches that suits the processor, 0 if it makes a difference to the answers.

    A fixed batch size does, and layers that look across samples or keep states.
    """
    step = model.predict_step()
    largest = step.function.row_bytes(step.phase)
    return UNSEEN_BYTES // max(largest, 1) if largest is not None else 0


def _unseen_test_size(model: Any, flags: tuple[bool, ...], samples: int, size: int) -> int:
    """The same for tests, at least `size`: where losses are means over samples, and metrics add up
    what each sample says."""
    if samples <= size or model.stateful:
        return size
    step = model._steps.test(flags, False)
    largest = step.function.sample_bytes(step.phase)
    return max(size, UNSEEN_BYTES // max(largest, 1)) if largest is not None else size


def _predicted(model: Any, batches: Iterable[Any], samples: int | None, callbacks: Any) -> Any:
    if callbacks is not None:
        callbacks.on_predict_begin({})
    outputs = loop.predict(model.predict_step(), batches, samples, callbacks)
    if callbacks is not None:
        callbacks.on_predict_end({})
    return outputs


def testing_callbacks(model: Any, given: dict[str, Any], samples: Any, steps: Any) -> Any:
    """The user's callbacks, and a progress bar if one is asked for; `None` if there are none."""
    listed = to_list(given.get("callbacks") or [])
    if given["verbose"]:
        listed.append(cbks.ProgbarLogger("samples" if steps is None else "steps"))
    if not listed:
        return None
    callbacks = cbks.CallbackList(listed)
    callbacks.set_model(model)
    callbacks.set_params(
        {
            "batch_size": given.get("batch_size"),
            "steps": steps,
            "samples": samples,
            "verbose": given["verbose"],
            "epochs": 1,
            "do_validation": False,
            "metrics": model.metrics_names,
        }
    )
    return callbacks


def predict(model: Any, x: Any, **given: Any) -> Any:
    """The outputs, as a numpy array or a list of them."""
    queue = _queue(given)
    if generators.is_batches(x):
        x = generators.batches_in(x, given.get("batch_size"), model._who())
        return _predict_batches(model, x, given, queue)
    model._build_for_data(x)
    inputs = model._inputs_of(x)
    samples = standardize.check_lengths(inputs, None, None, model._who()) or 1
    size = batch_size_of(model, given["batch_size"], samples, given["steps"])
    if model.stateful and samples % size:
        raise ValueError(
            f"{model._who()} is stateful: {samples} samples can't be divided into batches of "
            f"{size}."
        )
    callbacks = None
    if given["callbacks"] or given["verbose"]:
        callbacks = testing_callbacks(model, given, samples, given["steps"])
    elif samples > size and given["steps"] is None:
        size = max(size, _unseen_batch_size(model))
    feed = ArrayFeed(inputs, [t.dtype for t in model._feed_inputs], size)
    batches: Iterable[Any] = zip(feed.batches(), feed.sizes(), strict=True)
    if given["steps"] is not None:
        batches, samples = [(feed.everything(), samples)] * given["steps"], None  # type: ignore[assignment]  # open-ended
    return one_or_list(_predicted(model, batches, samples, callbacks))

"""`fit`, `evaluate` and `predict`: from what the user gives to feeds, callbacks and the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from .. import backend as K
from .. import callbacks as cbks
from ..backend.graph import runtime
from ..layers.base.calls import one_or_list, to_list
from . import loop, standardize
from .feed import generators
from .feed.arrays import ArrayFeed, shuffled
from .feed.generators import BatchFeed
from .feed.rows import dense, part
from .loop import Batch

Queue = dict[str, Any]  # max_queue_size, workers, use_multiprocessing


def _queue(given: dict[str, Any]) -> Queue:
    return {key: given.pop(key) for key in ("max_queue_size", "workers", "use_multiprocessing")}


# ---- fit


def fit(model: Any, x: Any, y: Any = None, **given: Any) -> Any:
    """Train; returns the History."""
    queue = _queue(given)
    model._build_for_data(x)
    model._need_compiled()
    model.check_trainable_consistency()
    if generators.is_batches(x):
        x = generators.batches_in(x, given.get("batch_size"), model._who(), bool(given["shuffle"]))
        source = _batch_source(model, x, y, given, queue)
    else:
        source = _array_source(model, x, y, given)
    epochs = _epochs(model, given["initial_epoch"], given["epochs"])
    closing: list[BatchFeed] = []
    validate, validation = _validation(model, source, given, queue, closing)
    history, callbacks = _callbacks(model, source, given, validate is not None, validation)
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
        )
    finally:
        source.close()
        for feed in closing:
            feed.close()
    return history


def _epochs(model: Any, first: Any, end: Any) -> range:
    for name, value in (("initial_epoch", first), ("epochs", end)):
        if isinstance(value, bool) or int(value) != value or value < 0:
            raise ValueError(f"{model._who()}: `{name}` is a number of epochs, got {value!r}.")
    return range(int(first), int(end))


class Source:
    """The batches of each epoch of training."""

    def __init__(
        self,
        batches: Callable[[int], Iterable[Batch]],
        samples: int | None,
        steps: int | None,
        batch_size: int | None,
        kept: Any = None,
        arrays: Sequence[tuple[str, Any]] = (),
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.batches = batches
        self.samples = samples
        self.steps = steps
        self.batch_size = batch_size
        self.kept = kept  # the arrays that `validation_split` kept aside
        self.arrays = arrays  # what is trained on, by name, if it is there as a whole
        self.close = close


def _array_source(model: Any, x: Any, y: Any, given: dict[str, Any]) -> Source:
    inputs, targets, weights = model._standardize_user_data(
        x, y, given["sample_weight"], given["class_weight"]
    )
    split = given["validation_split"]
    kept = None
    if split and given["validation_data"] is None:
        (inputs, targets, weights), kept = _split(model, inputs, targets, weights, split)
    samples = _samples(model, inputs, targets)
    batch_size = batch_size_of(model, given["batch_size"], samples, given["steps_per_epoch"])
    feed, flags = _feed(model, inputs, targets, weights, batch_size)
    shuffle = given["shuffle"]
    if given["steps_per_epoch"] is not None:

        def repeated(epoch: int) -> Iterable[Batch]:
            return _repeated(feed, flags, given["steps_per_epoch"])

        return Source(repeated, None, given["steps_per_epoch"], None, kept)

    def batches(epoch: int) -> Iterable[Batch]:
        order = shuffled(feed.samples, batch_size, shuffle)
        return _with_flags(feed.batches(order), feed.sizes(), flags)

    named = [*zip(model._feed_input_names, inputs, strict=True)]
    named += [*zip([o.name for o in model._need_compiled().scored], targets, strict=False)]
    return Source(batches, feed.samples, None, batch_size, kept, named)


def _batch_source(model: Any, x: Any, y: Any, given: dict[str, Any], queue: Queue) -> Source:
    """Training from a generator or a `Sequence`."""
    who = model._who()
    _refuse_beside_batches(given, y, who)
    steps = generators.needed_steps(x, given["steps_per_epoch"], "steps_per_epoch", who)
    shuffle = bool(given["shuffle"]) and steps is None
    feed = BatchFeed(model, x, queue, given["class_weight"], shuffle)
    _build_from_first(model, x)

    def batches(epoch: int) -> Iterable[Batch]:
        if epoch > given["initial_epoch"]:
            feed.end_epoch()
        return feed.batches(steps if steps is not None else _all_of(feed))

    count = steps if steps is not None else feed.length
    return Source(batches, None, count, None, close=feed.close)


def _all_of(feed: BatchFeed) -> int | None:
    """How many batches are all: the length of a `Sequence`; other data end by themselves."""
    return feed.length if generators.is_sequence(feed.data) else None


def _refuse_beside_batches(given: dict[str, Any], y: Any, who: str) -> None:
    """What a generator's batches hold themselves can't be given beside it."""
    wrong = [n for n in ("sample_weight", "validation_split") if given.get(n)]
    wrong += ["y"] if y is not None else []
    if wrong:
        raise ValueError(
            f"{who}: with a generator or a Sequence, {', '.join(f'`{n}`' for n in wrong)} can't be "
            "given: its batches are (inputs, targets) or (inputs, targets, sample_weights)."
        )


def _build_from_first(model: Any, data: Any) -> None:
    """A model that waits for its data's shape learns it from the first batch of a `Sequence`."""
    if model.outputs:
        return
    if not generators.is_sequence(data):
        raise ValueError(
            f"{model._who()} isn't built, and a generator doesn't say which shape its inputs have: "
            "give the first layer an `input_shape`, or call `build(input_shape)`."
        )
    model._build_for_data(generators.unpacked_inputs(data[0]))


def _with_flags(
    batches: Iterator[Sequence[Any]], sizes: list[int], flags: tuple[bool, ...]
) -> Iterator[Batch]:
    return zip(batches, sizes, [flags] * len(sizes), strict=True)


def _repeated(feed: ArrayFeed, flags: tuple[bool, ...], steps: int) -> Iterator[Batch]:
    """The whole arrays again and again, as `steps_per_epoch` without a batch size means."""
    everything = feed.everything()
    for _ in range(steps):
        yield everything, feed.samples, flags


def _feed(
    model: Any, inputs: list[Any], targets: list[Any], weights: list[Any], batch_size: int
) -> tuple[ArrayFeed, tuple[bool, ...]]:
    settled = model._need_compiled()
    given = [w for w in weights if w is not None]
    dtypes = [t.dtype for t in model._feed_inputs]
    dtypes += [o.target.dtype for o in settled.scored if o.feeds_target]
    dtypes += [K.floatx()] * len(given)
    flags = tuple(w is not None for w in weights)
    return ArrayFeed([*inputs, *targets, *given], dtypes, batch_size), flags


def _samples(model: Any, inputs: Sequence[Any], targets: Sequence[Any]) -> int:
    for array in (*inputs, *targets):
        if array is not None:
            return int(array.shape[0])
    return 1  # a model whose inputs are all tensors of its own


def batch_size_of(model: Any, asked: int | None, samples: int, steps: int | None = None) -> int:
    """The batch size: as asked, as the model has fixed it, or 32."""
    fixed = next((x.shape[0] for x in model.inputs if x.shape and x.shape[0] is not None), None)
    if asked is not None and (isinstance(asked, bool) or int(asked) != asked or asked < 1):
        raise ValueError(f"{model._who()}: `batch_size` is a positive integer, got {asked!r}.")
    if steps is not None:
        if asked is not None:
            raise ValueError(
                f"{model._who()}: arrays are taken in batches of `batch_size`, or whole in "
                f"`steps_per_epoch` steps; got both ({asked} and {steps})."
            )
        return samples
    if fixed is not None and asked is not None and asked != fixed:
        raise ValueError(
            f"{model._who()} has the fixed batch size {fixed} (`batch_input_shape`); got "
            f"`batch_size={asked}`."
        )
    return int(asked or fixed or 32)


def _split(
    model: Any, inputs: list[Any], targets: list[Any], weights: list[Any], share: float
) -> tuple[Any, Any]:
    """The first part for training, the last `share` for validation."""
    if not 0.0 < share < 1.0:
        raise ValueError(
            f"{model._who()}: `validation_split` is a share between 0 and 1, got {share}."
        )
    samples = _samples(model, inputs, targets)
    at = int(samples * (1.0 - share))
    if not 0 < at < samples:
        raise ValueError(
            f"{model._who()}: `validation_split={share}` of {samples} samples leaves "
            f"{at} for training and {samples - at} for validation; both need some."
        )

    def cut(start: int, stop: int) -> list[list[Any]]:
        groups = (inputs, targets, weights)
        return [[None if a is None else part(a, start, stop) for a in group] for group in groups]

    return cut(0, at), cut(at, samples)


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
    size = source.batch_size or batch_size_of(model, None, _samples(model, inputs, targets))
    feed, flags = _feed(model, inputs, targets, weights, size)
    # With `steps_per_epoch` a step takes the arrays whole, and several give what one gives.
    count = len(feed) if given["steps_per_epoch"] else given["validation_steps"] or len(feed)

    def validate(callbacks: Any) -> list[float]:
        batches = islice(_with_flags(feed.batches(), feed.sizes(), flags), count)
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
        count = steps if steps is not None else _all_of(feed)
        return loop.evaluate(model, model._steps, feed.batches(count), callbacks)

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
    model._build_for_data(x)
    model._need_compiled()
    if generators.is_batches(x):
        x = generators.batches_in(x, given.get("batch_size"), model._who())
        return _evaluate_batches(model, x, y, given, queue)
    inputs, targets, weights = model._standardize_user_data(x, y, given["sample_weight"])
    samples = _samples(model, inputs, targets)
    size = batch_size_of(model, given["batch_size"], samples, given["steps"])
    feed, flags = _feed(model, inputs, targets, weights, size)
    if given["steps"] is not None:
        batches: Iterator[Batch] = _repeated(feed, flags, given["steps"])
    else:
        batches = _with_flags(feed.batches(), feed.sizes(), flags)
    callbacks = testing_callbacks(model, given, samples, given["steps"])
    bar = callbacks.take_bar() if callbacks is not None else None
    return one_or_list(loop.evaluate(model, model._steps, batches, callbacks, bar))


def _evaluate_batches(model: Any, x: Any, y: Any, given: dict[str, Any], queue: Queue) -> Any:
    _refuse_beside_batches(given, y, model._who())
    steps = generators.needed_steps(x, given["steps"], "steps", model._who())
    feed = BatchFeed(model, x, queue)
    count = steps if steps is not None else feed.length
    callbacks = testing_callbacks(model, given, None, count)
    bar = callbacks.take_bar() if callbacks is not None else None
    try:
        batches = feed.batches(steps if steps is not None else _all_of(feed))
        return one_or_list(loop.evaluate(model, model._steps, batches, callbacks, bar))
    finally:
        feed.close()


def _predict_batches(model: Any, x: Any, given: dict[str, Any], queue: Queue) -> Any:
    steps = generators.needed_steps(x, given["steps"], "steps", model._who())
    _build_from_first(model, x)
    feed = BatchFeed(model, x, queue)
    count = steps if steps is not None else feed.length
    array = runtime.engine().array
    dtypes = [t.dtype for t in model._feed_inputs]

    def batches() -> Iterator[tuple[Sequence[Any], int]]:
        for batch in feed.raw(steps if steps is not None else _all_of(feed)):
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
    feed = ArrayFeed(inputs, [t.dtype for t in model._feed_inputs], size)
    callbacks = None
    if given["callbacks"] or given["verbose"]:
        callbacks = testing_callbacks(model, given, samples, given["steps"])
    batches: Iterable[Any] = zip(feed.batches(), feed.sizes(), strict=True)
    if given["steps"] is not None:
        batches, samples = [(feed.everything(), samples)] * given["steps"], None  # type: ignore[assignment]  # open-ended
    return one_or_list(_predicted(model, batches, samples, callbacks))

"""Where the batches of a training come from, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from .feed import generators
from .feed.arrays import ArrayFeed, shuffled
from .feed.generators import BatchFeed
from .feed.position import chance, set_chance
from .feed.rows import part
from .several import Batch

Queue = dict[str, Any]  # max_queue_size, workers, use_multiprocessing


class Source:
    """The batches of each epoch of training."""

    samples: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    kept: Any = None  # the arrays that `validation_split` kept aside
    arrays: Sequence[tuple[str, Any]] = ()  # what is trained on, by name, if it is there as a whole
    alike = 0  # how many batches an epoch begins with that have one size and are in memory

    def batches(self, epoch: int, first: int = 0) -> Iterable[Batch]:
        """The batches of an epoch, from the batch with the number `first` on."""
        raise NotImplementedError

    def keep(self) -> None:
        """Somebody is going to ask for the position."""

    def position(self) -> Any:
        """Where the data stand within the epoch, for `go_to`."""

    def go_to(self, position: Any) -> None:
        """Have `batches` go on from there."""

    def close(self) -> None:
        """The training is over."""


class WholeArrays(Source):
    """All samples as one batch, `steps_per_epoch` times."""

    def __init__(self, feed: ArrayFeed, flags: tuple[bool, ...], steps: int, kept: Any) -> None:
        self.feed = feed
        self.flags = flags
        self.steps: int = steps
        self.kept = kept

    def batches(self, epoch: int, first: int = 0) -> Iterable[Batch]:
        return repeated(self.feed, self.flags, self.steps - first)


class Arrays(Source):
    """Arrays in batches, each epoch in a new order."""

    def __init__(
        self, feed: ArrayFeed, flags: tuple[bool, ...], shuffle: Any, kept: Any, named: Any
    ) -> None:
        self.feed = feed
        self.flags = flags
        self.shuffle = shuffle
        self.kept = kept
        self.arrays = named
        self.samples = feed.samples
        self.batch_size: int = feed.batch_size
        self.alike = feed.samples // feed.batch_size if feed.whole else 0
        self._keeps = False
        self._drawn_from: Any = None  # chance before the epoch's order was drawn

    def batches(self, epoch: int, first: int = 0) -> Iterable[Batch]:
        order = self._again(first) if first else self._order()
        sizes = self.feed.sizes()[first:]
        return with_flags(self.feed.batches(order), sizes, self.flags) if sizes else ()

    def _order(self) -> np.ndarray | None:
        if self._keeps:
            self._drawn_from = chance()
        return shuffled(self.feed.samples, self.batch_size, self.shuffle)

    def _again(self, first: int) -> np.ndarray:
        """The rest of an order that was begun before."""
        now = chance()
        set_chance(self._drawn_from)
        order = shuffled(self.feed.samples, self.batch_size, self.shuffle)
        set_chance(now)
        order = np.arange(self.feed.samples) if order is None else order
        return order[first * self.batch_size :]

    def keep(self) -> None:
        self._keeps = True

    def position(self) -> Any:
        return self._drawn_from

    def go_to(self, position: Any) -> None:
        self._drawn_from = position


class Batches(Source):
    """A generator, a `Sequence`, or another data set of batches."""

    def __init__(self, feed: BatchFeed, steps: int | None, initial_epoch: int) -> None:
        self.feed = feed
        self.asked = steps
        self.steps = feed.length if steps is None else steps
        self.initial_epoch = initial_epoch

    def batches(self, epoch: int, first: int = 0) -> Iterable[Batch]:
        if epoch > self.initial_epoch and not first:
            self.feed.end_epoch()
        steps = all_of(self.feed) if self.asked is None else self.asked
        return self.feed.batches(None if steps is None else steps - first)

    def keep(self) -> None:
        self.feed.kept = True

    def position(self) -> Any:
        return self.feed.position()

    def go_to(self, position: Any) -> None:
        self.feed.go_to(position)

    def close(self) -> None:
        self.feed.close()


def array_source(model: Any, x: Any, y: Any, given: dict[str, Any]) -> Source:
    """Training on arrays."""
    inputs, targets, weights = model._standardize_user_data(
        x, y, given["sample_weight"], given["class_weight"]
    )
    share = given["validation_split"]
    kept = None
    if share and given["validation_data"] is None:
        (inputs, targets, weights), kept = split(model, inputs, targets, weights, share)
    samples = samples_in(inputs, targets)
    batch_size = batch_size_of(model, given["batch_size"], samples, given["steps_per_epoch"])
    feed, flags = array_feed(model, inputs, targets, weights, batch_size)
    if given["steps_per_epoch"] is not None:
        return WholeArrays(feed, flags, given["steps_per_epoch"], kept)
    named = [*zip(model._feed_input_names, inputs, strict=True)]
    named += [*zip([o.name for o in model._need_compiled().scored], targets, strict=False)]
    return Arrays(feed, flags, given["shuffle"], kept, named)


def batch_source(model: Any, x: Any, y: Any, given: dict[str, Any], queue: Queue) -> Source:
    """Training from a generator or a `Sequence`."""
    who = model._who()
    refuse_beside_batches(given, y, who)
    steps = generators.needed_steps(x, given["steps_per_epoch"], "steps_per_epoch", who)
    shuffle = bool(given["shuffle"]) and steps is None
    feed = BatchFeed(model, x, queue, given["class_weight"], shuffle)
    return Batches(feed, steps, given["initial_epoch"])


def all_of(feed: BatchFeed) -> int | None:
    """How many batches are all: the length of a `Sequence`; other data end by themselves."""
    return feed.length if generators.is_sequence(feed.data) else None


def refuse_beside_batches(given: dict[str, Any], y: Any, who: str) -> None:
    """What a generator's batches hold themselves can't be given beside it."""
    wrong = ["validation_split"] if given.get("validation_split") else []
    wrong += ["sample_weight"] if given.get("sample_weight") is not None else []
    wrong += ["y"] if y is not None else []
    if wrong:
        raise ValueError(
            f"{who}: with a generator or a Sequence, {', '.join(f'`{n}`' for n in wrong)} can't be "
            "given: its batches are (inputs, targets) or (inputs, targets, sample_weights)."
        )


def build_from_first(model: Any, data: Any) -> None:
    """A model that waits for its data's shape learns it from the first batch, if data have one."""
    first = None
    if not model.outputs:
        if hasattr(data, "__next__"):
            raise ValueError(
                f"{model._who()} isn't built, and a generator doesn't say which shape its inputs "
                "have: give the first layer an `input_shape`, or call `build(input_shape)`."
            )
        batch = data[0] if generators.is_sequence(data) else next(iter(data))
        first = generators.unpacked_inputs(batch)
    model._build_for_data(first)


def with_flags(
    batches: Iterator[Sequence[Any]], sizes: list[int], flags: tuple[bool, ...]
) -> Iterator[Batch]:
    return zip(batches, sizes, [flags] * len(sizes), strict=True)


def repeated(feed: ArrayFeed, flags: tuple[bool, ...], steps: int) -> Iterator[Batch]:
    """The whole arrays again and again, as `steps_per_epoch` without a batch size means."""
    everything = feed.everything()
    for _ in range(steps):
        yield everything, feed.samples, flags


def array_feed(
    model: Any, inputs: list[Any], targets: list[Any], weights: list[Any], batch_size: int
) -> tuple[ArrayFeed, tuple[bool, ...]]:
    settled = model._need_compiled()
    given = [w for w in weights if w is not None]
    dtypes = [t.dtype for t in model._feed_inputs]
    dtypes += [o.target.dtype for o in settled.scored if o.feeds_target]
    dtypes += [K.floatx()] * len(given)
    flags = tuple(w is not None for w in weights)
    return ArrayFeed([*inputs, *targets, *given], dtypes, batch_size), flags


def samples_in(inputs: Sequence[Any], targets: Sequence[Any]) -> int:
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


def split(
    model: Any, inputs: list[Any], targets: list[Any], weights: list[Any], share: float
) -> tuple[Any, Any]:
    """The first part for training, the last `share` for validation."""
    if not 0.0 < share < 1.0:
        raise ValueError(
            f"{model._who()}: `validation_split` is a share between 0 and 1, got {share}."
        )
    samples = samples_in(inputs, targets)
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

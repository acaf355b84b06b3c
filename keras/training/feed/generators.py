"""Batches from generators and `Sequence`s, made ahead by workers while the model trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from ... import backend as K
from ...backend.graph import runtime
from ...caller import warn
from .foreign import Passes, batches_of, is_foreign
from .position import chance, fields, set_chance, set_fields
from .queues import GeneratorEnqueuer, InTurn, OrderedEnqueuer
from .rows import dense

Batch = tuple[Sequence[Any], int, tuple[bool, ...]]  # arrays, samples, which outputs have weights


def is_sequence(x: Any) -> bool:
    """Whether `x` has batches by their numbers."""
    return bool(getattr(x, "use_sequence_api", False)) or (
        hasattr(x, "__getitem__") and hasattr(x, "__len__") and hasattr(x, "on_epoch_end")
    )


def is_batches(x: Any) -> bool:
    """Whether `x` hands out batches itself."""
    return hasattr(x, "__next__") or is_sequence(x) or isinstance(x, Passes) or is_foreign(x)


def batches_in(x: Any, batch_size: int | None, who: str, shuffle: bool = False) -> Any:
    """`x` as a generator, a `Sequence` or `Passes`, whatever library it comes from."""
    if is_foreign(x) and not isinstance(x, Passes):
        return batches_of(x, batch_size, shuffle)
    if batch_size is not None:
        warn(
            f"{who}: `batch_size={batch_size}` means nothing here: the batches are made by the "
            f"{type(x).__name__}."
        )
    return x


class BatchFeed:
    """Batches of a generator or a `Sequence` as engine arrays that fit the model.

    Without workers (`workers=0`) each batch is made when it is needed.
    """

    def __init__(
        self,
        model: Any,
        data: Any,
        queue: dict[str, Any],
        class_weight: Any = None,
        shuffle: bool = False,
    ) -> None:
        self.model = model
        self.data = data
        self.class_weight = class_weight
        self.shuffle = shuffle
        self.queue = queue
        self.kept = False  # whether somebody may ask for the position
        self._enqueuer: Any = None
        self._batches: Iterator[Any] | None = None
        self._endless = False
        self._begun: dict[str, Any] = {}  # the data and chance before the first batch
        self._taken = 0  # batches since then
        self._passed = False  # a pass was gone through
        self._then: dict[str, Any] | None = None  # where to go on
        self._fitting: tuple[Any, Any] | None = None  # how a batch looked that needed nothing

    @property
    def length(self) -> int | None:
        """How many batches an epoch has, if the data says it."""
        if isinstance(self.data, Passes):
            return self.data.length
        return len(self.data) if is_sequence(self.data) else None

    def _open(self) -> Iterator[Any]:
        workers = int(self.queue["workers"])
        data = self.data
        if isinstance(data, Passes):
            data = chain.from_iterable(repeat(data)) if self._endless else iter(data)
        processes = bool(self.queue["use_multiprocessing"])
        made: Any
        if not workers and not is_sequence(data):
            self._at_beginning()
            found: Iterator[Any] = data
            return found
        if not workers:
            made = InTurn(data, self.shuffle)
        elif is_sequence(data):
            made = OrderedEnqueuer(data, processes, shuffle=self.shuffle)
        else:
            made = GeneratorEnqueuer(data, processes)
        self._enqueuer, made.opening = made, self._at_beginning
        if workers:
            made.start(workers=workers, max_queue_size=self.queue["max_queue_size"])
        else:
            made.start()
        return iter(made.get())

    def raw(self, steps: int | None) -> Iterator[Any]:
        """The batches as they were made; all there are, if `steps` is None."""
        if self._then is not None and self._then["over"]:
            if not steps:
                return  # the epoch is over, and nothing is left of it
            self.end_epoch()
        if self._batches is None:
            self._endless = steps is not None
            self._batches = self._resumed() if self._then else self._open()
        done = 0
        while steps is None or done < steps:
            batch = next(self._batches, None)
            if batch is None:
                self._passed = True
                if steps is not None:
                    warn(
                        f"The generator ran out of data after {done} of {steps} batches: it should "
                        "go on for ever, or `steps` be fewer."
                    )
                    self.model.stop_training = True
                elif not self._taken:
                    raise ValueError(f"{self.model._who()}: the {_kind(self.data)} has no batches.")
                return
            self._taken += 1
            yield batch
            done += 1

    # ---- where it stands

    def _at_beginning(self) -> None:
        """The data are about to hand out batches from a beginning."""
        self._taken, self._passed = 0, False
        if self._then is not None:
            then, self._then = self._then, None
            self._begun = then["begun"]
            set_fields(self.data, self._begun["fields"])
            set_chance(self._begun["chance"])
            self._set_progress(then["progress"])
        elif self.kept:
            self._begun = {"fields": fields(self.data), "chance": chance()}

    def _set_progress(self, progress: Any) -> None:
        if isinstance(self._enqueuer, (OrderedEnqueuer, InTurn)):
            self._enqueuer.progress = progress

    def _resumed(self) -> Iterator[Any]:
        """The batches from where to go on: those before are made again and put aside.

        Processes and the main thread draw as they did by then; threads go on from the batches that
        they have made.
        """
        assert self._then is not None
        aside, before = self._then["taken"], chance()
        found = self._open()
        for _ in range(aside):
            next(found, None)
        self._taken = aside
        in_threads = int(self.queue["workers"]) and not self.queue["use_multiprocessing"]
        if aside and not in_threads:
            set_chance(before)
        return found

    def position(self) -> dict[str, Any] | None:
        """Where the data stand, for `go_to`; `None` before the first batch."""
        if not self._begun:
            return None
        over = self._passed or bool(getattr(self._enqueuer, "over", False))
        begun = {"fields": fields(self.data), "chance": chance()} if over else self._begun
        progress = getattr(self._enqueuer, "progress", (0, 0))
        return {"over": over, "begun": begun, "taken": self._taken, "progress": progress}

    def go_to(self, position: dict[str, Any] | None) -> None:
        """Go on from a position at the next batch."""
        if position is not None:
            self._then = position

    def end_epoch(self) -> None:
        """Let a `Sequence` change for its next epoch before its length is read."""
        if self._then is not None and self._then["over"]:
            set_fields(self.data, self._then["begun"]["fields"])
            if is_sequence(self.data):
                self.data.on_epoch_end()
            begun = {"fields": fields(self.data), "chance": chance()}
            self._then = {**self._then, "over": False, "begun": begun, "taken": 0}
        elif isinstance(self.data, Passes) and not self._endless:
            self.close()
        if isinstance(self._enqueuer, (OrderedEnqueuer, InTurn)):
            self._enqueuer.join_end_of_epoch()

    def batches(self, steps: int | None) -> Iterator[Batch]:
        """The batches of an epoch, ready for a step."""
        array = runtime.engine().array
        for number, batch in enumerate(self.raw(steps)):
            try:
                x, y, weight = parts(batch, self.model)
                inputs, targets, weights = self._standardized(x, y, weight)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{error}{self._whence(number)}") from error
            given = [w for w in weights if w is not None]
            fed = zip([*inputs, *targets, *given], self._dtypes(len(given)), strict=True)
            size = int((inputs or targets)[0].shape[0])
            yield [array(dense(a), d) for a, d in fed], size, tuple(w is not None for w in weights)

    def _standardized(self, x: Any, y: Any, weight: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Inputs, targets and weights as the model takes them, checked.

        The checks look at shapes and types only, unless there are weights: a batch that looks like
        one which was taken as it is needn't be looked at again.
        """
        plain = weight is None and self.class_weight is None
        ins, outs = (_plain(x), _plain(y)) if plain else (None, None)
        if ins is None or outs is None:
            return self._checked(x, y, weight)
        look = type(x), type(y), len(ins), [(a.shape, a.dtype) for a in (*ins, *outs)]
        settled = self.model._need_compiled()
        if self._fitting is not None and self._fitting[0] is settled and self._fitting[1] == look:
            return ins, outs, [None] * len(settled.scored)
        inputs, targets, weights = self._checked(x, y, weight)
        same = all(a is b for a, b in zip([*inputs, *targets], [*ins, *outs], strict=False))
        if same and len(inputs) == len(ins) and len(targets) == len(outs):
            self._fitting = settled, look
        return inputs, targets, weights

    def _checked(self, x: Any, y: Any, weight: Any) -> tuple[list[Any], list[Any], list[Any]]:
        found: tuple[list[Any], list[Any], list[Any]] = self.model._standardize_user_data(
            x, y, weight, self.class_weight
        )
        return found

    def _whence(self, number: int) -> str:
        maker = self._enqueuer.maker if self._enqueuer is not None else ""
        made = f", made by {maker}" if maker else ""
        return f" (batch {number} of the {_kind(self.data)}{made})"

    def _dtypes(self, weights: int) -> list[str]:
        settled = self.model._need_compiled()
        dtypes = [t.dtype for t in self.model._feed_inputs]
        dtypes += [o.target.dtype for o in settled.scored if o.feeds_target]
        return dtypes + [K.floatx()] * weights

    def close(self) -> None:
        """End the workers."""
        if self._enqueuer is not None:
            self._enqueuer.stop()
        self._enqueuer = self._batches = None


def _kind(data: Any) -> str:
    return type(data.data if isinstance(data, Passes) else data).__name__


def _plain(data: Any) -> list[Any] | None:
    """The arrays of one part of a batch, if it is numpy arrays and nothing else."""
    arrays = data if isinstance(data, (list, tuple)) else [data]
    return [*arrays] if all(type(a) is np.ndarray for a in arrays) else None


def parts(batch: Any, model: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and sample weights of a batch."""
    if isinstance(batch, (tuple, list)) and len(batch) in (2, 3):
        x, y, *rest = batch
        return x, y, rest[0] if rest else None
    if isinstance(batch, tuple) and len(batch) == 1:
        return batch[0], None, None
    if not model._need_compiled().scored:
        return batch, None, None
    raise ValueError(
        f"{model._who()}: a generator yields (inputs, targets) or (inputs, targets, "
        f"sample_weights), got {type(batch).__name__}"
        + (f" of {len(batch)}." if hasattr(batch, "__len__") else ".")
    )


def needed_steps(data: Any, steps: int | None, name: str, who: str) -> int | None:
    """The number of batches of an epoch; `None` for all that a `Sequence` has."""
    if steps is None and not is_sequence(data) and not isinstance(data, Passes):
        raise ValueError(
            f"{who}: a generator has no length, so `{name}` must say how many batches make an "
            "epoch."
        )
    if steps is not None and (int(steps) != steps or steps < 1):
        raise ValueError(f"{who}: `{name}` is a positive integer, got {steps!r}.")
    return None if steps is None else int(steps)


def unpacked_inputs(batch: Any) -> Any:
    """The inputs of a batch for `predict`, which may come with targets and weights."""
    return batch[0] if isinstance(batch, tuple) and len(batch) in (1, 2, 3) else batch

"""Batches made ahead of the training, by several workers, and handed out in order."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...caller import warn
from .workers import (
    OVER,
    PATIENCE,
    Board,
    GeneratorWorker,
    Items,
    ItemWorker,
    ProcessWorker,
    Pulled,
    Worker,
    can_fork,
)

Hire = Callable[[Board, int, str, Sequence[Any]], Worker]  # the worker number k, of this name


class SequenceEnqueuer:
    """What enqueuers share: workers make batches, `get()` hands them out.

    `use_multiprocessing`: the workers are processes, else threads.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False) -> None:
        self.sequence = sequence
        self.use_multiprocessing = use_multiprocessing
        self.workers = 0
        self.max_queue_size = 0
        self.opening: Callable[[], None] = lambda: None  # called before batches from a beginning
        self._board: Board | None = None
        self._crew: list[Worker] = []
        self._ending: Any = None

    @property
    def maker(self) -> str:
        """The worker that made the batch which `get()` handed out last."""
        return "" if self._board is None else self._board.maker

    @property
    def over(self) -> bool:
        """Whether all batches from this beginning were handed out."""
        return self._board is not None and self._board.over

    def is_running(self) -> bool:
        """Whether workers are at work."""
        return self._board is not None

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Set `workers` to work; they make at most `max_queue_size` batches ahead."""
        if self.is_running():
            raise RuntimeError(f"`{type(self).__name__}` is running already; `stop()` it first.")
        for name, value in (("workers", workers), ("max_queue_size", max_queue_size)):
            if value < 1:
                raise ValueError(f"`{type(self).__name__}`: `{name}` is at least 1, got {value}.")
        self.workers = workers
        self.max_queue_size = max_queue_size
        self._prepare()
        self.opening()
        self._open()

    def _prepare(self) -> None:
        """What there is to settle once, before the first batches."""

    def _open(self) -> None:
        """Set the workers to the next batches."""
        raise NotImplementedError

    def _set_to_work(self, hire: Hire, total: int | None) -> None:
        board = Board(self.max_queue_size, total)
        crew: list[Worker] = []
        try:
            for k in range(self.workers):
                crew.append(hire(board, k, f"worker {k + 1} of {self.workers}", crew))
        except BaseException:
            board.close()
            for worker in crew:
                worker.start()  # and end at once, in good order
            _dismiss(board, crew, PATIENCE)
            raise
        self._board, self._crew = board, crew
        # Whoever forgets an enqueuer doesn't leave its workers behind.
        self._ending = weakref.finalize(self, _forget, board, crew)
        self._ending.atexit = False
        for worker in crew:
            worker.start()

    def get(self) -> Iterator[Any]:
        """The batches in order, made ahead; an error of a worker is raised here."""
        while self._board is not None:
            try:
                batch = self._board.take()
            except BaseException:
                self.stop(0.5)
                raise
            if batch is OVER:
                if not self._go_on():
                    return
            elif batch is not None:
                yield batch

    def _go_on(self) -> bool:
        """All batches were taken; whether there are more."""
        return False

    def stop(self, timeout: float | None = None) -> None:
        """End the workers; they have some seconds (`timeout`) to finish what they do."""
        if self._board is not None:
            self._ending.detach()
            _dismiss(self._board, self._crew, PATIENCE if timeout is None else timeout)
            self._board, self._crew = None, []


def _forget(board: Board, crew: Sequence[Worker]) -> None:
    """Let the workers end by themselves, as soon as they have made what they make."""
    board.close()
    for worker in crew:
        worker.stop()


def _dismiss(board: Board, crew: Sequence[Worker], patience: float) -> None:
    _forget(board, crew)
    until = time.monotonic() + patience
    for worker in crew:
        worker.finish(max(0.0, until - time.monotonic()))


class OrderedEnqueuer(SequenceEnqueuer):
    """The batches of a `Sequence`, epoch after epoch, in order (`shuffle`: a new order each time).

    After the last batch of an epoch `on_epoch_end` of the sequence is called, its length is read
    anew, and processes start with a fresh copy of it.
    """

    def __init__(
        self, sequence: Any, use_multiprocessing: bool = False, shuffle: bool = False
    ) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle
        self._made = 0  # batches of earlier epochs
        self._first_seed = 0

    @property
    def progress(self) -> tuple[int, int]:
        """The batches made so far, those of this epoch if it is over, and the seed of the first."""
        made = self._board.taken if self._board is not None and self._board.over else 0
        return self._made + made, self._first_seed

    @progress.setter
    def progress(self, progress: tuple[int, int]) -> None:
        self._made, self._first_seed = progress

    def _prepare(self) -> None:
        self._made = 0
        if self.use_multiprocessing:
            self._first_seed = int(np.random.randint(2**31))

    def _open(self) -> None:
        length = len(self.sequence)
        if length < 1:
            raise ValueError(f"`{type(self.sequence).__name__}` has no batches: its length is 0.")
        order = np.random.permutation(length) if self.shuffle else np.arange(length)
        self._set_to_work(partial(self._hire, order), length)

    def _hire(
        self, order: np.ndarray, board: Board, k: int, who: str, crew: Sequence[Any]
    ) -> Worker:
        if not self.use_multiprocessing:
            sequence = self.sequence
            return ItemWorker(board, who, lambda number: sequence[int(order[number])])
        seed = self._first_seed + self._made
        return ProcessWorker(
            board,
            who,
            Items(self.sequence),
            lambda number: (int(order[number]), seed + number),
            others=crew,
        )

    def join_end_of_epoch(self) -> None:
        """If all batches of the epoch were taken, begin the next one now."""
        if self._board is not None and self._board.over:
            self._made += self._board.taken
            self.stop()
            self.sequence.on_epoch_end()
            self.opening()
            self._open()

    def _go_on(self) -> bool:
        self.join_end_of_epoch()
        return self.is_running()


class InTurn:
    """The batches of a `Sequence` without workers, each made when it is asked for."""

    maker = ""

    def __init__(self, sequence: Any, shuffle: bool) -> None:
        self.sequence = sequence
        self.shuffle = shuffle
        self.opening: Callable[[], None] = lambda: None
        self.progress = 0, 0
        self._order = np.arange(0)
        self._taken = 0

    @property
    def over(self) -> bool:
        """Whether the epoch's last batch was handed out."""
        return self._taken >= len(self._order)

    def start(self) -> None:
        """Begin an epoch."""
        self.opening()
        length = len(self.sequence)
        self._order = np.random.permutation(length) if self.shuffle else np.arange(length)
        self._taken = 0

    def get(self) -> Iterator[Any]:
        """The batches, epoch after epoch."""
        while True:
            self.join_end_of_epoch()
            if self.over:
                return  # it has no batches
            self._taken += 1
            yield self.sequence[int(self._order[self._taken - 1])]

    def join_end_of_epoch(self) -> None:
        """If the epoch is over, begin the next one now."""
        if self.over:
            self.sequence.on_epoch_end()
            self.start()

    def stop(self) -> None:
        """There is nobody to send home."""


class GeneratorEnqueuer(SequenceEnqueuer):
    """What a generator yields, until its end.

    Threads take turns at it. Processes have a copy each and so make every batch as often as there
    are workers, but for what is random: the generators of random numbers start from `random_seed`,
    differently in each. A `Sequence` makes every batch once. `wait_time` has no meaning any more.
    """

    def __init__(
        self,
        sequence: Any,
        use_multiprocessing: bool = False,
        wait_time: float | None = None,
        random_seed: int | None = None,
    ) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.random_seed = random_seed
        if wait_time is not None:
            warn("`wait_time` has no meaning any more.")
        if random_seed is not None and not use_multiprocessing:
            warn("`random_seed` is for processes; threads draw from the generator that all share.")

    def _prepare(self) -> None:
        if self.use_multiprocessing and not can_fork():
            raise ValueError(
                "A generator can't be sent to processes that aren't copies of this one (they start "
                "by 'spawn' here). Use threads, or a `keras.utils.Sequence`."
            )
        if self.use_multiprocessing and self.workers > 1:
            warn(
                "A generator in several processes makes each batch several times: every process "
                "has a copy. A `keras.utils.Sequence` makes each batch once."
            )

    def _open(self) -> None:
        if self.use_multiprocessing:
            seed = self.random_seed
            seed = int(np.random.randint(2**31)) if seed is None else seed
            self._set_to_work(partial(self._hire_process, seed), None)
        else:
            self._set_to_work(partial(self._hire_thread, threading.Lock()), None)

    def _hire_thread(
        self, turn: Any, board: Board, k: int, who: str, crew: Sequence[Any]
    ) -> Worker:
        return GeneratorWorker(board, who, self.sequence, turn)

    def _hire_process(
        self, seed: int, board: Board, k: int, who: str, crew: Sequence[Any]
    ) -> Worker:
        pulled = Pulled(self.sequence, seed + k)
        turns = (k, self.workers)
        return ProcessWorker(board, who, pulled, lambda number: None, turns, crew)

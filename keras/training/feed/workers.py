"""Workers that make batches: threads, and threads that each wait for a process of their own."""

from __future__ import annotations

import gc
import itertools
import pickle
import random
import signal
import struct
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...backend.graph import runtime
from ...caller import warn

if TYPE_CHECKING:
    import socket

PATIENCE = 5.0  # seconds that a worker has to finish its batch when it is told to stop


OVER = object()  # there are no more batches


class WorkerError(RuntimeError):
    """What a worker was doing when it failed, or how it died."""


class Board:
    """Batches by their numbers: several workers put them up, one reader takes them in order.

    Workers are never more than `room` batches ahead of the reader, however slow that is. There are
    `total` batches; `None` if that shows at the end.
    """

    def __init__(self, room: int, total: int | None) -> None:
        self.room = room
        self.total = total
        self.taken = 0
        self.claimed = 0
        self.closed = False
        self.failure: BaseException | None = None
        self.maker = ""  # the worker that made the batch which was taken last
        self._batches: dict[int, tuple[Any, str]] = {}
        self._changed = threading.Condition()

    @property
    def over(self) -> bool:
        """Whether the reader has taken all there is."""
        return self.total is not None and self.taken >= self.total

    def claim(self, number: int | None = None) -> int | None:
        """The next number to work at, or this one, as soon as there is room; `None` at the end."""
        with self._changed:
            while not self.closed:
                wanted = self.claimed if number is None else number
                if self.total is not None and wanted >= self.total:
                    break
                if wanted < self.taken + self.room:
                    self.claimed = max(self.claimed, wanted + 1)
                    return wanted
                self._changed.wait()
        return None

    def put(self, number: int, batch: Any, maker: str = "") -> None:
        """Put a batch up."""
        with self._changed:
            self._batches[number] = batch, maker
            self._changed.notify_all()

    def end(self, number: int) -> None:
        """There is no batch of this number, nor any later one."""
        with self._changed:
            self.total = number if self.total is None else min(number, self.total)
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """A worker has failed: the reader learns of it at once."""
        with self._changed:
            self.failure = self.failure or error
            self.closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody reads any more."""
        with self._changed:
            self.closed = True
            self._batches.clear()
            self._changed.notify_all()

    def take(self) -> Any:
        """The next batch; `OVER` if there is none."""
        with self._changed:
            while True:
                if self.failure is not None:
                    raise self.failure
                if self.taken in self._batches:
                    batch, self.maker = self._batches.pop(self.taken)
                    self.taken += 1
                    # Workers that have filled the room rest until half of it is empty: to wake one
                    # for each batch takes longer than a batch that lies ready in memory.
                    if len(self._batches) <= self.room // 2:
                        self._changed.notify_all()
                    return batch
                if self.closed or self.over:
                    return OVER
                self._changed.notify_all()
                self._changed.wait()


class Worker(threading.Thread):
    """Makes batches and puts them up; whatever ends it before its time is told to the reader."""

    kind = "thread"

    def __init__(self, board: Board, who: str) -> None:
        super().__init__(name=who, daemon=True)
        self.board = board
        self.number = 0  # of the batch that is being made

    @property
    def who(self) -> str:
        """The worker as messages name it."""
        return f"{self.name} ({self.kind})"

    def numbers(self) -> Iterator[int]:
        """The numbers of the batches that fall to this worker."""
        for number in iter(self.board.claim, None):
            self.number = number
            yield number

    def work(self) -> None:
        """Make the batches."""
        raise NotImplementedError

    def run(self) -> None:
        """The thread: works, and tells how it ended."""
        try:
            self.work()
        except BaseException as error:  # SystemExit too: a reader must never wait for a dead worker
            self.board.fail(self._explained(error))

    def _explained(self, error: BaseException) -> BaseException:
        """The error, with the worker as its cause."""
        if not any(isinstance(e, WorkerError) for e in (error, error.__cause__)):
            cause = WorkerError(f"{self.who} failed at batch {self.number}.")
            cause.__cause__ = error.__cause__
            error.__cause__ = cause
        return error

    def stop(self) -> None:
        """The board is closed; wake up whoever waits for something else."""

    def finish(self, patience: float) -> None:
        """Wait for the end of the batch that is being made."""
        self.join(patience)
        if self.is_alive():
            warn(
                f"{self.name} still works at batch {self.number} and can't be interrupted.",
                RuntimeWarning,
            )


class ItemWorker(Worker):
    """Takes batches from a sequence: `batch_at(number)`."""

    def __init__(self, board: Board, who: str, batch_at: Callable[[int], Any]) -> None:
        super().__init__(board, who)
        self.batch_at = batch_at

    def work(self) -> None:
        """Make the batches whose numbers come."""
        for number in self.numbers():
            self.board.put(number, self.batch_at(number), self.who)


class GeneratorWorker(Worker):
    """Shares a generator with other threads, one at a time."""

    def __init__(self, board: Board, who: str, generator: Iterator[Any], turn: Any) -> None:
        super().__init__(board, who)
        self.generator = generator
        self.turn = turn

    def work(self) -> None:
        """Take what the generator yields, until its end."""
        ended = object()
        while True:
            with self.turn:  # who claims a number also gets what the generator yields next
                number = self.board.claim()
                if number is None:
                    return
                self.number = number
                batch = next(self.generator, ended)
                if batch is ended:
                    self.board.end(number)
                    return
            self.board.put(number, batch, self.who)


class ProcessWorker(Worker):
    """Has a process of its own make the batches: `answer(task)` runs there.

    `task_of(number)` is what the process is told. `turns`: (first, step) if the numbers are dealt
    out beforehand; else a worker takes the next one that is free.
    """

    def __init__(
        self,
        board: Board,
        who: str,
        answer: Callable[[Any], Any],
        task_of: Callable[[int], Any],
        turns: tuple[int, int] | None = None,
        others: Sequence[ProcessWorker] = (),
    ) -> None:
        super().__init__(board, who)
        self.task_of = task_of
        self.turns = turns
        import socket

        self.channel, there = socket.socketpair()
        # A forked process holds everything open that is open here; it closes what isn't its own.
        inherited = [self.channel, *(other.channel for other in others)] if can_fork() else []
        self.process = _context().Process(
            target=_serve, args=(there, answer, inherited), name=who, daemon=True
        )
        try:
            with there, warnings.catch_warnings():
                # Python warns of forking while threads run, and so does an engine with threads of
                # its own. What runs in the process touches no lock of theirs: it makes batches
                # and nothing else.
                warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
                warnings.filterwarnings("ignore", ".*fork.*", RuntimeWarning)
                self.process.start()
        except BaseException:
            self.channel.close()
            raise
        self.kind = f"process {self.process.pid}"

    def numbers(self) -> Iterator[int]:
        """The numbers that were dealt to this worker, or those that are free."""
        if self.turns is None:
            return super().numbers()
        return itertools.takewhile(self._claimed, itertools.count(*self.turns))

    def _claimed(self, number: int) -> bool:
        self.number = number
        return self.board.claim(number) is not None

    def run(self) -> None:
        """The thread: works, and hangs up."""
        with self.channel:
            super().run()

    def work(self) -> None:
        """Tell the process what to make and wait for it."""
        for number in self.numbers():
            try:
                kind, batch, text = self._ask(self.task_of(number))
            except (EOFError, OSError) as error:
                if self.board.closed:
                    return
                raise WorkerError(f"{self.who} {self._death()}") from error
            if kind == "ended":
                self.board.end(number)
                return
            if kind == "failed":
                where = f"{self.who} failed at batch {number}:\n{text}"
                raise WorkerError(where) if batch is None else _caused(batch, where)
            self.board.put(number, batch, self.who)

    def _ask(self, task: Any) -> Any:
        from multiprocessing.connection import wait

        _send(self.channel, _packed(task))
        ready = wait([self.channel, self.process.sentinel])
        if self.channel not in ready:
            raise EOFError  # it died, though somebody else may still hold the other end
        return _receive(self.channel)

    def _death(self) -> str:
        """How the process came to its end."""
        self.process.join(1.0)
        code = self.process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            memory = " The machine may have run out of memory." if name == "SIGKILL" else ""
            return f"was killed by {name} at batch {self.number}.{memory}"
        return f"ended with exit code {code} at batch {self.number}."

    def stop(self) -> None:
        """End the conversation: the process notices when it has made its batch."""
        import socket

        try:
            self.channel.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side is gone already

    def finish(self, patience: float) -> None:
        """Wait for the process, and end it if it takes too long."""
        self.process.join(patience)
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(1.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(1.0)
        self.join(1.0)


def _caused(error: BaseException, where: str) -> BaseException:
    error.__cause__ = WorkerError(where)
    return error


def _context() -> Any:
    """How processes are started: as the user has set it, else as is usual on this system.

    Asking multiprocessing for its default would settle it, and the user could no longer set it.
    """
    import multiprocessing

    chosen = multiprocessing.get_start_method(allow_none=True)
    return multiprocessing.get_context(chosen or multiprocessing.get_all_start_methods()[0])


def can_fork() -> bool:
    """Whether processes start as copies of this one, so that they have everything it has."""
    return bool(_context().get_start_method() == "fork")


# ---- in the process


class Ended(Exception):
    """A generator yields nothing more."""


class Items:
    """Batches of a sequence: `(index, seed)` -> the batch."""

    def __init__(self, sequence: Any) -> None:
        self.sequence = sequence

    def __call__(self, task: tuple[int, int]) -> Any:
        index, seed = task
        # Else every process would draw the same random numbers, and others at the next run.
        _seed(seed)
        return self.sequence[index]


class Pulled:
    """What a generator yields; the process has a copy of its own."""

    def __init__(self, generator: Iterator[Any], seed: int) -> None:
        self.generator = generator
        self.seed: int | None = seed

    def __call__(self, task: None) -> Any:
        if self.seed is not None:
            _seed(self.seed)
            self.seed = None
        for batch in self.generator:
            return batch
        raise Ended


def _seed(seed: int) -> None:
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _serve(channel: socket.socket, answer: Callable[[Any], Any], inherited: list[Any]) -> None:
    """The process: answers tasks until the other side is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that trains
    if inherited:
        gc.freeze()  # what the other process made isn't cleared away here
        runtime.forked()
    for other in inherited:
        other.close()
    while True:
        try:
            task = _receive(channel)
            _send(channel, _answered(answer, task))
        except (EOFError, OSError):
            return  # nobody is there any more


def _answered(answer: Callable[[Any], Any], task: Any) -> list[Any]:
    try:
        return _packed(("made", answer(task), ""))
    except Ended:
        return _packed(("ended", None, ""))
    except Exception as error:  # whatever it is: it is raised where the training runs
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return _packed(("failed", _portable(error), text))


def _portable(error: Exception) -> Exception | None:
    """The error if it can be sent; some have parts that can't, or can't be put together again."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # a pickle fails in as many ways as there are classes
        return None
    return error


# ---- between the two: the buffers of arrays travel as they are


def _packed(value: Any) -> list[Any]:
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    return [memoryview(head), *(buffer.raw() for buffer in buffers)]


def _send(channel: socket.socket, parts: Sequence[Any]) -> None:
    sizes = [part.nbytes for part in parts]
    channel.sendall(struct.pack(f"!I{len(sizes)}Q", len(sizes), *sizes))
    for part in parts:
        channel.sendall(part)


def _receive(channel: socket.socket) -> Any:
    (count,) = struct.unpack("!I", _read(channel, 4))
    sizes = struct.unpack(f"!{count}Q", _read(channel, 8 * count))
    head, *buffers = [_read(channel, size) for size in sizes]
    return pickle.loads(head, buffers=buffers)


def _read(channel: socket.socket, size: int) -> Any:
    buffer: Any = np.empty(size, dtype="uint8")
    rest = memoryview(buffer)
    while rest:
        count = channel.recv_into(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return buffer

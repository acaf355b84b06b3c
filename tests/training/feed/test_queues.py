"""Enqueuers: batches in order, in bounded memory; workers that fail or die are told of at once."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras.training.feed import queues, workers
from keras.training.feed.queues import GeneratorEnqueuer, OrderedEnqueuer
from keras.training.feed.workers import ProcessWorker, WorkerError
from keras.utils import Sequence

KINDS = [False, True]  # threads, processes
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks; written for Linux")


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 3
    while time.monotonic() < until and (
        set(threading.enumerate()) - before or multiprocessing.active_children()
    ):
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before
    assert multiprocessing.active_children() == []


class Numbers(Sequence):
    """Batch i is full of i; `delay(i)` seconds each."""

    def __init__(self, length: int, delay: Any = None, shape: tuple[int, ...] = (4, 3)) -> None:
        self.length, self.delay, self.shape = length, delay, shape
        self.epoch = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:
        if self.delay:
            time.sleep(self.delay(index))
        return np.full(self.shape, index, "float32"), {"y": np.array([index, self.epoch])}

    def on_epoch_end(self) -> None:
        self.epoch += 1


def taken(enqueuer: Any, count: int) -> list[Any]:
    batches = list(itertools.islice(enqueuer.get(), count))
    enqueuer.stop()
    return batches


def begun(sequence: Any, processes: bool, workers: int = 3, queue: int = 10, **more: Any) -> Any:
    enqueuer = OrderedEnqueuer(sequence, use_multiprocessing=processes, **more)
    enqueuer.start(workers, queue)
    return enqueuer


# ---- sequences


@pytest.mark.parametrize("processes", KINDS)
@pytest.mark.parametrize(("workers", "queue"), [(1, 1), (3, 10), (4, 2)])
def test_batches_come_in_order_whoever_is_slow(processes: bool, workers: int, queue: int) -> None:
    sequence = Numbers(9, lambda i: 0.02 * (i % 3 == 0))
    batches = taken(begun(sequence, processes, workers, queue), 20)
    assert [int(x.flat[0]) for x, _ in batches] == [*range(9), *range(9), 0, 1]
    assert [int(y["y"][1]) for _, y in batches] == [0] * 9 + [1] * 9 + [2] * 2


@pytest.mark.parametrize("processes", KINDS)
def test_workers_work_side_by_side(processes: bool) -> None:
    class Times(Numbers):
        def __getitem__(self, index: int) -> Any:
            began = time.monotonic()  # a clock that all processes share
            time.sleep(0.3)
            return np.array([began, time.monotonic()]), None

    times = [batch[0] for batch in taken(begun(Times(8), processes, workers=4), 8)]
    together = [(a, b) for a, b in itertools.combinations(times, 2) if a[0] < b[1] and b[0] < a[1]]
    assert together, "no two batches were made at the same time"


@pytest.mark.parametrize("processes", KINDS)
def test_arrays_arrive_as_they_were(processes: bool) -> None:
    class Mixed(Numbers):
        def __getitem__(self, index: int) -> Any:
            fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
            return fortran, np.zeros((0, 3)), np.arange(10)[::2], None, "text", [np.float16(1.5)]

    fortran, empty, strided, nothing, text, listed = taken(begun(Mixed(1), processes), 1)[0]
    np.testing.assert_array_equal(fortran, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(strided, [0, 2, 4, 6, 8])
    assert (empty.shape, nothing, text, listed) == ((0, 3), None, "text", [np.float16(1.5)])
    fortran[0, 0] = 7.0  # it may be written to


@pytest.mark.parametrize("processes", KINDS)
def test_large_batches(processes: bool) -> None:
    batches = taken(begun(Numbers(4, shape=(1000, 1000)), processes), 4)
    assert all((x == i).all() for i, (x, _) in enumerate(batches))


def test_no_more_is_made_ahead_than_the_queue_holds() -> None:
    made: list[int] = []
    enqueuer = begun(Numbers(100, lambda i: made.append(i) or 0), False, workers=4, queue=5)
    batches = enqueuer.get()
    for count in range(1, 20):
        next(batches)
        time.sleep(0.01)
        assert len(made) <= count + 5
    enqueuer.stop()


@pytest.mark.parametrize("processes", KINDS)
def test_the_length_is_read_anew_each_epoch(processes: bool) -> None:
    class Grows(Numbers):
        def on_epoch_end(self) -> None:
            self.length += 1

    batches = taken(begun(Grows(2), processes), 9)
    assert [int(x.flat[0]) for x, _ in batches] == [0, 1, 0, 1, 2, 0, 1, 2, 3]


@pytest.mark.parametrize("processes", KINDS)
def test_shuffling_gives_each_batch_once_and_repeats_with_the_seed(processes: bool) -> None:
    def epochs() -> list[list[int]]:
        np.random.seed(7)
        batches = taken(begun(Numbers(10), processes, shuffle=True), 20)
        order = [int(x.flat[0]) for x, _ in batches]
        return [order[:10], order[10:]]

    first, second = epochs()
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert [first, second] == epochs()


def test_random_numbers_in_processes_differ_and_repeat() -> None:
    class Drawn(Numbers):
        def __getitem__(self, index: int) -> Any:
            time.sleep(random.random() / 100)
            return np.random.random(), random.random()

    def drawn() -> list[Any]:
        np.random.seed(3)
        return taken(begun(Drawn(6), True), 12)

    first = drawn()
    assert len(set(first)) == 12
    assert first == drawn()


def test_the_end_of_an_epoch_can_be_told_apart() -> None:
    sequence = Numbers(3)
    enqueuer = begun(sequence, False)
    batches = enqueuer.get()
    next(batches)
    enqueuer.join_end_of_epoch()
    assert sequence.epoch == 0, "there are batches left"
    next(batches), next(batches)
    assert sequence.epoch == 0, "the last batch may still be in use"
    enqueuer.join_end_of_epoch()
    assert sequence.epoch == 1
    assert int(next(batches)[1]["y"][1]) == 1
    enqueuer.stop()


def test_a_sequence_without_batches() -> None:
    with pytest.raises(ValueError, match="`Numbers` has no batches: its length is 0"):
        begun(Numbers(0), False)


def test_numbers_of_workers() -> None:
    with pytest.raises(ValueError, match="`workers` is at least 1, got 0"):
        begun(Numbers(1), False, workers=0)
    with pytest.raises(ValueError, match="`max_queue_size` is at least 1, got 0"):
        begun(Numbers(1), False, queue=0)


def test_starting_and_stopping() -> None:
    enqueuer = OrderedEnqueuer(Numbers(3))
    assert not enqueuer.is_running()
    assert list(enqueuer.get()) == []
    for _ in range(2):
        enqueuer.start()
        assert enqueuer.is_running()
        with pytest.raises(RuntimeError, match="running already"):
            enqueuer.start()
        enqueuer.stop()
        enqueuer.stop()
        assert not enqueuer.is_running()


@pytest.mark.parametrize("processes", KINDS)
def test_one_that_is_forgotten_leaves_nothing_behind(processes: bool) -> None:
    enqueuer = begun(Numbers(100), processes)
    batches = enqueuer.get()
    next(batches)
    del enqueuer, batches
    gc.collect()  # the fixture looks for threads and processes


def test_stopping_does_not_wait_for_a_process_for_ever() -> None:
    enqueuer = begun(Numbers(5, lambda i: 60), True)
    time.sleep(0.1)
    began = time.monotonic()
    enqueuer.stop(timeout=0.2)
    assert time.monotonic() - began < 2


def test_a_thread_that_can_not_be_stopped_is_told_of() -> None:
    release = threading.Event()
    enqueuer = begun(Numbers(5, lambda i: release.wait(10) and 0), False, workers=1)
    with pytest.warns(RuntimeWarning, match="worker 1 of 1 still works at batch 0"):
        enqueuer.stop(timeout=0.05)
    release.set()


# ---- workers that fail


class Faulty(Numbers):
    """Something happens at batch 7."""

    def __init__(self, fault: Any) -> None:
        super().__init__(100, lambda i: 0.005)
        self.fault = fault

    def __getitem__(self, index: int) -> Any:
        if index == 7:
            self.fault()
        return super().__getitem__(index)


class Odd(Exception):
    """Can't be put together again from its arguments."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"odd {one} {two}")


def fails(fault: type[Exception], *args: Any) -> Any:
    def fault_now() -> None:
        raise fault(*args)

    return fault_now


@pytest.mark.parametrize("processes", KINDS)
def test_an_error_comes_as_it_is_with_the_worker_as_its_cause(processes: bool) -> None:
    enqueuer = begun(Faulty(fails(IndexError, "a faulty picture")), processes)
    began = time.monotonic()
    with pytest.raises(IndexError, match="a faulty picture") as caught:
        list(enqueuer.get())
    assert time.monotonic() - began < 1
    assert not enqueuer.is_running()
    cause = str(caught.value.__cause__)
    assert "worker " in cause
    assert " of 3 (" in cause
    assert "failed at batch 7" in cause
    if processes:
        assert "in fault_now" in cause, "the traceback over there"


def test_the_reader_learns_of_it_while_it_waits_for_another_batch() -> None:
    sequence = Faulty(fails(IndexError, "faulty"))
    sequence.delay = lambda i: 30 * (i == 0)
    enqueuer = begun(sequence, True, workers=2)
    began = time.monotonic()
    with pytest.raises(IndexError, match="faulty"):
        next(enqueuer.get())
    assert time.monotonic() - began < 2  # half a second of it is patience with the other process


def test_errors_that_can_not_travel_are_told_in_words() -> None:
    with pytest.raises(WorkerError, match=r"process \d+\) failed at batch 7:\n(.|\n)*Odd: odd 1 2"):
        list(begun(Faulty(fails(Odd, 1, 2)), True).get())


def test_batches_that_can_not_travel_are_told_in_words() -> None:
    class Local(Numbers):
        def __getitem__(self, index: int) -> Any:
            return lambda: 0

    with pytest.raises(Exception, match=r"(?i)pickle|local"):
        list(begun(Local(3), True).get())


@pytest.mark.parametrize("processes", KINDS)
def test_a_stop_iteration_is_an_error_and_no_end(processes: bool) -> None:
    with pytest.raises(RuntimeError, match=r"StopIteration|raised"):
        list(begun(Faulty(fails(StopIteration)), processes).get())


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            lambda: os.kill(os.getpid(), signal.SIGKILL),
            r"was killed by SIGKILL at batch 7\. .*memory",
        ),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), r"was killed by SIGTERM at batch 7\."),
        (lambda: os._exit(3), "ended with exit code 3 at batch 7"),
    ],
)
def test_a_process_that_dies_is_told_of_within_a_second(fault: Any, says: str) -> None:
    enqueuer = begun(Faulty(fault), True)
    began = time.monotonic()
    with pytest.raises(WorkerError, match=rf"worker \d of 3 \(process \d+\) {says}"):
        list(enqueuer.get())
    assert time.monotonic() - began < 1


def test_a_process_that_dies_while_it_sends_is_told_of() -> None:
    sequence = Numbers(50, shape=(2000, 2000))
    enqueuer = begun(sequence, True, workers=1, queue=1)
    batches = enqueuer.get()
    next(batches)
    os.kill(enqueuer._crew[0].process.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="was killed by SIGKILL"):
        list(batches)


def test_a_thread_that_exits_is_told_of() -> None:
    with pytest.raises(SystemExit):
        list(begun(Faulty(sys.exit), False).get())


# ---- generators


def numbers(count: int | None = None) -> Iterator[Any]:
    for i in itertools.count() if count is None else range(count):
        yield np.full((2, 2), i), np.random.random()


def pulling(generator: Any, processes: bool, workers: int, queue: int = 10, **more: Any) -> Any:
    enqueuer = GeneratorEnqueuer(generator, use_multiprocessing=processes, **more)
    enqueuer.start(workers, queue)
    return enqueuer


@pytest.mark.parametrize(("processes", "workers"), [(False, 1), (False, 4), (True, 1)])
def test_a_generator_is_taken_in_order_to_its_end(processes: bool, workers: int) -> None:
    batches = taken(pulling(numbers(25), processes, workers), 100)
    assert [int(x[0, 0]) for x, _ in batches] == list(range(25))


@pytest.mark.parametrize("processes", KINDS)
def test_an_endless_generator(processes: bool) -> None:
    assert len(taken(pulling(numbers(), processes, 1), 30)) == 30


def test_processes_have_a_copy_each_and_say_so() -> None:
    def drawn() -> list[Any]:
        with pytest.warns(UserWarning, match=r"several times.*`keras.utils.Sequence` makes each"):
            enqueuer = pulling(numbers(5), True, 2, random_seed=11)
        return taken(enqueuer, 100)

    batches = drawn()
    assert [int(x[0, 0]) for x, _ in batches] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert len({r for _, r in batches}) == 10, "different random numbers"
    assert [r for _, r in batches] == [r for _, r in drawn()], "the same ones each time"


@pytest.mark.parametrize("processes", KINDS)
def test_an_error_in_a_generator(processes: bool) -> None:
    def breaks() -> Iterator[int]:
        yield 1
        raise KeyError("a broken generator")

    with pytest.raises(KeyError, match="a broken generator") as caught:
        list(pulling(breaks(), processes, 1).get())
    assert "failed at batch 1" in str(caught.value.__cause__)


def test_a_generator_runs_no_further_ahead_than_the_queue_holds() -> None:
    count = [0]

    def counted() -> Iterator[int]:
        while True:
            count[0] += 1
            yield count[0]

    enqueuer = pulling(counted(), False, 1, queue=5)
    assert list(itertools.islice(enqueuer.get(), 10)) == list(range(1, 11))
    time.sleep(0.05)
    enqueuer.stop()
    assert 10 <= count[0] <= 15


def test_a_worker_that_has_filled_the_queue_rests_until_half_of_it_is_empty() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for i in itertools.count():
            made.append(i)
            yield i

    def come(count: int) -> bool:
        until = time.monotonic() + 3
        while time.monotonic() < until and len(made) < count:
            time.sleep(0.005)
        time.sleep(0.05)  # for one more than that
        return len(made) == count

    enqueuer = GeneratorEnqueuer(numbers())
    enqueuer.start(1, max_queue_size=10)
    batches = enqueuer.get()
    assert come(10)
    assert [next(batches) for _ in range(4)] == [0, 1, 2, 3]
    assert come(10)
    assert next(batches) == 4
    assert come(15)
    enqueuer.stop()


@pytest.mark.parametrize("queue", [1, 2, 3, 7])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_nobody_waits_for_another_for_ever(queue: int, workers: int) -> None:
    draw = random.Random(queue * workers)
    often = [draw.choice((0, 0, 0, 0.002)) for _ in range(400)]
    enqueuer = begun(Numbers(200, often.__getitem__, shape=(1,)), False, workers, queue)
    batches = enqueuer.get()
    for i in range(200):
        assert next(batches)[0][0] == i
        time.sleep(often[200 + i])
    enqueuer.stop()


def test_arguments_without_meaning_are_told_of() -> None:
    with pytest.warns(UserWarning, match="`wait_time` has no meaning"):
        GeneratorEnqueuer(numbers(), wait_time=0.1)
    with pytest.warns(UserWarning, match="`random_seed` is for processes"):
        GeneratorEnqueuer(numbers(), random_seed=1)


def test_where_processes_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))
    with pytest.raises(ValueError, match="A generator can't be sent"):
        pulling(numbers(), True, 1)


def test_spawned_processes_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))
    batches = taken(begun(Listed([1, 2, 3]), True, workers=1), 4)
    assert batches == [1, 2, 3, 1]


def test_what_can_not_be_sent_to_spawned_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))
    with pytest.raises(Exception, match=r"(?i)pickle|local"):
        begun(Listed([lambda: 0]), True)


def test_a_crew_that_is_not_complete_goes_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def hire(*args: Any, others: Any, **kwargs: Any) -> Any:
        if len(others) == 2:
            raise OSError("too many open files")
        return ProcessWorker(*args, others=others, **kwargs)

    monkeypatch.setattr(queues, "ProcessWorker", hire)
    with pytest.raises(OSError, match="too many open files"):
        begun(Numbers(3), True)


class Listed(Sequence):
    """Batches from a list."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Any:
        return self.batches[index]


def test_what_a_sequence_needs() -> None:
    with pytest.raises(NotImplementedError, match="`Sequence` needs `__len__"):
        len(Sequence())
    with pytest.raises(NotImplementedError, match="`Sequence` needs `__getitem__"):
        Sequence()[0]
    assert list(Listed([4, 5])) == [4, 5]

"""Weights are read from the file while the model that they are for is built.

The system reads beside Python; what costs is to come back from it, since whoever runs Python's code
lets go of the interpreter only every 5 ms. So few calls read all: arrays that lie behind each other
in the file are read in one, and what is between two of them goes to memory that nobody looks at.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..backend.graph import runtime
from . import direct
from .h5 import FLOAT32, Array, Memory

LEAST = 1 << 22  # bytes for which a thread is worth its start
MAX_GAP = 1 << 16  # bytes between two arrays that are rather read than gone around
MAX_ARRAYS = 500  # of one call: the system takes 1,024 pieces of memory, and there are the gaps
MAX_BYTES = 1 << 30  # of one call, which can't be given up once it runs

_unseen = memoryview(bytearray(MAX_GAP))


@contextmanager
def prefetching(arrays: Iterable[Array]) -> Iterator[None]:
    """While this lasts, a thread reads arrays of one file into memory of the engine.

    What it can't read is left to those who ask for it, and to the errors that they raise.
    """
    plain = [each for each in arrays if each.number is not None and each.place is not None]
    number = plain[0].number if plain else None
    if number is None or sum(map(_bytes_of, plain)) < LEAST:
        yield
        return
    reader = _Reader(number, plain)
    reader.thread.start()
    try:
        yield
    finally:
        reader.given_up = True
        reader.thread.join()  # before the file is closed


class _Reader:
    def __init__(self, number: int, arrays: Sequence[Array]) -> None:
        self.number = number
        self.runs = list(_runs(arrays, os.fstat(number).st_size))
        self.memory = {array: _memory_for(array) for run in self.runs for array in run}
        self.buffers = [self._buffers(run) for run in self.runs]
        self.read: set[Array] = set()
        self.given_up = False
        self.thread = threading.Thread(target=self._read, name="keras-weights", daemon=True)
        for array in self.memory:
            array.prefetched = self._take

    def _buffers(self, run: Sequence[Array]) -> list[Any]:
        """The memory into which a run is read, from its first byte to its last."""
        buffers: list[Any] = []
        here = run[0].place
        for array in run:
            if array.place != here:
                buffers.append(_unseen[: array.place - here])
            buffers.append(self.memory[array].into)
            here = array.place + _bytes_of(array)
        return buffers

    def _read(self) -> None:
        for run, buffers in zip(self.runs, self.buffers, strict=True):
            if self.given_up:
                return
            try:
                count = os.preadv(self.number, buffers, run[0].place)
            except OSError:
                return  # it is raised where the array is asked for
            if count != sum(each.nbytes for each in buffers):
                return
            self.read.update(run)

    def _take(self, array: Array) -> Memory | None:
        """The memory with the array's numbers, once; `None` if it wasn't read."""
        self.thread.join()
        memory = self.memory.pop(array)
        return memory if array in self.read else None


def _bytes_of(array: Array) -> int:
    return array.size * FLOAT32.itemsize


def _memory_for(array: Array) -> Memory:
    device = runtime.current_device()
    memory = Memory(*runtime.engine().memory(array.shape, "float32", device), device)
    if memory.into.nbytes >= direct.LARGE:
        direct.in_large_pages(memory.into)
    return memory


def _runs(arrays: Sequence[Array], size: int) -> Iterator[list[Array]]:
    """Arrays that one call reads, in the order of the file, which has `size` bytes.

    Those that share bytes with others are left out: all memory together is no more than the file.
    """
    run: list[Array] = []
    begin = end = 0
    for array in sorted((a for a in arrays if a.size), key=lambda a: a.place):
        if array.place < end or array.place + _bytes_of(array) > size:
            continue
        near = array.place - end <= MAX_GAP and array.place - begin <= MAX_BYTES
        if run and not (near and len(run) < MAX_ARRAYS):
            yield run
            run = []
        if not run:
            begin = array.place
        run.append(array)
        end = array.place + _bytes_of(array)
    if run:
        yield run

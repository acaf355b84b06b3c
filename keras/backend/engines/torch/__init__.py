"""The torch engine: the default one. Tables of rows, one file a family, and the protocol."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from ...graph.host import HOST
from ...graph.program import Program, Step
from ...graph.runtime import current_device
from ...graph.tensor import Node
from ..protocol import Row
from ..rows import ByTable, Rows
from . import (
    arrange,
    control,
    conv,
    denormals,
    elementwise,
    linalg,
    lists,
    losses,
    memory,
    native,
    normalise,
    random,
    recurrent,
    reduce,
    refine,
    steps,
    tapes,
    threads,
)
from .devices import chosen_device, device_names, nearest_device

DTYPES = {
    name: getattr(torch, name)
    for name in (
        "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64",
        "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
    )
}  # fmt: skip


class TorchEngine(ByTable):
    """Runs programs on torch: straight-line code without autograd, on the CPU or a GPU."""

    name = "torch"
    infix = elementwise.INFIX
    sizes = HOST
    any_dtype = True  # a program's function takes arrays as they come

    def __init__(self) -> None:
        parts = (
            elementwise, arrange, reduce, linalg, conv, normalise, losses, random, control, native,
            recurrent,
        )  # fmt: skip
        self.rows = Rows("torch", [part.TABLE for part in parts], lists.TABLE)
        self.table = self.rows.table
        self.device = chosen_device()
        if self.device.type == "cpu":  # elsewhere reading a scalar waits for the device
            self.table.update(steps.TABLE)
            memory.keep_freed()
        self.flushes = self.device.type == "cpu" and denormals.prepared()

    # ---- arrays

    def is_array(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def array(self, value: Any, dtype: str) -> torch.Tensor:
        wanted = DTYPES[dtype]
        if not isinstance(value, torch.Tensor):
            if not isinstance(value, np.ndarray):
                value = np.asarray(value)
            value = _shared(value, dtype)
        if value.dtype is not wanted:
            value = value.to(wanted)
        device = current_device() or self.device
        made: torch.Tensor = value if value.device == device else value.to(device)
        return made

    def own(self, value: Any, dtype: str, device: Any) -> torch.Tensor:
        # In C order: fused optimizers walk through a weight's memory and its slots' side by side.
        # In the engine's memory: how products sum up their terms depends on its alignment.
        if isinstance(value, torch.Tensor):
            order = torch.contiguous_format
            place = device or self.device
            return value.to(place, DTYPES[dtype], copy=True, memory_format=order).detach()
        value = np.asarray(value)
        # Through numpy, which copies as fast as the memory is: torch wakes its threads each time.
        into, finished = self.memory(value.shape, dtype, device)
        np.copyto(into, value, casting="unsafe")
        return finished()

    def memory(
        self, shape: Sequence[int], dtype: str, device: Any
    ) -> tuple[Any, Callable[[], torch.Tensor]]:
        kind = DTYPES[dtype]
        # Numpy has no bfloat16.
        made = torch.empty(shape, dtype=torch.float32 if kind is torch.bfloat16 else kind)
        return made.numpy(), lambda: made.to(device or self.device, kind)

    def numpy(self, array: Any, copy: bool = False) -> Any:
        if not isinstance(array, torch.Tensor):
            return np.asarray(array)
        if array.dtype is torch.bfloat16:
            array = array.float()
        made = array.numpy(force=True)
        return np.array(made) if copy else made

    def cast(self, array: torch.Tensor, dtype: str) -> torch.Tensor:
        return array.to(DTYPES[dtype])

    def scalars(self, arrays: Sequence[Any]) -> Any:
        return np.asarray(torch.stack([torch.as_tensor(a) for a in arrays]).cpu())

    def batches(self, arrays: Sequence[Any], order: Any, size: int) -> Iterator[Sequence[Any]]:
        if order is None:
            yield from zip(*[torch.split(x, size) for x in arrays], strict=True)
            return
        pick = torch.index_select
        for rows in torch.split(self.array(order, "int64"), size):
            yield [pick(x, 0, rows) for x in arrays]

    def forget(self) -> None:
        recurrent.rooms.forget()

    def forked(self) -> None:
        torch.set_num_threads(1)  # the others weren't copied, and would be waited for

    # ---- rows

    def describe(self, function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
        return native.describe(function, tensors)

    def met_a_symbol(self, error: Exception) -> bool:
        return False  # tensors of the graph tell torch what to do with them

    def device_named(self, name: str) -> torch.device:
        return nearest_device(name)

    def device_names(self) -> list[str]:
        return device_names()

    # ---- random numbers

    def random_state(self, nodes: Sequence[Node]) -> dict[str, Any]:
        own = torch.get_rng_state().numpy()
        return {"own": own, "nodes": [random.state(node) for node in nodes]}

    def set_random_state(self, nodes: Sequence[Node], state: dict[str, Any]) -> None:
        for node, found in zip(nodes, state["nodes"], strict=True):
            random.set_state(node, found)
        torch.set_rng_state(torch.from_numpy(state["own"]))

    # ---- gradients

    def taped(self, step: Step) -> Row:
        return tapes.taped(step)

    def puller(self, forward: Step, wanted: tuple[int, ...]) -> Row:
        return tapes.puller(forward, wanted)

    def pullback_function(self, of: Node, function: Row, wanted: tuple[int, ...]) -> Row:
        return tapes.pullback_function(len(of.inputs), function, wanted, of.many)

    # ---- programs

    def refine(self, program: Program) -> None:
        refine.refine(program, self)

    def compile(self, function: Row, program: Program) -> Row:
        # `torch.no_grad` takes longer than the steps of a small model.
        enable = torch._C._set_grad_enabled

        def plain(*arrays: Any) -> Any:
            if not torch.is_grad_enabled():
                return function(*arrays)
            enable(False)
            try:
                return function(*arrays)
            finally:
                enable(True)

        if self.device.type != "cpu":
            return plain
        begun = threads.begun
        rows = threads.rows_for_one(program) if program.updates else 0

        def run(*arrays: Any) -> Any:
            if begun.here and rows and len(arrays[0]) <= rows:
                with threads.InOneThread(really=True):
                    return plain(*arrays)
            return plain(*arrays)

        return denormals.flushing(run) if self.flushes else run

    def running(self) -> AbstractContextManager[Any]:
        return torch.no_grad()


def _shared(value: Any, dtype: str) -> torch.Tensor:
    """An array of numpy's as torch's, in the same memory if torch can read it there."""
    if value.flags.writeable:
        try:
            return torch.from_numpy(value)
        except (TypeError, ValueError):  # in the other byte order, too precise, backwards
            native = value.dtype.isnative and value.dtype.char != "g"
            kind = value.dtype if native else "float64" if dtype == "bfloat16" else dtype
            return torch.from_numpy(value.astype(kind))
    return _shared(value.copy(), dtype)


def engine() -> TorchEngine:
    """The engine, ready to run."""
    return TorchEngine()

"""The JAX engine: the same tables in other words. Programs are compiled whole by XLA."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...graph.host import HOST
from ...graph.program import Program, Step
from ...graph.runtime import current_device
from ...graph.tensor import Node, Tensor
from .. import forks, turns
from ..arrays import INFIX
from ..protocol import Row
from ..rows import ByTable, Rows
from . import (
    arrange as arrange,
    control as control,
    conv as conv,
    devices as devices,
    eager as eager,
    elementwise as elementwise,
    random as random,
    reduce as reduce,
    tapes as tapes,
)
from .jitted import (
    Jitted as Jitted,
    Picked as Picked,
)

# Without this JAX has no float64 and no int64; all dtypes are said anyway, so nothing gets wider.
jax.config.update("jax_enable_x64", True)


class JaxEngine(ByTable):
    """Runs programs on JAX, each compiled as a whole for each set of shapes it meets."""

    name = "jax"
    infix = INFIX
    sizes = HOST

    def __init__(self) -> None:
        parts = (elementwise, arrange, reduce, conv, random, control)
        self.rows = Rows("jax", [part.TABLE for part in parts], {})
        self.table = self.rows.table
        self.device = None  # JAX's own choice

    # ---- arrays

    def is_array(self, value: Any) -> bool:
        return isinstance(value, jax.Array)

    def array(self, value: Any, dtype: str) -> Any:
        if isinstance(value, Picked):
            return value
        made = jnp.asarray(value, dtype=dtype)
        device = current_device()
        return made if device is None else jax.device_put(made, device)

    def own(self, value: Any, dtype: str, device: Any) -> Any:
        # `jnp.array` would compile a copy for each shape, and JAX keeps that program.
        if isinstance(value, jax.Array):
            return jax.device_put(value.astype(dtype), device, may_alias=False)
        return jax.device_put(np.array(value, jnp.dtype(dtype)), device)

    def memory(
        self, shape: Sequence[int], dtype: str, device: Any
    ) -> tuple[Any, Callable[[], Any]]:
        made = np.empty(shape, jnp.dtype(dtype))
        if device is None:
            return made, lambda: jnp.asarray(made)
        return made, lambda: jax.device_put(made, device)

    def numpy(self, array: Any, copy: bool = False) -> Any:
        made = np.asarray(array)
        if made.dtype.name == "bfloat16":
            return made.astype("float32")
        return np.array(made) if copy or not made.flags.writeable else made

    def cast(self, array: Any, dtype: str) -> Any:
        return array.astype(dtype)

    def scalars(self, arrays: Sequence[Any]) -> Any:
        return np.concatenate([np.ravel(a) for a in arrays])

    def batches(self, arrays: Sequence[Any], order: Any, size: int) -> Iterator[Sequence[Any]]:
        samples = len(arrays[0])
        rows = np.arange(samples, dtype="int32") if order is None else order.astype("int32")
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            yield [Picked(x, some) for x in arrays]

    def forked(self) -> None:
        forks.refuse(self, "JAX")

    def forget(self) -> None:
        jax.clear_caches()  # for ops that ran on their own, JAX keeps a program for each shape

    # ---- rows

    def describe(self, function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
        return tapes.describe(function, tensors)

    def met_a_symbol(self, error: Exception) -> bool:
        return Tensor.__module__ in str(error)  # it names the class that it can't use

    def device_named(self, name: str) -> Any:
        return devices.nearest_device(name)

    def device_names(self) -> list[str]:
        return devices.device_names()

    # ---- random numbers

    def random_state(self, nodes: Sequence[Node]) -> dict[str, Any]:
        return {"nodes": [turns.state(node) for node in nodes]}

    def set_random_state(self, nodes: Sequence[Node], state: dict[str, Any]) -> None:
        for node, found in zip(nodes, state["nodes"], strict=True):
            turns.set_state(node, found)

    # ---- gradients

    def taped(self, step: Step) -> Row:
        return tapes.taped(step)

    def puller(self, forward: Step, wanted: tuple[int, ...]) -> Row:
        return tapes.puller(forward, wanted)

    def pullback_function(self, of: Node, function: Row, wanted: tuple[int, ...]) -> Row:
        return tapes.pullback_function(len(of.inputs), function, wanted, of.many)

    # ---- programs

    def refine(self, program: Program) -> None:
        program.tell_used()

    def compile(self, function: Row, program: Program) -> Row:
        """Compiled by XLA; the old values of variables that get new ones are given up."""
        if eager.runs_eagerly(program):
            return eager.step_by_step(function, program)
        return Jitted(function, program)

    def running(self) -> AbstractContextManager[Any]:
        return nullcontext()


def engine() -> JaxEngine:
    """The engine, ready to run."""
    devices.choose_device()
    return JaxEngine()

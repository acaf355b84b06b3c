"""The TensorFlow engine: the same tables once more. Each program is one `tf.function`, traced once
for batches of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

import numpy as np
import tensorflow as tf

from ...graph.program import Program, Step
from ...graph.runtime import current_device
from ...graph.tensor import Node, Tensor
from .. import forks, turns
from ..protocol import Row
from ..rows import ByTable, Rows
from . import (
    arrange as arrange,
    control as control,
    conv as conv,
    devices as devices,
    elementwise as elementwise,
    native as native,
    normalise as normalise,
    random as random,
    reduce as reduce,
    tapes as tapes,
)
from .programs import (
    compiled as compiled,
    eagerly as eagerly,
)
from .sizes import (
    SIZES as SIZES,
    as_array as as_array,
)


class TensorFlowEngine(ByTable):
    """Runs programs on TensorFlow, each as one graph."""

    name = "tensorflow"
    infix: Mapping[str, str] = MappingProxyType({})  # operators refuse operands of two dtypes
    sizes: Mapping[str, Callable[..., Any]] = SIZES

    def __init__(self) -> None:
        parts = (elementwise, arrange, reduce, conv, normalise, random, control)
        self.rows = Rows("tensorflow", [part.TABLE for part in parts], {})
        self.table: Mapping[str, Any] = self.rows.table
        self.device = devices.chosen_device()

    # ---- arrays

    def is_array(self, value: Any) -> bool:
        return isinstance(value, tf.Tensor)

    def array(self, value: Any, dtype: str) -> Any:
        with self._on(current_device()):
            if type(value) is tuple or tf.is_tensor(value):
                return elementwise.of_dtype(as_array(value), dtype)
            return tf.constant(np.asarray(value, _numpys(dtype)))

    def own(self, value: Any, dtype: str, device: Any) -> Any:
        with self._on(device):
            if tf.is_tensor(value):  # nobody can write into one
                return tf.identity(elementwise.of_dtype(value, dtype))
            return tf.constant(np.array(value, _numpys(dtype)))

    def memory(
        self, shape: Sequence[int], dtype: str, device: Any
    ) -> tuple[Any, Callable[[], Any]]:
        made = np.empty(shape, _numpys(dtype))

        def finished() -> Any:
            with self._on(device):
                return tf.constant(made)

        return made, finished

    def numpy(self, array: Any, copy: bool = False) -> Any:
        if not isinstance(array, tf.Tensor):
            return np.asarray(array)
        made = array.numpy()
        return made.astype("float32") if array.dtype == tf.bfloat16 else made

    def cast(self, array: Any, dtype: str) -> Any:
        with eagerly():
            return tf.cast(array, dtype)

    def scalars(self, arrays: Sequence[Any]) -> Any:
        return np.asarray([np.asarray(a) for a in arrays])

    def batches(self, arrays: Sequence[Any], order: Any, size: int) -> Iterator[Sequence[Any]]:
        for start in range(0, len(arrays[0] if order is None else order), size):
            with eagerly():
                if order is None:
                    some = [x[start : start + size] for x in arrays]
                else:
                    rows = tf.constant(order[start : start + size])
                    some = [tf.gather(x, rows) for x in arrays]
            yield some

    def _on(self, device: Any) -> AbstractContextManager[Any]:
        device = device or self.device
        return eagerly() if device is None else eagerly(tf.device(device))

    def forked(self) -> None:
        forks.refuse(self, "TensorFlow")

    # ---- rows

    def describe(self, function: Row, tensors: Sequence[Any]) -> tuple[Any, Row]:
        return native.describe(function, tensors)

    def met_a_symbol(self, error: Exception) -> bool:
        return Tensor.__module__ in str(error)  # it names the class, as `tf.map_fn` does

    def device_named(self, name: str) -> str:
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
        return compiled(self, function, program)

    def running(self) -> AbstractContextManager[Any]:
        return eagerly()

    def run_now(self, name: str, inputs: Sequence[Any], settled: dict[str, Any]) -> Any:
        with eagerly():
            return super().run_now(name, inputs, settled)


def _numpys(dtype: str) -> Any:
    return tf.as_dtype(dtype).as_numpy_dtype


def engine() -> TensorFlowEngine:
    """The engine, ready to run."""
    native.accept_symbols()
    return TensorFlowEngine()

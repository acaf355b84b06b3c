"""A program as one `tf.function`, traced once: sizes that a program leaves open stay open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.eager.execute import execute
from tensorflow.python.eager.record import could_possibly_record

from ... import config
from ...graph.program import Program, Value
from ..turns import Turns
from . import devices, random
from .traced import stepwise

if TYPE_CHECKING:
    from ..protocol import Engine

Function = Callable[..., Any]

FOREIGN = ("native", "numpy_call", "print_tensor")  # nobody knows what is inside of them


def compiled(engine: Engine, function: Function, program: Program) -> Function:
    """A program's function of its parameters and variables, as a graph of TensorFlow."""
    given = [*program.parameters, *program.variables.values()]
    specs = [tf.TensorSpec(v.shape, v.dtype) for v in given]
    turns = Turns(step.node for step in program.all_steps())
    if turns.any:
        specs.append(tf.TensorSpec((), tf.int64))
    wanted = [r.dtype if isinstance(r, Value) else None for r in program.results]

    def whole(function: Function, *arrays: Any) -> Any:
        number = arrays[-1] if turns.any else None
        with random.turn(number):
            outputs, values = function(*arrays[: len(given)])
        shown = [_tensor(y, dtype) for y, dtype in zip(outputs, wanted, strict=True)]
        return shown, [_tensor(v, None) for v in values]

    def traced(function: Function) -> Any:
        graph = tf.function(partial(whole, function), input_signature=specs, autograph=False)
        return graph.get_concrete_function()

    executor = "SINGLE_THREADED_EXECUTOR" if _in_order(program) else ""
    found: list[Traced] = []

    def run(*arrays: Any) -> Any:
        with eagerly():
            if turns.any:
                arrays = (*arrays, tf.constant(np.int64(turns.next())))
            if not found:
                try:
                    made = traced(stepwise(engine, program))
                except Exception:  # whatever it is: by its source again, whose line is named then
                    made = None
                found.append(Traced(made or traced(function), executor))
            try:
                return found[0](*arrays)
            except tf.errors.OpError:
                whole(function, *arrays)  # a step at a time, for the same reason
                raise

    return run


def eagerly(also: AbstractContextManager[Any] | None = None) -> AbstractContextManager[Any]:
    """Compute at once, be it within a session of TensorFlow 1, where all that is called would only
    be noted for later; `also`: within this, too."""
    if tf.executing_eagerly() or tf.inside_function():
        return also or nullcontext()
    made = ExitStack()
    made.enter_context(tf.__internal__.eager_context.eager_mode())
    if also is not None:
        made.enter_context(also)
    return made


def _in_order(program: Program) -> bool:
    """Whether the steps are best done one after the other, each by all cores of the processor.

    Several at once get in each other's way: a step of ResNet-20 takes 3% longer then. TensorFlow
    can't do that with loops.
    """
    names = {step.name for step in program.steps}
    return devices.only_processor() and not any(program.bodies()) and names.isdisjoint(FOREIGN)


class Traced:
    """A traced function, called with arrays of the right dtypes one after the other.

    TensorFlow's own call looks at each argument in Python: with the 300 variables of ResNet-20 for
    3 ms, a twentieth of a step. The function is called by its name, as by TensorFlow itself: what
    the runtime prepares for it goes with the function then. For the op `StatefulPartitionedCall`
    it would keep it, 1 MB a model.
    """

    def __init__(self, function: Any, executor: str) -> None:
        self.function, self.executor = function, executor
        self.name = function.name.decode()
        self.captured = function.captured_inputs
        self.count = len(function.outputs)
        self.shown = len(function.structured_outputs[0])

    def __call__(self, *arrays: Any) -> tuple[list[Any], list[Any]]:
        if not tf.executing_eagerly() or could_possibly_record():
            shown, values = self.function(*arrays)  # the quick way has no gradient
            return shown, values
        now = context.context()
        attributes = {**now.function_call_options.as_attrs(), "executor_type": self.executor}
        settled = tuple(chain.from_iterable(attributes.items()))
        made = execute(self.name, self.count, [*arrays, *self.captured], settled, now)
        return made[: self.shown], made[self.shown :]


def _tensor(value: Any, dtype: str | None) -> Any:
    if tf.is_tensor(value):
        return value
    return tf.constant(value, dtype or (config.floatx() if type(value) is float else None))

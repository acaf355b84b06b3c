"""A function of the graph as a SavedModel: TensorFlow's format for programs that serve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from ...graph import runtime
from ...graph.function import Function
from ...graph.op import TensorList
from ...graph.program import Program, identifier
from ...graph.render import Source

PYTHONS = ("numpy_call", "print_tensor")  # ops that no program without Python can do


def export(
    engine: Any, function: Function, inputs: Sequence[str], outputs: Sequence[str], folder: Path
) -> None:
    """Write what a function computes while testing, with the values of its variables, and its
    updates as assignments to them; `inputs` and `outputs` are the names in its signature."""
    with runtime.running_on(engine):
        program = function.lowered(0)
        _check(program)
        engine.refine(program)
        source = Source(engine, "<keras export>")
        source.function(program)
    compute = source.compile(program.name)
    module = Exported(compute, program)
    names = zip(program.parameters, inputs, strict=True)
    specs = [tf.TensorSpec(v.shape, v.dtype, name=identifier(n, "input")) for v, n in names]
    serve = tf.function(module.named(outputs), input_signature=specs, autograph=False)
    module.serve = serve
    with runtime.running_on(engine):
        tf.saved_model.save(module, str(folder), {"serving_default": serve})


class Exported(tf.Module):  # type: ignore[misc]  # it has no types where TensorFlow isn't installed
    """Variables of TensorFlow's in the places of the graph's."""

    def __init__(self, compute: Any, program: Program) -> None:
        super().__init__()
        self.compute = compute
        self.held = [
            tf.Variable(v.numpy(), trainable=False, name=identifier(v.name, "w"), dtype=v.dtype)
            for v in program.variables
        ]
        places = {v: i for i, v in enumerate(program.variables)}
        self.assigned = [
            places[v]
            for target, _ in program.updates
            for v in (target if isinstance(target, TensorList) else (target,))
        ]

    def named(self, names: Sequence[str]) -> Any:
        """A function of the inputs that returns its outputs by name."""

        def serve(*arrays: Any) -> dict[str, Any]:
            made, values = self.compute(*arrays, *[tf.convert_to_tensor(v) for v in self.held])
            with tf.control_dependencies([tf.convert_to_tensor(y) for y in made]):
                for place, value in zip(self.assigned, values, strict=True):
                    self.held[place].assign(value)
            return {name: tf.identity(y) for name, y in zip(names, made, strict=True)}

        return serve


def _check(program: Program) -> None:
    """Refuse what only Python can compute."""
    for step in program.all_steps():
        if step.name in PYTHONS:
            where = f"`{step.node.scope}`" if step.node is not None else "the model"
            raise ValueError(
                f"export: {where} calls a function of Python (`{step.name}`), which a SavedModel "
                "can't hold. Export a model that ends before it."
            )

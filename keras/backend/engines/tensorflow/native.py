"""TensorFlow's own functions on symbolic tensors: they become nodes of the graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ...graph.dtypes import name_of
from ...graph.tensor import OPS, Tensor

Results = list[tuple[tuple[int | None, ...], str]]


def describe(
    function: Callable[..., Any], tensors: Sequence[Any]
) -> tuple[Results, Callable[..., Any]]:
    """The shapes and dtypes of the results, and what puts the results into their structure."""
    given = [tf.TensorSpec(t.shape, t.dtype) for t in tensors]
    made = tf.function(function, autograph=False).get_concrete_function(*given).structured_outputs
    results: Results = []
    for part in tf.nest.flatten(made):
        if not isinstance(part, (tf.Tensor, tf.TensorSpec)):
            raise TypeError(
                f"A function of TensorFlow on symbolic tensors returns tensors, got "
                f"{type(part).__name__}: {part!r}."
            )
        if part.shape.rank is None:
            raise TypeError(
                "The number of dimensions of what a function of TensorFlow returns must be known "
                f"beforehand; of {part.name!r} it isn't."
            )
        results.append((tuple(part.shape), name_of(part.dtype)))
    return results, lambda found: tf.nest.pack_sequence_as(made, list(found))


class Symbols(tf.__internal__.dispatch.GlobalOpDispatcher):  # type: ignore[misc]  # it has no types
    """What TensorFlow asks about arguments that it doesn't know itself."""

    def handle(self, op: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """A node for a call with symbolic tensors among its arguments."""
        if not any(isinstance(x, Tensor) for x in tf.nest.flatten([args, kwargs])):
            return self.NOT_SUPPORTED
        own = OWN.get(op)
        return OPS["native"](op, args, kwargs) if own is None else own(*args, **kwargs)


def _shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:  # noqa: A002  its name
    """The shape by the graph's own op: it stays known where it is, and no program waits for it."""
    made = OPS["shape"](input)
    return made if out_type in (None, tf.int32) else OPS["cast"](made, tf.as_dtype(out_type).name)


OWN: dict[Any, Callable[..., Any]] = {tf.shape: _shape}


@functools.cache
def accept_symbols() -> None:
    """Let TensorFlow's functions take tensors of the graph."""
    Symbols().register()

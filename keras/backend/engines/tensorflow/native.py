"""TensorFlow's own functions on symbolic tensors: they become nodes of the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ...graph.dtypes import name_of

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

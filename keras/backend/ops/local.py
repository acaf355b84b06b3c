"""Locally connected layers: convolutions whose kernel differs from place to place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..config import normalize_data_format
from ..graph.shapes import shape_of
from .arrange import permute_dimensions, reshape
from .conv import tuple_of
from .index import gather_along
from .linalg import matmul


def local_conv1d(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: str | None = None
) -> Any:
    """(batch, steps, n), (new steps, window * n, filters) -> (batch, new steps, filters)."""
    steps = shape_of(kernel)[0]
    return _local(inputs, kernel, kernel_size, strides, (steps,), data_format)


def local_conv2d(
    inputs: Any,
    kernel: Any,
    kernel_size: Any,
    strides: Any,
    output_shape: Sequence[int],
    data_format: str | None = None,
) -> Any:
    """(batch, h, w, n), (h' * w', window * n, filters) -> (batch, h', w', filters).

    `output_shape` is (h', w').
    """
    return _local(inputs, kernel, kernel_size, strides, tuple(output_shape), data_format)


def _local(
    x: Any, kernel: Any, kernel_size: Any, strides: Any, space: Sequence[Any], data_format: Any
) -> Any:
    """One product for each place: its patch, as a row, with its own kernel."""
    rank = len(space)
    last = normalize_data_format(data_format) == "channels_last"
    window = tuple_of(kernel_size, rank, "kernel_size")
    steps = tuple_of(strides, rank, "strides")
    first = 1 if last else 2
    for i in range(rank):  # (batch, h, w, n) -> (batch, h', window h, w', window w, n)
        places = np.arange(space[i])[:, None] * steps[i] + np.arange(window[i])
        x = gather_along(x, places, first + 2 * i)
    outer = [first + 2 * i for i in range(rank)]
    inner = [axis + 1 for axis in outer]
    # Rows are in the order that the kernels of files have: channels stand where they stand in
    # images.
    patches = permute_dimensions(
        x, (*outer, 0, *inner, 2 * rank + 1) if last else (*outer, 0, 1, *inner)
    )
    places_number, row, filters = shape_of(kernel)
    made = matmul(reshape(patches, (places_number, -1, row)), kernel)
    made = reshape(made, (*space, -1, filters))
    if last:
        return permute_dimensions(made, (rank, *range(rank), rank + 1))
    return permute_dimensions(made, (rank, rank + 1, *range(rank)))

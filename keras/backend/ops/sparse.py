"""Sparse tensors: scipy's matrices may be fed to placeholders and given to variables.

Values are made dense when they enter a graph, a batch at a time, so that every op takes them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..graph.tensor import Tensor
from .elementwise import identity
from .outside import outside


class SparseTensor(NamedTuple):
    """A few values of a tensor, and where they stand; everything else is 0."""

    indices: Tensor  # (n, rank)
    values: Tensor  # (n,)
    dense_shape: Tensor  # (rank,)


def is_sparse(tensor: Any) -> bool:
    """True for what was declared sparse: `placeholder(sparse=True)`, variables of scipy's
    matrices."""
    return isinstance(tensor, SparseTensor) or bool(getattr(tensor, "sparse", False))


def to_dense(tensor: Any) -> Any:
    """The same values, not sparse any more."""
    if isinstance(tensor, SparseTensor):
        open_shape = (None,) * (tensor.dense_shape.shape[0] or 0)
        return outside(_scattered, tensor, (open_shape, tensor.values.dtype))[0]
    return identity(tensor) if is_sparse(tensor) else tensor


def _scattered(indices: Any, values: Any, shape: Any) -> tuple[Any]:
    made = np.zeros(tuple(shape), dtype=values.dtype)
    made[tuple(indices.T)] = values
    return (made,)

"""Where data enter a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import backend as K
from .calls import Node
from .layer import Layer


class InputLayer(Layer):
    """The layer behind `Input`: it makes a placeholder, or stands for a given tensor."""

    def __init__(
        self,
        input_shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
        dtype: str | None = None,
        input_tensor: Any = None,
        sparse: bool = False,
        name: str | None = None,
        **options: Any,
    ) -> None:
        name = name or f"input_{K.get_uid('input')}"
        if input_shape is not None and batch_input_shape is not None:
            raise ValueError(
                f"Input `{name}`: give `input_shape` or `batch_input_shape`, not both."
            )
        if batch_input_shape is None and input_shape is not None:
            batch_input_shape = (batch_size, *input_shape)
        if input_tensor is None and batch_input_shape is None:
            raise ValueError(
                f"Input `{name}` needs `input_shape`, `batch_input_shape` or a tensor."
            )
        if input_tensor is not None:
            dtype = dtype or input_tensor.dtype
            batch_input_shape = batch_input_shape or K.int_shape(input_tensor)
        super().__init__(name=name, dtype=dtype, batch_input_shape=batch_input_shape, **options)
        self.sparse = sparse
        self.is_placeholder = input_tensor is None
        if input_tensor is None:
            input_tensor = K.placeholder(
                shape=self.batch_input_shape, dtype=self.dtype, sparse=sparse, name=name
            )
        input_tensor._keras_history = (self, 0, 0)
        self.built = True
        shape = tuple(self.batch_input_shape or ())
        Node(self, [], [], [], [input_tensor], [input_tensor], [None], [None], [shape], [shape])

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_input_shape": self.batch_input_shape,
            "dtype": self.dtype,
            "sparse": self.sparse,
            "name": self.name,
        }


def Input(
    shape: Sequence[int | None] | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    dtype: str | None = None,
    sparse: bool = False,
    tensor: Any = None,
) -> Any:
    """A tensor at which data enter a model: `shape` is that of a sample, `batch_shape` of a batch.

    >>> Input(shape=(32,)).shape
    (None, 32)
    """
    if shape is None and batch_shape is None and tensor is None:
        raise ValueError("Input needs the `shape` of one sample (or `batch_shape`, or a `tensor`).")
    if shape is not None and batch_shape is None:
        batch_shape = (None, *((shape,) if isinstance(shape, int) else shape))
    layer = InputLayer(
        batch_input_shape=batch_shape, name=name, dtype=dtype, sparse=sparse, input_tensor=tensor
    )
    outputs = layer._inbound_nodes[0].output_tensors
    return outputs[0] if len(outputs) == 1 else outputs

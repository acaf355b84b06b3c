"""Layers that later versions left out, by their classic names."""

from __future__ import annotations

from ...layers.base import InputSpec, Layer
from .activations import (
    ParametricSoftplus as ParametricSoftplus,
    SReLU as SReLU,
)
from .convolutional import (
    AtrousConv1D as AtrousConv1D,
    AtrousConv2D as AtrousConv2D,
    AtrousConvolution1D as AtrousConvolution1D,
    AtrousConvolution2D as AtrousConvolution2D,
)
from .dense import (
    Highway as Highway,
    MaxoutDense as MaxoutDense,
    TimeDistributedDense as TimeDistributedDense,
    time_distributed_dense as time_distributed_dense,
)
from .embeddings import (
    Embedding as Embedding,
)
from .merge import (
    Merge as Merge,
    merge as merge,
)
from .normalization import (
    LRN2D as LRN2D,
    BatchNormalization as BatchNormalization,
)
from .recurrent import (
    ConvRecurrent2D as ConvRecurrent2D,
    Recurrent as Recurrent,
)

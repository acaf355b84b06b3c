"""Layers that later versions left out, by their classic names."""

from __future__ import annotations

from ...layers.base import InputSpec, Layer
from .activations import ParametricSoftplus, SReLU
from .convolutional import (
    AtrousConv1D,
    AtrousConv2D,
    AtrousConvolution1D,
    AtrousConvolution2D,
)
from .dense import Highway, MaxoutDense, TimeDistributedDense, time_distributed_dense
from .embeddings import Embedding
from .merge import Merge, merge
from .normalization import LRN2D, BatchNormalization
from .recurrent import ConvRecurrent2D, Recurrent

"""Recurrent layers over images, by their classic names."""

from __future__ import annotations

from ...registry import has_arg
from ..base import InputSpec, Layer
from ..recurrent import RNN
from .layer import (
    ConvRNN2D as ConvRNN2D,
)
from .lstm import (
    ConvLSTM2D as ConvLSTM2D,
    ConvLSTM2DCell as ConvLSTM2DCell,
)

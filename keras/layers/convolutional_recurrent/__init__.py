"""Recurrent layers over images, by their classic names."""

from __future__ import annotations

from .layer import ConvRNN2D
from .lstm import ConvLSTM2D, ConvLSTM2DCell

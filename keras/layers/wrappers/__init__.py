"""Layers around other layers."""

from __future__ import annotations

from ...registry import has_arg
from ..base import InputSpec, Layer
from .bidirectional import Bidirectional
from .time_distributed import TimeDistributed
from .wrapper import Wrapper

__all__ = ["Bidirectional", "InputSpec", "Layer", "TimeDistributed", "Wrapper", "has_arg"]

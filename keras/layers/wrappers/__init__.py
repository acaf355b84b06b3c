"""Layers around other layers."""

from __future__ import annotations

from .bidirectional import Bidirectional
from .time_distributed import TimeDistributed
from .wrapper import Wrapper

__all__ = ["Bidirectional", "TimeDistributed", "Wrapper"]

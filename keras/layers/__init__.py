"""All layers, by their classic names."""

from __future__ import annotations

from .base import Input, InputLayer, InputSpec, Layer

__all__ = ["Input", "InputLayer", "InputSpec", "Layer"]

"""What every layer is made of."""

from __future__ import annotations

from .calls import Node
from .inputs import Input, InputLayer
from .layer import Layer
from .spec import InputSpec

__all__ = ["Input", "InputLayer", "InputSpec", "Layer", "Node"]

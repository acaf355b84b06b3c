"""What every layer is made of."""

from __future__ import annotations

from ... import activations, constraints, initializers, regularizers  # what fields of layers name
from .calls import Node
from .inputs import Input, InputLayer
from .layer import Layer
from .same_shape import SameShape
from .spec import InputSpec

__all__ = ["Input", "InputLayer", "InputSpec", "Layer", "Node", "SameShape"]

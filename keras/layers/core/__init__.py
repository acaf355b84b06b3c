"""The layers that models of every kind are made of."""

from __future__ import annotations

from ...registry import deserialize_keras_object, has_arg
from ..base import InputSpec, Layer
from .activation import Activation, ActivityRegularization
from .dense import Dense
from .dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from .functions import func_dump, func_load
from .lambda_ import Lambda
from .masking import Masking
from .reshaping import Flatten, Permute, RepeatVector, Reshape

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Dense",
    "Dropout",
    "Flatten",
    "InputSpec",
    "Lambda",
    "Layer",
    "Masking",
    "Permute",
    "RepeatVector",
    "Reshape",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "deserialize_keras_object",
    "func_dump",
    "func_load",
    "has_arg",
]

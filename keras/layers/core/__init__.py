"""The layers that models of every kind are made of."""

from __future__ import annotations

from .activation import Activation, ActivityRegularization
from .dense import Dense
from .dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from .lambda_ import Lambda
from .masking import Masking
from .reshaping import Flatten, Permute, RepeatVector, Reshape

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Dense",
    "Dropout",
    "Flatten",
    "Lambda",
    "Masking",
    "Permute",
    "RepeatVector",
    "Reshape",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]

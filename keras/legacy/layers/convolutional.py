"""Convolutions that have another name now."""

from __future__ import annotations

from typing import Any

from ...configured import plan_of
from ...layers import Conv1D, Conv2D
from ..positions import ATROUS, by_name


class AtrousConvolution1D(Conv1D):
    """Makes a `Conv1D` with gaps of `atrous_rate` between the steps that it looks at."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not AtrousConvolution1D:
            return super().__new__(cls)
        return Conv1D(**by_name(ATROUS[1], plan_of(Conv1D).positional, args, kwargs))


class AtrousConvolution2D(Conv2D):
    """Makes a `Conv2D` with gaps of `atrous_rate` between the pixels that it looks at."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not AtrousConvolution2D:
            return super().__new__(cls)
        return Conv2D(**by_name(ATROUS[2], plan_of(Conv2D).positional, args, kwargs))


AtrousConv1D = AtrousConvolution1D
AtrousConv2D = AtrousConvolution2D

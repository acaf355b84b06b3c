"""Convolutions that have another name now."""

from __future__ import annotations

from typing import Any

from ...configured import plan_of
from ...layers import Conv1D, Conv2D
from ..positions import ATROUS, by_name


def AtrousConvolution1D(*args: Any, **kwargs: Any) -> Conv1D:
    """`Conv1D` with gaps of `atrous_rate` between the steps that it looks at."""
    return Conv1D(**by_name(ATROUS[1], plan_of(Conv1D).positional, args, kwargs))


def AtrousConvolution2D(*args: Any, **kwargs: Any) -> Conv2D:
    """`Conv2D` with gaps of `atrous_rate` between the pixels that it looks at."""
    return Conv2D(**by_name(ATROUS[2], plan_of(Conv2D).positional, args, kwargs))


AtrousConv1D = AtrousConvolution1D
AtrousConv2D = AtrousConvolution2D

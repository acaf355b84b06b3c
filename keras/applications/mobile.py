"""What both MobileNets share: networks of several widths, trained on images of several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import backend as K
from ..caller import warn
from .steps import image_axes

USUAL = 224


class Family(NamedTuple):
    """The widths (`alpha`) and sizes for which there are trained weights."""

    called: str
    alphas: Sequence[float]
    sizes: Sequence[int]

    def default_size(self, shape: Sequence[int | None] | None) -> int:
        """The size that stands for `input_shape=None`: that of the images, if it was trained on."""
        rows, columns = _space(shape)
        return rows if rows is not None and rows == columns and rows in self.sizes else USUAL

    def check_alpha(self, alpha: float) -> None:
        """Raise if there are no trained weights of this width."""
        if alpha not in self.alphas:
            raise ValueError(
                f"`{self.called}`: the weights of 'imagenet' are for `alpha` of "
                f"{', '.join(map(str, self.alphas))}; got {alpha!r}. Take one of these, or "
                "`weights=None`."
            )

    def trained_size(self, shape: Sequence[int | None]) -> int:
        """The size of the images whose trained weights are taken for images of a shape."""
        rows, columns = _space(shape)
        if rows is not None and rows == columns and rows in self.sizes:
            return rows
        warn(
            f"`{self.called}`: there are trained weights for square images of "
            f"{', '.join(map(str, self.sizes))} rows; for `input_shape={tuple(shape)}` those for "
            f"{USUAL} are taken."
        )
        return USUAL


def _space(shape: Sequence[int | None] | None) -> tuple[int | None, int | None]:
    if shape is None or len(shape) != 3:
        return None, None
    rows, columns = image_axes()
    return shape[rows - 1], shape[columns - 1]


def rows_of(shape: Sequence[int | None]) -> int | None:
    """How many rows images of a shape have."""
    return _space(shape)[0]


def shape_of(tensor: Any) -> tuple[int | None, ...] | None:
    """The shape of one image of a tensor."""
    return None if tensor is None else tuple(K.int_shape(tensor)[1:])

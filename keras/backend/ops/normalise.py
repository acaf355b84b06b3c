"""Batch normalisation (Ioffe and Szegedy, 2015, arXiv:1502.03167)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.op import composite
from ..graph.shapes import shape_of
from ..graph.state import Variable
from ..graph.tensor import Tensor
from .arrange import number_of, reshape, size_of
from .elementwise import cast, maximum, rsqrt, square, stop_gradient
from .reduce import mean


def along(x: Any, parameter: Any, axes: Sequence[int]) -> Any:
    """A parameter of the axes that aren't reduced, shaped so that it broadcasts against `x`."""
    if not isinstance(parameter, Tensor) and not hasattr(parameter, "shape"):
        return parameter
    rank = len(shape_of(x))
    if len(shape_of(parameter)) == rank or list(axes) == list(range(rank - 1)):
        return parameter
    kept = (size_of(parameter, i) for i in range(len(shape_of(parameter))))
    return reshape(parameter, tuple(1 if i in axes else next(kept) for i in range(rank)))


@composite
def normalize_batch_in_training(
    x: Tensor, gamma: Tensor, beta: Tensor, reduction_axes, epsilon=1e-3
):
    """`x` normalised by its own mean and variance over the axes: (normalised, mean, variance).

    For images with the channels last, the variance that is returned is divided by n - 1, and no
    gradient flows through the returned statistics.
    """
    axes = tuple(sorted(i % len(shape_of(x)) for i in reduction_axes))
    centre = mean(x, axes, True)
    spread = mean(square(x - centre), axes, True)
    kept = [size_of(x, i) for i in range(len(shape_of(x))) if i not in axes]
    normal = (x - centre) * rsqrt(spread + epsilon)
    if gamma is not None:
        normal = normal * along(x, gamma, axes)
    if beta is not None:
        normal = normal + along(x, beta, axes)
    centre, spread = reshape(centre, kept), reshape(spread, kept)
    if is_images(x, axes):
        spread = spread * _unbiased(number_of(x, axes), spread.dtype)
        centre, spread = stop_gradient([centre, spread])
    return normal, centre, spread


def _unbiased(count: Any, dtype: str) -> Any:
    """n / (n - 1): from a mean of squares to an estimate of the variance."""
    if isinstance(count, int):
        return count / max(count - 1, 1)
    return cast(count, dtype) / cast(maximum(count - 1, 1), dtype)


def is_images(x: Any, axes: Sequence[int]) -> bool:
    """True for (batch, height, width, channels) normalised for each channel.

    The original had a kernel of its own for them, with two habits that its numbers depend on: see
    where this is used.
    """
    return len(shape_of(x)) == 4 and tuple(axes) == (0, 1, 2)


@composite
def batch_normalization(
    x: Tensor, mean: Tensor, var: Tensor, beta: Tensor, gamma: Tensor, axis=-1, epsilon=1e-3
):
    """`gamma * (x - mean) / sqrt(var + epsilon) + beta`, the statistics along `axis`.

    For images with the channels last, statistics kept in variables are constants to `K.gradients`.
    """
    rank = len(shape_of(x))
    axes = tuple(i for i in range(rank) if i != axis % rank)
    if is_images(x, axes):
        mean, var = (stop_gradient(s) if isinstance(s, Variable) else s for s in (mean, var))
    scale = rsqrt(along(x, var, axes) + epsilon)
    if gamma is not None:
        scale = scale * along(x, gamma, axes)
    shift = -along(x, mean, axes) * scale
    if beta is not None:
        shift = shift + along(x, beta, axes)
    return x * scale + shift

"""Rows of batch normalisation: torch's fused kernels where one axis is kept."""

from __future__ import annotations

from typing import Any

import torch

from ...ops.normalise import is_images
from ..protocol import Prepared
from . import tapes
from .elementwise import aten


def _kept_axis(rank: int, axes: Any) -> int | None:
    """The single axis that isn't reduced; `None` if there are several."""
    reduced = {a % rank for a in axes}
    kept = [i for i in range(rank) if i not in reduced]
    return kept[0] if len(kept) == 1 else None


def _enter(x: Any, axis: int) -> Any:
    """The kept axis in the second place, without a copy."""
    if x.dim() == 2:
        return x if axis == 1 else x.t()
    return x.movedim(axis, 1)


def _leave(x: Any, axis: int) -> Any:
    if x.dim() == 2:
        return x if axis == 1 else x.t()
    return x.movedim(1, axis)


def _forward(x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float) -> tuple[Any, Any]:
    axis = _kept_axis(x.dim(), reduction_axes)
    if axis is None or not x.is_floating_point():
        return _by_parts(x, gamma, beta, reduction_axes, epsilon)
    entered = _enter(x, axis)
    made, mean, scale = torch.native_batch_norm(
        entered, gamma, beta, None, None, True, 0.0, epsilon
    )
    variance = scale.square().reciprocal_().sub_(epsilon).clamp_(min=0.0)
    images = is_images(x, sorted(a % x.dim() for a in reduction_axes))
    if images:
        variance.mul_(_unbiased(x.numel() // x.shape[axis]))
    saved = (axis, entered, gamma, mean, scale, epsilon, images)
    return (_leave(made, axis), mean, variance), saved


def _unbiased(count: int) -> float:
    return count / max(count - 1, 1)


def _by_parts(x: Any, gamma: Any, beta: Any, axes: Any, epsilon: float) -> tuple[Any, Any]:
    """Several axes kept: the definition, recorded by autograd."""
    leaves = [None if t is None else t.detach().requires_grad_() for t in (x, gamma, beta)]
    with torch.enable_grad():
        made = _definition(leaves[0], leaves[1], leaves[2], axes, epsilon)
    return tuple(t.detach() for t in made), ("autograd", made, leaves)


def _definition(x: Any, gamma: Any, beta: Any, axes: Any, epsilon: float) -> tuple[Any, Any, Any]:
    axes = tuple(sorted(a % x.dim() for a in axes))
    variance, mean = torch.var_mean(x, axes, correction=0, keepdim=True)
    made = (x - mean) * torch.rsqrt(variance + epsilon)
    if gamma is not None:
        made = made * _spread(x, gamma, axes)
    if beta is not None:
        made = made + _spread(x, beta, axes)
    mean, variance = mean.squeeze(axes), variance.squeeze(axes)
    if is_images(x, axes):
        mean, variance = mean.detach(), variance.detach() * _unbiased(x.numel() // x.shape[-1])
    return made, mean, variance


def _spread(x: Any, parameter: Any, axes: Any) -> Any:
    if parameter.dim() == x.dim():
        return parameter
    kept = iter(parameter.shape)
    return parameter.reshape([1 if i in axes else next(kept) for i in range(x.dim())])


def _backward(saved: Any, wanted: Any, g: Any, g_mean: Any = None, g_variance: Any = None) -> Any:
    if isinstance(saved[0], str):
        _, made, leaves = saved
        return tapes._gradients(made, [leaves[i] for i in wanted], (g, g_mean, g_variance), False)
    axis, x, gamma, mean, scale, epsilon, images = saved
    flags = [0 in wanted, 1 in wanted, 2 in wanted]
    if g is None:
        sent = [torch.zeros_like(x), *(torch.zeros_like(mean) for _ in range(2))]
    else:
        sent = list(
            aten.native_batch_norm_backward.default(
                _enter(g, axis), x, gamma, None, None, mean, scale, True, epsilon, flags
            )
        )
    if flags[0] and not images and (g_mean is not None or g_variance is not None):
        sent[0] = _through_statistics(sent[0], x, mean, g_mean, g_variance)
    sent[0] = None if sent[0] is None else _leave(sent[0], axis)
    return tuple(sent[i] for i in wanted)


def _through_statistics(sent: Any, x: Any, mean: Any, g_mean: Any, g_variance: Any) -> Any:
    """What flows back through the mean and the variance, when somebody used them."""
    shape = (1, -1, *(1,) * (x.dim() - 2))
    count = x.numel() / x.shape[1]
    if g_mean is not None:
        sent = sent + (g_mean / count).reshape(shape)
    if g_variance is not None:
        sent = sent + (x - mean.reshape(shape)) * (2.0 * g_variance / count).reshape(shape)
    return sent


tapes.EXPLICIT["normalize_batch_in_training"] = (_forward, _backward)


def _training(inputs: Any, reduction_axes: Any, epsilon: float) -> Any:
    def run(x: Any, gamma: Any, beta: Any) -> Any:
        if (
            torch.is_grad_enabled()
        ):  # a gradient of a gradient: the fused kernel hides its statistics
            return _definition(x, gamma, beta, reduction_axes, epsilon)
        return _forward(x, gamma, beta, reduction_axes, epsilon)[0]

    return run


TABLE: dict[str, Any] = {"normalize_batch_in_training": Prepared(_training)}

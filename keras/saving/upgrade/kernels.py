"""Kernels of convolutions: axes in the order of Theano, and turned by 180 degrees."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..version import Origin
from .gates import kinds

Arrays = list[Any]

# (class, channels first) -> the axes of Keras 1's kernel in our order.
KERAS1_AXES: dict[tuple[str, bool], tuple[int, ...]] = {
    ("Conv2D", True): (2, 3, 1, 0),
    ("Conv2DTranspose", False): (0, 1, 3, 2),
    ("Conv2DTranspose", True): (2, 3, 0, 1),
    ("Conv3D", True): (2, 3, 4, 1, 0),
    ("ConvLSTM2D", True): (2, 3, 1, 0),
    ("SeparableConv2D", True): (2, 3, 1, 0),
}
# How many of a layer's arrays are kernels.
KERNELS = {"ConvLSTM2D": 2, "SeparableConv2D": 2}
"""The layers with more kernels than one."""

# Whose kernels Theano turned round when computing. The depthwise ones came later, by another of its
# functions, with the flag that leaves them as they are.
FLIPPED = {
    "Conv1D": True,
    "Conv2D": True,
    "Conv2DTranspose": True,
    "Conv3D": True,
    "Conv3DTranspose": True,
    "ConvLSTM2D": True,
    "DepthwiseConv2D": False,
}


def keras1_axes(layer: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """Kernels whose axes Keras 1 had in another order.

    Those of the recurrent convolution have theirs turned gate by gate, before the gates are
    put side by side: so this comes first, and meets twelve arrays or three.
    """
    kind = _kind(layer, {name for name, _ in KERAS1_AXES})
    axes = KERAS1_AXES.get((kind, getattr(layer, "data_format", "") == "channels_first"))
    if origin.generation != 1 or axes is None:
        return arrays
    if len(arrays) == 12:
        return [_turned(a, axes) if i % 3 < 2 else a for i, a in enumerate(arrays)]
    count = KERNELS.get(kind, 1)
    return [
        _turned(a, axes) if i < count and not _fits(layer, i, a, axes) else a
        for i, a in enumerate(arrays)
    ]


def _fits(layer: Any, number: int, array: Any, axes: tuple[int, ...]) -> bool:
    """Whether an array has the shape of the layer's weight as it is, and only so: then it comes
    from a model of the other data format, as most released weights do."""
    if number >= len(layer.weights) or len(array.shape) != len(axes):
        return False
    wanted = tuple(layer.weights[number].shape)
    return tuple(array.shape) == wanted != tuple(array.shape[axis] for axis in axes)


def _turned(array: Any, axes: tuple[int, ...]) -> Any:
    return np.transpose(array[()], axes) if len(array.shape) == len(axes) else array


def keras1_conv1d(layer: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """The kernel of a `Conv1D`, which had a second axis of length 1, before 1.1 a last one."""
    if origin.generation != 1 or "Conv1D" not in kinds(layer) or not arrays:
        return arrays
    kernel, *rest = arrays
    if len(kernel.shape) != 4:
        return arrays
    length, filters = layer.kernel_size[0], layer.filters
    if kernel.shape[0] != length or kernel.shape[1] != 1 or kernel.shape[3] != filters:
        kernel = np.transpose(kernel[()], (2, 3, 1, 0))
    return [kernel[()][:, 0], *rest]


def flip(layer: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """Kernels of Theano, which convolves where we correlate: all spatial axes are turned round."""
    kind = _kind(layer, set(FLIPPED))
    if origin.backend != "theano" or not FLIPPED.get(kind):
        return arrays
    count = KERNELS.get(kind, 1)
    return [flipped(a[()]) if i < count else a for i, a in enumerate(arrays)]


def flipped(kernel: Any) -> Any:
    """A kernel (..., in, out), turned by 180 degrees.

    >>> flipped(np.arange(3).reshape(3, 1, 1)).ravel()
    array([2, 1, 0])
    """
    return kernel[(slice(None, None, -1),) * (kernel.ndim - 2)]


def _kind(layer: Any, known: set[str]) -> str:
    """The nearest of a layer's classes that is among the known ones."""
    names = [cls.__name__ for cls in type(layer).__mro__]
    return next((name for name in names if name in known), "")

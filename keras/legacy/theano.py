"""What `keras.backend.theano_backend` did otherwise: its convolutions turned kernels round."""

from __future__ import annotations

from typing import Any

from .. import backend as K


def conv2d(x: Any, kernel: Any, *args: Any, **kwargs: Any) -> Any:
    """`K.conv2d`, as mathematics has it: the kernel is turned round."""
    return K.conv2d(x, _turned(kernel, kwargs), *args, **kwargs)


def conv3d(x: Any, kernel: Any, *args: Any, **kwargs: Any) -> Any:
    """`K.conv3d`, as mathematics has it: the kernel is turned round."""
    return K.conv3d(x, _turned(kernel, kwargs), *args, **kwargs)


def _turned(kernel: Any, kwargs: dict[str, Any]) -> Any:
    """The kernel with its spatial axes turned round, unless `flip_filters=False` is said."""
    first = kwargs.get("dim_ordering") == "th"
    axes = range(2, K.ndim(kernel)) if first else range(K.ndim(kernel) - 2)
    turned = kwargs.pop("flip_filters", True)
    return K.reverse(kernel, list(axes)) if turned else kernel

"""`keras.initializations`: functions from a shape to a weight, as before there were objects.

`name` is the weight's. `dim_ordering` says where the channels of a convolution's kernel stand: 'tf'
`(*window, inputs, filters)`, 'th' `(filters, inputs, *window)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import backend as K, initializers
from .helpers import get_from_module

Shape = Sequence[int]
Function = Callable[..., Any]


def get_fans(shape: Shape, dim_ordering: str = "th") -> tuple[float, float]:
    """How many inputs and outputs a unit with weights of this shape has.

    >>> get_fans((32, 16, 3, 3)), get_fans((3, 3, 16, 32), dim_ordering="tf")
    ((144, 288), (144, 288))
    """
    if dim_ordering not in ("tf", "th"):
        raise ValueError(f"`dim_ordering` is 'tf' or 'th', got {dim_ordering!r}.")
    order = "channels_first" if dim_ordering == "th" else "channels_last"
    return initializers._compute_fans(shape, order)


def uniform(
    shape: Shape, scale: float = 0.05, name: str | None = None, dim_ordering: str = "th"
) -> Any:
    """Even over [-scale, scale)."""
    return K.random_uniform_variable(shape, -scale, scale, name=name)


def normal(
    shape: Shape, scale: float = 0.05, name: str | None = None, dim_ordering: str = "th"
) -> Any:
    """Normally distributed with the deviation `scale`."""
    return K.random_normal_variable(shape, 0.0, scale, name=name)


def _even(shape: Shape, variance: float, name: str | None) -> Any:
    return uniform(shape, (3 * variance) ** 0.5, name=name)


def lecun_uniform(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """Even, of variance `1 / inputs`. LeCun et al., 1998, "Efficient BackProp"."""
    return _even(shape, 1 / get_fans(shape, dim_ordering)[0], name)


def glorot_normal(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """Normal, of variance `2 / (inputs + outputs)`. Glorot and Bengio, 2010."""
    return normal(shape, (2 / sum(get_fans(shape, dim_ordering))) ** 0.5, name=name)


def glorot_uniform(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """Even, of variance `2 / (inputs + outputs)`. Glorot and Bengio, 2010."""
    return _even(shape, 2 / sum(get_fans(shape, dim_ordering)), name)


def he_normal(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """Normal, of variance `2 / inputs`. He et al., 2015, arXiv:1502.01852."""
    return normal(shape, (2 / get_fans(shape, dim_ordering)[0]) ** 0.5, name=name)


def he_uniform(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """Even, of variance `2 / inputs`. He et al., 2015, arXiv:1502.01852."""
    return _even(shape, 2 / get_fans(shape, dim_ordering)[0], name)


def orthogonal(
    shape: Shape, scale: float = 1.1, name: str | None = None, dim_ordering: str = "th"
) -> Any:
    """A random orthogonal matrix times `scale`. Saxe et al., 2013, arXiv:1312.6120."""
    return K.variable(initializers.Orthogonal(gain=scale)(tuple(shape)), name=name)


def identity(
    shape: Shape, scale: float = 1, name: str | None = None, dim_ordering: str = "th"
) -> Any:
    """`scale` on the diagonal of a square matrix."""
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"`identity` makes square matrices, got the shape {tuple(shape)}.")
    return K.variable(initializers.Identity(gain=scale)(shape), name=name)


def zero(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """All zeros."""
    return K.zeros(shape, name=name)


def one(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    """All ones."""
    return K.ones(shape, name=name)


def get(identifier: str | Function, **kwargs: Any) -> Function:
    """The function of that name; `kwargs` become its defaults."""
    found: Function = get_from_module(identifier, globals(), "initialization", kwargs=kwargs)
    return found

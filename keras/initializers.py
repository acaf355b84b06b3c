"""Initializers: how a weight's first values are drawn.

An initializer is called with a shape and returns a symbolic tensor; nothing is drawn before the
weight is first read. With a `seed`, each call draws with the next one, so that two weights of one
initializer differ; without, seeds come from numpy's generator, and `numpy.random.seed` makes them
repeatable.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import backend as K
from .configured import Configured
from .registry import (
    Registry,
    deserialize_keras_object as deserialize_keras_object,
    renamed,
    serialize_keras_object as serialize_keras_object,
)

Tensor = Any
Shape = Sequence[int]

# The standard deviation of a standard normal distribution that is cut off at two of them.
TRUNCATED_STDDEV = 0.87962566103423978


class Initializer(Configured):
    """The base of initializers: called with a shape and a dtype, returns a tensor."""

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        raise NotImplementedError(
            f"`{type(self).__name__}` needs a method `__call__(shape, dtype)`."
        )


class SeededInitializer(Initializer):
    """What the random initializers share: a seed that moves on with each call."""

    def next_seed(self) -> int | None:
        """The seed for this call; `None` leaves the choice to numpy's generator."""
        seed: int | None = self.__dict__.get("seed")
        if seed is not None:
            self.__dict__["seed"] = seed + 1
        return seed


class Zeros(Initializer):
    """All zeros."""

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        return K.constant(0, shape=shape, dtype=dtype)


class Ones(Initializer):
    """All ones."""

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        return K.constant(1, shape=shape, dtype=dtype)


class Constant(Initializer):
    """All `value`: a number, or an array of the weight's shape."""

    value: Any = 0

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        return K.constant(self.value, shape=shape, dtype=dtype)


class RandomNormal(SeededInitializer):
    """Normally distributed."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        return K.random_normal(shape, self.mean, self.stddev, dtype=dtype, seed=self.next_seed())


class RandomUniform(SeededInitializer):
    """Evenly distributed over [`minval`, `maxval`)."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        return K.random_uniform(shape, self.minval, self.maxval, dtype=dtype, seed=self.next_seed())


class TruncatedNormal(SeededInitializer):
    """Normally distributed; what is further than two deviations from the mean is drawn again."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        return K.truncated_normal(shape, self.mean, self.stddev, dtype=dtype, seed=self.next_seed())


class VarianceScaling(SeededInitializer):
    """Variance `scale / n`, so that signals keep their size from layer to layer.

    `n` is the number of inputs (`mode` 'fan_in'), outputs ('fan_out') or their mean ('fan_avg') of
    a unit. `distribution` 'normal' is truncated at two deviations, 'uniform' is even over [-b, b]
    with `b = sqrt(3 * scale / n)`.
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "normal"
    seed: int | None = None

    def __post_init__(self) -> None:
        self.mode, self.distribution = self.mode.lower(), self.distribution.lower()
        if self.scale <= 0:
            raise ValueError(f"`VarianceScaling` needs a positive `scale`, got {self.scale}.")
        if self.mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(
                f"`VarianceScaling`: `mode` is 'fan_in', 'fan_out' or 'fan_avg', got {self.mode!r}."
            )
        if self.distribution not in ("normal", "uniform"):
            raise ValueError(
                "`VarianceScaling`: `distribution` is 'normal' or 'uniform', "
                f"got {self.distribution!r}."
            )

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        fan_in, fan_out = _compute_fans(shape)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            bound = math.sqrt(3 * variance)
            return K.random_uniform(shape, -bound, bound, dtype=dtype, seed=self.next_seed())
        stddev = math.sqrt(variance) / TRUNCATED_STDDEV
        return K.truncated_normal(shape, 0.0, stddev, dtype=dtype, seed=self.next_seed())


def _compute_fans(shape: Shape, data_format: str = "channels_last") -> tuple[float, float]:
    """How many inputs and outputs a unit with weights of this shape has (many scripts import this).

    >>> _compute_fans((3, 3, 16, 32))
    (144, 288)
    """
    if len(shape) in (3, 4, 5):  # a kernel of a convolution: (sizes..., inputs, outputs)
        if data_format == "channels_first":  # or (outputs, inputs, sizes...)
            shape = (*shape[2:], shape[1], shape[0])
        window = math.prod(shape[:-2])
        return window * shape[-2], window * shape[-1]
    if len(shape) == 2:
        return shape[0], shape[1]
    root = math.sqrt(math.prod(shape))
    return root, root


class Orthogonal(SeededInitializer):
    """A random orthogonal matrix times `gain`.

    A shape of more than two dimensions is seen as a matrix of its last dimension's columns; the
    shorter side is orthonormal. Saxe et al., 2013, arXiv:1312.6120.
    """

    gain: float = 1.0
    seed: int | None = None

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        if len(shape) < 2:
            raise ValueError(
                f"`Orthogonal` needs a shape of at least 2 dimensions, got {tuple(shape)}."
            )
        seed = self.next_seed()
        seed = np.random.randint(10_000_000) if seed is None else seed
        draw = functools.partial(_orthogonal, tuple(shape), self.gain, seed)
        return _Deferred(draw, tuple(shape), dtype or K.floatx())


def _orthogonal(shape: Shape, gain: float, seed: int) -> Any:
    rows, columns = math.prod(shape[:-1]), shape[-1]
    drawn = np.random.RandomState(seed).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    # Without fixing the signs, QR would prefer some orthogonal matrices to others.
    q = q * np.sign(np.diag(r))
    return gain * (q if rows >= columns else q.T).reshape(shape)


class _Deferred(K.Constant):
    """A tensor of numbers that are computed when they are first needed: QR takes its time."""

    def __init__(self, draw: Callable[[], Any], shape: tuple[int, ...], dtype: str) -> None:
        self.draw = draw
        self.drawn: Any = None
        super().__init__(None, shape, dtype)

    @property
    def value(self) -> Any:
        """The numbers."""
        if self.drawn is None:
            self.drawn = self.draw()
        return self.drawn

    @value.setter
    def value(self, array: Any) -> None:
        self.drawn = array


class Identity(Initializer):
    """`gain` on the diagonal, zero elsewhere; for matrices only."""

    gain: float = 1.0

    def __call__(self, shape: Shape, dtype: str | None = None) -> Tensor:
        if len(shape) != 2:
            raise ValueError(f"`Identity` needs a shape of 2 dimensions, got {tuple(shape)}.")
        return K.constant(self.gain * np.eye(shape[0], shape[1]), dtype=dtype or K.floatx())


def glorot_uniform(seed: int | None = None) -> VarianceScaling:
    """Even over [-b, b], `b = sqrt(6 / (inputs + outputs))`: for tanh and softmax.

    Glorot & Bengio, 2010, "Understanding the difficulty of training deep feedforward neural
    networks".
    """
    return VarianceScaling(scale=1.0, mode="fan_avg", distribution="uniform", seed=seed)


def glorot_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal of variance `2 / (inputs + outputs)`; see `glorot_uniform`."""
    return VarianceScaling(scale=1.0, mode="fan_avg", distribution="normal", seed=seed)


def he_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal of variance `2 / inputs`: for relu. He et al., 2015, arXiv:1502.01852."""
    return VarianceScaling(scale=2.0, mode="fan_in", distribution="normal", seed=seed)


def he_uniform(seed: int | None = None) -> VarianceScaling:
    """Even over [-b, b], `b = sqrt(6 / inputs)`: for relu. He et al., 2015, arXiv:1502.01852."""
    return VarianceScaling(scale=2.0, mode="fan_in", distribution="uniform", seed=seed)


def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal of variance `1 / inputs`: for selu.

    Klambauer et al., 2017, arXiv:1706.02515.
    """
    return VarianceScaling(scale=1.0, mode="fan_in", distribution="normal", seed=seed)


def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """Even over [-b, b], `b = sqrt(3 / inputs)`. LeCun et al., 1998, "Efficient BackProp"."""
    return VarianceScaling(scale=1.0, mode="fan_in", distribution="uniform", seed=seed)


zero = zeros = Zeros
one = ones = Ones
constant = Constant
uniform = random_uniform = RandomUniform
normal = random_normal = RandomNormal
truncated_normal = TruncatedNormal
identity = Identity
orthogonal = Orthogonal

registry = Registry("initializer", globals(), makes=True)
get = registry.get
serialize = renamed(registry.serialize, instance="initializer")
deserialize = registry.deserialize

"""Activations with weights that later versions left out."""

from __future__ import annotations

from typing import Any

from ... import backend as K
from ...layers.base import SameShape
from ...layers.base.fields import Axes, Number
from ...registry import Initializer


class SharedAxes(SameShape):
    """What these layers share: weights for each place in a sample, or one for all along an axis."""

    shared_axes: Axes = None

    def shape_of_weights(self, input_shape: Any) -> tuple[int, ...]:
        """The shape of a sample, with 1 along the shared axes."""
        shared = self.shared_axes or ()
        return tuple(1 if i in shared else size for i, size in enumerate(input_shape) if i)


class SReLU(SharedAxes):
    """`x` between two thresholds, lines of trained slopes outside of them.

    With `right = t_left + |t_right|`: `t_left + a_left * (x - t_left)` below `t_left`,
    `right + a_right * (x - right)` above `right`. Any shape. Along `shared_axes` (counted with the
    batch as 0) all places share their weights.

    Jin et al., 2015, arXiv:1512.07030.
    """

    t_left_init: Initializer = "zero"
    a_left_init: Initializer = "glorot_uniform"
    t_right_init: Initializer = "glorot_uniform"
    a_right_init: Initializer = "one"
    shared_axes: Axes = None

    def build(self, input_shape: Any) -> None:
        shape = self.shape_of_weights(input_shape)
        self.t_left = self.add_weight("t_left", shape, initializer=self.t_left_init)
        self.a_left = self.add_weight("a_left", shape, initializer=self.a_left_init)
        self.t_right = self.add_weight("t_right", shape, initializer=self.t_right_init)
        self.a_right = self.add_weight("a_right", shape, initializer=self.a_right_init)
        self.built = True

    def call(self, inputs: Any) -> Any:
        right = self.t_left + K.abs(self.t_right)
        below = K.minimum(inputs - self.t_left, 0.0)
        above = K.maximum(inputs - right, 0.0)
        between = inputs - below - above
        return between + self.a_left * below + self.a_right * above


class ParametricSoftplus(SharedAxes):
    """`alpha * log(1 + exp(beta * x))`, `alpha` and `beta` trained for each place in a sample.

    Any shape. Along `shared_axes` (counted with the batch as 0) all places share their weights.

    McFarland et al., 2013, doi:10.1371/journal.pcbi.1003143.
    """

    alpha_init: Number = 0.2
    beta_init: Number = 5.0
    shared_axes: Axes = None

    def build(self, input_shape: Any) -> None:
        shape = self.shape_of_weights(input_shape)
        self.alphas = self.add_weight("alphas", shape, initializer=_all(self.alpha_init))
        self.betas = self.add_weight("betas", shape, initializer=_all(self.beta_init))
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self.alphas * K.softplus(self.betas * inputs)


def _all(value: float) -> Any:
    return lambda shape, dtype=None: K.constant(value, shape=shape, dtype=dtype)

"""Batch normalization."""

from __future__ import annotations

import math
from typing import Any

from .. import backend as K
from ..backend.ops.arrange import sizes_like
from ..backend.ops.later import later
from ..registry import Constraint, Initializer, Regularizer
from .base import InputSpec, Layer as Layer, SameShape
from .base.fields import NotNegative, Number, Whole


class BatchNormalization(SameShape):
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`, for each feature along `axis`.

    While training, mean and variance are those of the batch, and the moving statistics follow them:
    `moving = momentum * moving + (1 - momentum) * new`. While testing, the moving ones are used. A
    layer with `trainable=False` updates none. Any shape; the output has the input's.

    Ioffe and Szegedy, 2015, arXiv:1502.03167.
    """

    axis: Whole = -1
    momentum: Number = 0.99
    epsilon: NotNegative = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    moving_mean_initializer: Initializer = "zeros"
    moving_variance_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None

    input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        if not -rank < self.axis < rank or self.axis == 0:
            raise ValueError(
                f"BatchNormalization `{self.name}`: `axis` {self.axis} is none of the features of "
                f"an input of shape {tuple(input_shape)}."
            )
        size = (input_shape[self.axis],)
        self.gamma = self.add_weight("gamma", size) if self.scale else None
        self.beta = self.add_weight("beta", size) if self.center else None
        self.moving_mean = self.add_weight("moving_mean", size, trainable=False)
        self.moving_variance = self.add_weight("moving_variance", size, trainable=False)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: size[0]})
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        if training in (0, False):
            return self._by_moving(inputs)
        rank = K.ndim(inputs)
        axes = [i for i in range(rank) if i != self.axis % rank]
        normal, mean, variance = later(
            lambda: K.normalize_batch_in_training(
                inputs, self.gamma, self.beta, axes, self.epsilon
            ),
            inputs,
            inputs,
            self.moving_mean,
            self.moving_variance,
        )
        self.add_update(
            later(
                lambda: self._following(mean, variance, self._count(inputs, axes)),
                inputs,
                self.moving_mean,
                self.moving_variance,
            ),
            inputs,
        )
        return K.in_train_phase(
            normal, lambda: later(lambda: [self._by_moving(inputs)], inputs, inputs)[0], training
        )

    def _following(self, mean: Any, variance: Any, count: Any) -> list[Any]:
        """The updates of the moving statistics."""
        # Nearly n / (n - 1), the unbiased variance; the classic formula has epsilon in it as well.
        variance = variance * (count / (count - (1.0 + self.epsilon)))
        return [
            K.moving_average_update(self.moving_mean, mean, self.momentum),
            K.moving_average_update(self.moving_variance, variance, self.momentum),
        ]

    def _by_moving(self, inputs: Any) -> Any:
        return K.batch_normalization(
            inputs,
            self.moving_mean,
            self.moving_variance,
            self.beta,
            self.gamma,
            axis=self.axis,
            epsilon=self.epsilon,
        )

    def _count(self, inputs: Any, axes: list[int]) -> Any:
        """How many values each mean is of."""
        sizes = sizes_like(inputs, [K.int_shape(inputs)[axis] for axis in axes], axes)
        count = math.prod(size for size in sizes if isinstance(size, int))
        for size in sizes:
            count = count if isinstance(size, int) else size * count
        return float(count) if isinstance(count, int) else K.cast(count, K.dtype(inputs))

"""Fully connected layers that later versions left out."""

from __future__ import annotations

from typing import Any

from ... import activations, backend as K
from ...layers.base import InputSpec, Layer
from ...layers.base.fields import Positive
from ...layers.core import Dense
from ...layers.wrappers import TimeDistributed
from ...registry import Activation, Constraint, Initializer, Regularizer

OPTIONS = ("name", "trainable", "weights", "input_shape", "batch_input_shape", "input_dtype")


class MaxoutDense(Layer):
    """`max(x @ W[0] + b[0], x @ W[1] + b[1], ...)`, elementwise over `nb_feature` of them.

    (batch, n) -> (batch, output_dim)

    Goodfellow et al., 2013, arXiv:1302.4389.
    """

    output_dim: Positive
    nb_feature: Positive = 4
    init: Initializer = "glorot_uniform"
    W_regularizer: Regularizer = None
    b_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    W_constraint: Constraint = None
    b_constraint: Constraint = None
    bias: bool = True

    input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        n = input_shape[-1]
        self.W = self.add_weight("W", (self.nb_feature, n, self.output_dim), initializer=self.init)
        self.b = None
        if self.bias:
            self.b = self.add_weight("b", (self.nb_feature, self.output_dim), initializer="zeros")
        self.input_spec = InputSpec(shape=(None, n))
        self.built = True

    def call(self, inputs: Any) -> Any:
        features = K.dot(inputs, self.W)  # (batch, nb_feature, output_dim)
        return K.max(features if self.b is None else features + self.b, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.output_dim)


class Highway(Layer):
    """`t * activation(x @ W + b) + (1 - t) * x` with `t = sigmoid(x @ W_carry + b_carry)`.

    `t` begins near zero (`b_carry` at -2): at first the input is passed on as it is.

    (batch, n) -> (batch, n)

    Srivastava et al., 2015, arXiv:1505.00387.
    """

    init: Initializer = "glorot_uniform"
    activation: Activation = None
    W_regularizer: Regularizer = None
    b_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    W_constraint: Constraint = None
    b_constraint: Constraint = None
    bias: bool = True

    input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        n = input_shape[-1]
        self.W = self.add_weight("W", (n, n), initializer=self.init)
        self.W_carry = self.add_weight("W_carry", (n, n), initializer=self.init)
        self.b = self.b_carry = None
        if self.bias:
            self.b = self.add_weight("b", (n,), initializer="zeros")
            self.b_carry = self.add_weight("b_carry", (n,), initializer=_minus_two)
        self.input_spec = InputSpec(shape=(None, n))
        self.built = True

    def call(self, inputs: Any) -> Any:
        passing = activations.sigmoid(K.dense(inputs, self.W_carry, self.b_carry))
        changed = self.activation(K.dense(inputs, self.W, self.b))
        return changed * passing + (1 - passing) * inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _minus_two(shape: Any, dtype: Any = None) -> Any:
    return K.constant(-2.0, shape=shape, dtype=dtype)


class TimeDistributedDense(TimeDistributed):
    """Makes a `TimeDistributed(Dense(output_dim))`; arguments are those of `Dense`.

    (batch, time, n) -> (batch, time, output_dim)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not TimeDistributedDense:
            return super().__new__(cls)
        outer = {key: kwargs.pop(key) for key in OPTIONS if key in kwargs}
        size, length = kwargs.pop("input_dim", None), kwargs.pop("input_length", None)
        if size is not None:
            outer["input_shape"] = (length, size)
        return TimeDistributed(Dense(*args, **kwargs), **outer)


def time_distributed_dense(
    x: Any,
    w: Any,
    b: Any = None,
    dropout: float | None = None,
    input_dim: int | None = None,
    output_dim: int | None = None,
    timesteps: int | None = None,
) -> Any:
    """`x @ w + b` at each time step, for tensors; `dropout` drops the same inputs at each step.

    (batch, time, n) -> (batch, time, m); the sizes are seen from the tensors where not given.
    """
    if dropout:
        kept = K.dropout(K.ones_like(x[:, 0, :]), dropout)
        x = K.in_train_phase(x * K.expand_dims(kept, 1), x)
    y = K.dot(x, w)
    y = y if b is None else y + b
    known = K.int_shape(y)
    sizes = (timesteps or known[1] or -1, output_dim or known[2] or -1)
    return y if -1 in sizes else K.reshape(y, (-1, *sizes))

"""Activations with arguments or weights of their own."""

from __future__ import annotations

from typing import Any

from .. import activations, backend as K
from ..registry import Constraint, Initializer, Regularizer
from .base import InputSpec, Layer as Layer, SameShape
from .base.fields import Axes, NotNegative, Number, OptionalNotNegative, Whole


class LeakyReLU(SameShape):
    """`x` where it is positive, else `alpha * x`. Any shape.

    Maas et al., 2013, https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf.
    """

    alpha: Number = 0.3

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, alpha=self.alpha)


class PReLU(SameShape):
    """`x` where it is positive, else `alpha * x` with a trained `alpha` for each place in a sample.

    Along `shared_axes` (counted with the batch as 0) all places share one: (1, 2) for images. He et
    al., 2015, arXiv:1502.01852.
    """

    alpha_initializer: Initializer = "zeros"
    alpha_regularizer: Regularizer = None
    alpha_constraint: Constraint = None
    shared_axes: Axes = None

    def build(self, input_shape: Any) -> None:
        shared = self.shared_axes or ()
        if any(not 0 < axis < len(input_shape) for axis in shared):
            raise ValueError(
                f"PReLU `{self.name}`: `shared_axes` are numbers from 1 to {len(input_shape) - 1} "
                f"for an input of shape {tuple(input_shape)}, got {shared}."
            )
        sizes = [1 if i in shared else size for i, size in enumerate(input_shape)]
        self.alpha = self.add_weight("alpha", sizes[1:])
        own = {i: size for i, size in enumerate(input_shape) if i and i not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return K.relu(inputs) - self.alpha * K.relu(-inputs)


class ELU(SameShape):
    """`x` where it is positive, else `alpha * (exp(x) - 1)`. Any shape.

    Clevert et al., 2015, arXiv:1511.07289.
    """

    alpha: Number = 1.0

    def call(self, inputs: Any) -> Any:
        return K.elu(inputs, self.alpha)


class ThresholdedReLU(SameShape):
    """`x` where it is greater than `theta`, else 0. Any shape.

    Konda et al., 2014, arXiv:1402.3337.
    """

    theta: Number = 1.0

    def call(self, inputs: Any) -> Any:
        return inputs * K.cast(K.greater(inputs, self.theta), K.dtype(inputs))


class Softmax(SameShape):
    """`exp(x) / sum(exp(x))` along `axis`. Any shape."""

    axis: Whole = -1

    def call(self, inputs: Any) -> Any:
        return activations.softmax(inputs, axis=self.axis)


class ReLU(SameShape):
    """`x` from `threshold` up to `max_value`, below it `negative_slope * (x - threshold)`.

    Any shape.
    """

    max_value: OptionalNotNegative = None
    negative_slope: NotNegative = 0.0
    threshold: Number = 0.0

    def call(self, inputs: Any) -> Any:
        return activations.relu(
            inputs, alpha=self.negative_slope, max_value=self.max_value, threshold=self.threshold
        )

"""Noise while training."""

from __future__ import annotations

import math
from typing import Any

from .. import backend as K
from ..activations import SELU_ALPHA, SELU_SCALE
from .base import Layer as Layer, SameShape
from .base.fields import Fraction, NotNegative, Seed, Sizes


class GaussianNoise(SameShape):
    """While training, adds normal noise of mean 0 and deviation `stddev`. Any shape."""

    stddev: NotNegative

    def call(self, inputs: Any, training: Any = None) -> Any:
        return K.in_train_phase(
            lambda: inputs + K.random_normal(K.shape(inputs), 0.0, self.stddev, K.dtype(inputs)),
            inputs,
            training,
        )


class GaussianDropout(SameShape):
    """While training, multiplies by normal noise of mean 1 and variance `rate / (1 - rate)`.

    Any shape. Srivastava et al., 2014, section 10,
    http://www.jmlr.org/papers/v15/srivastava14a.html.
    """

    rate: Fraction

    def call(self, inputs: Any, training: Any = None) -> Any:
        if not 0.0 < self.rate < 1.0:
            return inputs
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return K.in_train_phase(
            lambda: inputs * K.random_normal(K.shape(inputs), 1.0, stddev, K.dtype(inputs)),
            inputs,
            training,
        )


class AlphaDropout(SameShape):
    """Dropout for `selu` networks: values become SELU's lower limit, mean and variance stay.

    Any shape. Klambauer et al., 2017, arXiv:1706.02515, section "New dropout technique".
    """

    rate: Fraction
    noise_shape: Sizes = None
    seed: Seed = None

    def _get_noise_shape(self, inputs: Any) -> Any:
        """The shape of the noise; classic subclasses replace this method."""
        sizes = K.shape(inputs)
        if self.noise_shape is None:
            return sizes
        return tuple(sizes[i] if s is None else s for i, s in enumerate(self.noise_shape))

    def call(self, inputs: Any, training: Any = None) -> Any:
        if not 0.0 < self.rate < 1.0:
            return inputs
        return K.in_train_phase(lambda: self._dropped(inputs), inputs, training)

    def _dropped(self, inputs: Any) -> Any:
        limit = -SELU_ALPHA * SELU_SCALE  # what selu tends to, far below zero
        keep = 1.0 - self.rate
        # An affine map a * x + b brings mean and variance back to 0 and 1.
        a = (keep * (1.0 + self.rate * limit**2)) ** -0.5
        b = -a * limit * self.rate
        dtype = K.dtype(inputs)
        kept = K.random_binomial(self._get_noise_shape(inputs), keep, dtype, self.seed)
        return (inputs * kept + limit * (1.0 - kept)) * a + b

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for name in ("noise_shape", "seed"):  # the classic config has no place for them
            if config[name] is None:
                del config[name]
        return config

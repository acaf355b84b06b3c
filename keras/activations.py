"""Activation functions: what a layer applies to each number of its output."""

from __future__ import annotations

from typing import Any

from . import backend as K, caller
from .configured import Configured
from .registry import Registry, deserialize_keras_object as deserialize_keras_object, renamed

Tensor = Any

# The fixed point of mean 0 and variance 1 in Klambauer et al., 2017, arXiv:1706.02515, eq. 14.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """`exp(x) / sum(exp(x))` along `axis`: positive numbers that sum to one."""
    return K.softmax(x, axis=axis)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """`x` where positive, else `alpha * (exp(x) - 1)`.

    Clevert et al., 2015, arXiv:1511.07289.
    """
    return K.elu(x, alpha)


def selu(x: Tensor) -> Tensor:
    """`scale * elu(x, alpha)`, with two numbers that keep mean 0 and variance 1 in each layer.

    To be used with the initializer 'lecun_normal' and with `AlphaDropout`. Klambauer et al., 2017,
    arXiv:1706.02515.
    """
    return SELU_SCALE * K.elu(x, SELU_ALPHA)


def softplus(x: Tensor) -> Tensor:
    """`log(1 + exp(x))`."""
    return K.softplus(x)


def softsign(x: Tensor) -> Tensor:
    """`x / (1 + |x|)`."""
    return K.softsign(x)


def relu(
    x: Tensor, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """`x` from `threshold` up to `max_value`, and below it `alpha * (x - threshold)`."""
    return K.relu(x, alpha=alpha, max_value=max_value, threshold=threshold)


def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return K.tanh(x)


def sigmoid(x: Tensor) -> Tensor:
    """`1 / (1 + exp(-x))`."""
    return K.sigmoid(x)


def hard_sigmoid(x: Tensor) -> Tensor:
    """`0.2 * x + 0.5`, clipped to [0, 1]: a cheap sigmoid."""
    return K.hard_sigmoid(x)


def hard_sigmoid6(x: Tensor) -> Tensor:
    """`x / 6 + 0.5`, clipped to [0, 1]: what Keras 3 calls `hard_sigmoid`, flatter than ours.

    Howard et al., 2019, "Searching for MobileNetV3".
    """
    return K.clip(x / 6.0 + 0.5, 0.0, 1.0)


def exponential(x: Tensor) -> Tensor:
    """`exp(x)`."""
    return K.exp(x)


def linear(x: Tensor) -> Tensor:
    """`x` itself."""
    return x


registry = Registry("activation", globals(), none=lambda: linear)
serialize = renamed(registry.serialize, instance="activation")
deserialize = renamed(registry.deserialize, config="name")


def get(identifier: Any) -> Any:
    """The function for a name, a config or a callable; `None` is `linear`.

    >>> get("tanh") is tanh, get(None) is linear
    (True, True)
    """
    if isinstance(identifier, Configured):
        caller.warn(
            f"{identifier!r} is a layer, not an activation function. Add it to the model as a "
            "layer of its own: as an argument of another layer its weights are not trained."
        )
    return registry.get(identifier)

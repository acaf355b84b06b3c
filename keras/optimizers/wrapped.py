"""An optimizer of TensorFlow in the clothes of one of Keras."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from .base import Optimizer


class TFOptimizer(Optimizer):
    """Classic Keras wraps TensorFlow 1 optimizers in this; they only run on that engine."""

    def __init__(self, optimizer: Any) -> None:
        raise NotImplementedError(
            f"`TFOptimizer` wraps an optimizer of TensorFlow 1, which the engine {K.backend()!r} "
            f"can't run. Use the class of `keras.optimizers` that does what {optimizer!r} does."
        )

"""One layer applied to each time step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import backend as K
from ...backend.graph.shapes import product
from ...backend.ops.arrange import sizes_like
from ..base import InputSpec
from ..base.calls import to_list
from .wrapper import Wrapper


class TimeDistributed(Wrapper):
    """Applies `layer`, which may be a model, to each time step.

    (batch, time, ...) -> (batch, time, ...)

    The steps are taken as so many samples of one batch, which a batch normalization inside feels,
    and a stateful layer: it keeps states for each of them.

    >>> from keras.layers import Dense
    >>> TimeDistributed(Dense(8)).compute_output_shape((None, 10, 16))
    (None, 10, 8)
    """

    input_spec = InputSpec(min_ndim=3)
    supports_masking = True

    _last: Any = (None, None)  # the inputs of the last call, and what the inner layer got for them

    def build(self, input_shape: Any = None) -> None:
        steps = product(input_shape[:2])
        self.layer.build_once((steps, *input_shape[2:]))
        self.input_spec = InputSpec(ndim=len(input_shape))
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        folded, arguments = fold(inputs), {}
        takes = self.layer._takes()
        if training is not None and "training" in takes:
            arguments["training"] = training
        if _of_steps(mask) and "mask" in takes:
            arguments["mask"] = fold(mask)
        self._last = (inputs, folded)
        self.layer.prepare(folded)
        return _each(self.layer.call(folded, **arguments), lambda y: unfold(y, inputs))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """What the inner layer makes of the masks of each step, else which steps are masked."""
        known, folded = self._last
        folded = folded if known is inputs else fold(inputs)
        inner = self.layer.compute_mask(folded, fold(mask) if _of_steps(mask) else None)
        if any(m is not None for m in to_list(inner)):
            return _each(inner, lambda m: None if m is None else unfold(m, inputs))
        while _of_steps(mask):
            mask = K.any(mask, axis=-1)
        return mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, time, *rest = input_shape
        inner = self.layer.compute_output_shape((batch, *rest))
        shapes = [(batch, time, *s[1:]) for s in (inner if isinstance(inner, list) else [inner])]
        return shapes if isinstance(inner, list) else shapes[0]


def _of_steps(mask: Any) -> bool:
    """Whether a mask says more of a step than whether it counts: (batch, time, ...)."""
    return mask is not None and K.ndim(mask) > 2


def _each(made: Any, change: Callable[[Any], Any]) -> Any:
    return [change(y) for y in made] if isinstance(made, (list, tuple)) else change(made)


def fold(x: Any) -> Any:
    """(batch, time, ...) -> (batch * time, ...)."""
    sizes = K.int_shape(x)
    rest = sizes_like(x, sizes[2:], range(2, len(sizes)))
    steps = product(sizes[:2])
    return K.reshape(x, (-1 if steps is None else steps, *rest))


def unfold(y: Any, like: Any) -> Any:
    """(batch * time, ...) -> (batch, time, ...), as many of both as `like` has."""
    batch, time = K.int_shape(like)[:2]
    own = K.int_shape(y)
    if batch is None and time is None:
        batch, time = K.shape(like)[0], K.shape(like)[1]
    sizes = [-1 if size is None else size for size in (batch, time)]
    return K.reshape(y, (*sizes, *sizes_like(y, own[1:], range(1, len(own)))))

"""Time steps to be skipped."""

from __future__ import annotations

from typing import Any

from ... import backend as K
from ..base import SameShape
from ..base.fields import Number


class Masking(SameShape):
    """Masks the time steps of which all values are `mask_value`: the layers behind skip them.

    (batch, time, ...) -> the same, with zeros at masked steps.
    """

    mask_value: Number = 0.0

    def _differs(self, inputs: Any, keepdims: bool) -> Any:
        return K.any(K.not_equal(inputs, self.mask_value), axis=-1, keepdims=keepdims)

    def call(self, inputs: Any) -> Any:
        return inputs * K.cast(self._differs(inputs, keepdims=True), K.dtype(inputs))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self._differs(inputs, keepdims=False)

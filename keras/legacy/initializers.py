"""An initializer for an argument that is gone."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from ..initializers import Initializer as Base
from ..registry import Initializer


class ForgetBias(Base):
    """The bias of an LSTM: for the forget gate by an initializer, for the other gates zero.

    The gates stand side by side, the input's, the forget gate's, the cell's and the output's.

    >>> from keras import backend as K
    >>> K.eval(ForgetBias("ones")((4,))).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """

    initializer: Initializer

    def __call__(self, shape: Any, dtype: str | None = None) -> Any:
        units = shape[0] // 4
        zeros = K.zeros((units,), dtype=dtype)
        return K.concatenate([zeros, self.initializer((units,), dtype=dtype), zeros, zeros])

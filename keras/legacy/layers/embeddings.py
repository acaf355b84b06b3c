"""An embedding with dropout of whole words."""

from __future__ import annotations

from typing import Any

from ... import backend as K, layers
from ...layers.base.fields import Fraction


class Embedding(layers.Embedding):  # type: ignore[misc]  # fields of a base stay first
    """An `Embedding` that forgets a share of all words while training, each anew for each batch.

    `keras.layers.Embedding(..., dropout=0.2)` makes it. (batch, ...) -> (batch, ..., output_dim)

    Gal and Ghahramani, 2015, arXiv:1512.05287.
    """

    dropout: Fraction = 0.0

    def call(self, inputs: Any) -> Any:
        vectors = super().call(inputs)
        kept = 1.0 - self.dropout
        drawn = K.random_binomial((self.input_dim,), p=kept) / kept
        return K.in_train_phase(vectors * K.expand_dims(K.gather(drawn, inputs)), vectors)

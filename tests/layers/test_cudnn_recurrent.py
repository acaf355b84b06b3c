"""CuDNNLSTM and CuDNNGRU: the same numbers on every device, from weights in cuDNN's order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import layers
from keras.layers import Bidirectional
from tests.layers.numbers import apply, draw


def plain(weights: list[Any], gates: int) -> list[Any]:
    """As LSTM and GRU hold them: each gate's kernel read as (units, n), recurrent ones turned."""
    kernel, recurrent, bias = weights
    read = [k.reshape(-1).reshape(k.shape[::-1]).T for k in np.split(kernel, gates, 1)]
    turned = [r.T for r in np.split(recurrent, gates, 1)]
    two = bias.reshape(2, -1)
    return [np.hstack(read), np.hstack(turned), two.sum(0) if gates == 4 else two]


@pytest.mark.parametrize("gates", [3, 4])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_plain_layer_with_converted_weights(gates: int, go_backwards: bool) -> None:
    options = {"return_sequences": True, "return_state": True, "go_backwards": go_backwards}
    made: Any = layers.CuDNNLSTM if gates == 4 else layers.CuDNNGRU
    fast = made(4, **options)
    slow = layers.LSTM(4, **options) if gates == 4 else layers.GRU(4, reset_after=True, **options)
    x = draw(2, 5, 3)
    apply(fast, x)
    apply(slow, x)
    assert [w.shape for w in fast.get_weights()] == [(3, 4 * gates), (4, 4 * gates), (8 * gates,)]
    fast.set_weights([draw(*w.shape) for w in fast.get_weights()])
    slow.set_weights(plain(fast.get_weights(), gates))
    for one, other in zip(apply(fast, x), apply(slow, x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_first_biases() -> None:
    layer = layers.CuDNNLSTM(2)
    layer.build((None, None, 3))
    np.testing.assert_array_equal(layer.get_weights()[2], [0] * 10 + [1] * 2 + [0] * 4)
    layer = layers.CuDNNLSTM(2, unit_forget_bias=False)
    layer.build((None, None, 3))
    assert not layer.get_weights()[2].any()


def test_in_both_directions() -> None:
    assert apply(Bidirectional(layers.CuDNNGRU(2)), draw(2, 3, 4)).shape == (2, 4)


def test_refused() -> None:
    layer = layers.CuDNNLSTM(2)
    x = layers.Input((3, 2))
    with pytest.raises(ValueError, match=r"CuDNNLSTM `.*` takes no constants"):
        layer(x, constants=layers.Input((2,)))

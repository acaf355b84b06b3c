"""Arrays that recurrent kernels keep from call to call: nobody reads what another has written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime
from keras.layers import GRU, Input
from keras.models import Model, Sequential

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(
    runtime.engine().name != "torch", reason="the kernels are the torch engine's"
)
UNITS, TIME = 4, 6
RNG = np.random.default_rng(3)


def outputs_of(x: Any, kernel: Any, recurrent: Any, bias: Any, reset_after: bool) -> Any:
    """All outputs of a GRU, by its equations."""
    outer, inner = bias if reset_after else (bias, np.zeros_like(bias))
    h, outputs = np.zeros((len(x), UNITS)), []
    for now in np.moveaxis(x, 1, 0):
        of_x, of_h = now @ kernel + outer, h @ recurrent + inner
        z, r = (1 / (1 + np.exp(-(of_x + of_h)[:, n * UNITS : (n + 1) * UNITS])) for n in range(2))
        new = recurrent[:, 2 * UNITS :]
        let_in = r * of_h[:, 2 * UNITS :] if reset_after else (r * h) @ new
        h = z * h + (1 - z) * np.tanh(of_x[:, 2 * UNITS :] + let_in)
        outputs.append(h)
    return np.stack(outputs, 1)


def stack(reset_after: bool, layers: int = 3) -> Any:
    """Layers of equal sizes: what they keep has equal sizes, too."""
    kwargs = {"recurrent_activation": "sigmoid", "reset_after": reset_after}
    model = Sequential([GRU(UNITS, return_sequences=True, input_shape=(TIME, UNITS), **kwargs)])
    for _ in range(layers - 1):
        model.add(GRU(UNITS, return_sequences=True, **kwargs))
    model.set_weights([RNG.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def expected(model: Any, x: Any, reset_after: bool) -> Any:
    for layer in model.layers:
        x = outputs_of(x, *layer.get_weights(), reset_after)
    return x


@pytest.mark.parametrize("reset_after", [True, False])
def test_layers_of_one_size(reset_after: bool) -> None:
    """Outputs and gradients, again and again, of batches of two sizes in turns."""
    model = stack(reset_after)
    weights = model.trainable_weights
    target = K.placeholder(shape=(None, TIME, UNITS))
    loss = K.sum(K.square(model.output - target))
    both = K.function([model.input, target], [loss, *K.gradients(loss, weights)])
    kept: list[Any] = []
    for rows in (3, 2, 3, 3, 2):
        x = RNG.normal(size=(rows, TIME, UNITS))
        y = RNG.normal(size=(rows, TIME, UNITS))
        right = expected(model, x, reset_after)
        found = model.predict(x)
        kept.append((found, right))
        np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-5)
        value, *gradients = both([x, y])
        np.testing.assert_allclose(value, ((right - y) ** 2).sum(), rtol=1e-4)
        for weight, gradient in zip(weights, gradients, strict=True):
            before = K.get_value(weight).astype("float64")
            way = RNG.normal(size=before.shape) * 1e-5
            place = next(i for i, w in enumerate(weights) if w is weight)
            sides = [moved(model, x, y, place, sign * way, reset_after) for sign in (1, -1)]
            slope = (sides[0] - sides[1]) / 2
            assert slope == pytest.approx((gradient * way).sum(), rel=2e-3, abs=1e-7)
    for found, right in kept:  # nobody has written into what was given out
        np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-5)


def moved(model: Any, x: Any, y: Any, place: int, way: Any, reset_after: bool) -> float:
    """The loss by the equations in double precision, with one weight moved."""
    number = 0
    for layer in model.layers:
        values = [w.astype("float64") for w in layer.get_weights()]
        for i in range(len(values)):
            values[i] = values[i] + way if number == place else values[i]
            number += 1
        x = outputs_of(x, *values, reset_after)
    return float(((x - y) ** 2).sum())


def test_two_losses_of_one_layer() -> None:
    """What the way back reads is kept for as long as somebody will read it."""
    model = stack(False, layers=2)
    h = model.layers[0].output
    first, second = K.sum(h * h), K.sum(model.output)
    weights = model.layers[0].trainable_weights
    apart = [K.function([model.input], K.gradients(loss, weights)) for loss in (first, second)]
    at_once = K.function(
        [model.input], [*K.gradients(first, weights), *K.gradients(second, weights)]
    )
    x = RNG.normal(size=(2, TIME, UNITS))
    for _ in range(2):
        separate = [*apart[0]([x]), *apart[1]([x])]
        for one, other in zip(at_once([x]), separate, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_threads_have_arrays_of_their_own() -> None:
    model = stack(False)
    data = [RNG.normal(size=(2, TIME, UNITS)) for _ in range(40)]
    right = [expected(model, x, False) for x in data]
    model.predict(data[0])
    with ThreadPoolExecutor(4) as threads:
        for found, wanted in zip(threads.map(model.predict, data), right, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_arrays_of_torchs_inference_mode_stay_there() -> None:
    """They can't be written to outside of it."""
    model = stack(True)
    x = RNG.normal(size=(5, TIME, UNITS)).astype("float32")
    model.compile("sgd", "mse")
    with torch.inference_mode():
        inside = model.predict(x)
    np.testing.assert_array_equal(model.predict(x), inside)
    assert np.isfinite(model.train_on_batch(x, x))


def test_the_number_of_threads_stays() -> None:
    """Also where a layer fails."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        model = stack(False)
        model.compile("sgd", "mse")
        x = RNG.normal(size=(2, TIME, UNITS))
        model.predict(x)
        model.train_on_batch(x, x)
        assert torch.get_num_threads() == 2
        weight = model.layers[1].weights[1]
        weight._value = weight._value.double()  # what can't be: torch refuses the product
        with pytest.raises(Exception, match="dtype"):
            model.predict(x)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_little_is_kept() -> None:
    """Sequences of all lengths come by, and large ones."""
    from keras.backend.engines.torch.recurrent import rooms

    rooms.forget()
    x = Input((None, UNITS))
    model = Model(x, GRU(64)(x))
    for length in range(100, 150):
        model.predict(np.zeros((8, length, UNITS)))
    small = sum(room.size for free in rooms._free.values() for room in free)
    assert 0 < small <= rooms.ALL + rooms.SMALL
    rooms.forget()
    model.predict(np.zeros((32, 900, UNITS)))
    assert not any(rooms._free.values())
    K.clear_session()
    assert not rooms._free

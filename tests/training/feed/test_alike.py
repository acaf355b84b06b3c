"""Batches that look like one before aren't checked again; those that look otherwise are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.layers import Dense, Input, add
from keras.models import Model

ONES = np.ones((4, 3), "float32")
TARGETS = np.zeros((4, 2), "float32")
PAIR = [ONES, ONES], [TARGETS]


def model(units: int = 2) -> Model:
    a, b = Input((3,), name="a"), Input((3,), name="b")
    made = Model([a, b], Dense(units, name="c")(add([a, b])))
    made.compile("sgd", "mse")
    return made


def fed(made: Model, *batches: Any) -> Any:
    return made.fit_generator(iter(batches), len(batches), verbose=0, workers=0)


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        (([ONES, ONES[:, :2]], [TARGETS]), ValueError, r"`b` needs shape \(n, 3\)"),
        (([ONES, ONES[:3]], [TARGETS]), ValueError, "different numbers of samples"),
        (([ONES, ONES], [TARGETS[:3]]), ValueError, "numbers of samples differ"),
        (([ONES, ONES.astype(object)], [TARGETS]), TypeError, "not numbers"),
        (([ONES], [ONES, TARGETS]), ValueError, "2 input"),
        ((ONES, [ONES, TARGETS]), ValueError, "2 input"),
        (([ONES[:0], ONES[:0]], [TARGETS[:0]]), ValueError, "empty"),
        (([ONES, ONES], [TARGETS], np.ones((4, 2))), ValueError, "sample weights of `c`"),
    ],
)
def test_a_batch_that_looks_otherwise_is_checked(
    batch: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as found:
        fed(model(), PAIR, PAIR, batch)
    assert "(batch 2 of the tuple_iterator)" in str(found.value)


@pytest.mark.parametrize("named", [True, False])
def test_what_had_to_be_changed_is_changed_each_time(named: bool) -> None:
    """Dicts are sorted by name, and a number for each sample gets an axis, in every batch."""
    other = np.arange(12.0, dtype="float32").reshape(4, 3)
    y, listed = np.array([0.0, 1.0, 2.0, -1.0], "float32"), [ONES, other]
    one, two = model(1), model(1)
    two.set_weights(one.get_weights())
    fed(one, *[({"b": other, "a": ONES} if named else listed, y)] * 3)
    for _ in range(3):
        two.train_on_batch(listed, y[:, None])
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_alike_batches_train_as_each_on_its_own() -> None:
    """The same weights as after `train_on_batch`, whatever changes between the batches."""
    rng = np.random.default_rng(0)

    def batch(size: int, dtype: str = "float32") -> Any:
        x = [rng.normal(size=(size, 3)).astype(dtype) for _ in range(2)]
        return x, [rng.uniform(size=(size, 2)).astype(dtype)]

    batches = [batch(4), batch(4), batch(4, "float64"), batch(2), batch(2), batch(4)]
    batches.append((*batch(4), np.array([1.0, 2.0, 0.0, 3.0])))
    batches.append(batch(4))
    one, other = model(), model()
    other.set_weights(one.get_weights())
    fed(one, *batches)
    for each in batches:
        other.train_on_batch(*each)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)

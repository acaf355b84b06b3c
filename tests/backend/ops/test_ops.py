"""Every sample of the table: values, dtypes, shapes, gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime
from tests.backend.ops import autodiff, table
from tests.backend.ops.samples import SAMPLES
from tests.backend.ops.table import Sample, compare, every

SLOPED = [s for s in SAMPLES if table.differentiable(s)]
BY_ENGINE = [s for s in SLOPED if s.call.at_once]


@pytest.fixture(autouse=True)
def double() -> Any:
    """All numbers in float64, so that differences and formulas agree to many digits."""
    before = K.floatx()
    K.set_floatx("float64")
    yield
    K.set_floatx(before)


@every(SAMPLES)
def test_value(sample: Sample) -> None:
    fed = sample.placeholders()
    made = sample.with_arrays(sample.function, fed)
    expected = sample.expected()
    got = K.function(fed, made)(sample.arrays())
    for value, tensor, wanted in zip(got, made, expected, strict=True):
        compare(value, wanted, sample.call.tolerance)
        if sample.call.sized:
            assert tuple(tensor.shape) == wanted.shape, "the static shape is wrong"
        assert np.asarray(value).dtype.name == tensor.dtype, "the static dtype is wrong"


@pytest.mark.parametrize("unknown", ["batch", "all"])
@every(SAMPLES)
def test_open_sizes(sample: Sample, unknown: str) -> None:
    if sample.call.open == "none" or (sample.call.open == "batch" and unknown == "all"):
        return
    fed = sample.placeholders(unknown)
    made = sample.with_arrays(sample.function, fed)
    got = K.function(fed, made)(sample.arrays())
    for value, tensor, wanted in zip(got, made, sample.expected(), strict=True):
        compare(value, wanted, sample.call.tolerance)
        assert len(tensor.shape) == wanted.ndim
        assert all(a in (None, b) for a, b in zip(tensor.shape, wanted.shape, strict=True))


@every([s for s in SAMPLES if s.call.at_once])
def test_at_once(sample: Sample) -> None:
    got = sample.with_arrays(sample.function, sample.arrays())
    for value, wanted in zip(got, sample.expected(), strict=True):
        compare(K.eval(value), wanted, sample.call.tolerance)


@every(SLOPED)
def test_gradient(sample: Sample) -> None:
    """The graph's gradient against differences of the numpy function."""
    fed, arrays, wrt = sample.placeholders(), sample.arrays(), sample.wrt()
    made = sample.with_arrays(sample.function, fed)
    shares = table.weights(sample.expected())
    found = K.gradients(table.loss(made, shares), [fed[i] for i in wrt])
    got = [np.zeros_like(arrays[i]) for i in wrt]
    reached = [n for n, g in enumerate(found) if g is not None]
    values = K.function(fed, [found[n] for n in reached])(arrays)
    for n, value in zip(reached, values, strict=True):
        got[n] = value

    def weighted(moved: list[np.ndarray]) -> float:
        everything = list(arrays)
        for i, a in zip(wrt, moved, strict=True):
            everything[i] = a
        pairs = zip(sample.expected(everything), shares, strict=True)
        return float(sum(np.sum(e * s) for e, s in pairs if s is not None))

    for value, wanted in zip(
        got, table.slopes(weighted, [arrays[i].copy() for i in wrt]), strict=True
    ):
        compare(value, wanted, 2e-6)


@every(SLOPED)
def test_gradient_with_open_sizes(sample: Sample) -> None:
    """A gradient is the same where sizes are unknown."""
    if sample.call.open == "none":
        return
    shares = table.weights(sample.expected())
    results = []
    for unknown in ("none", "batch", "all")[: 3 if sample.call.open == "all" else 2]:
        fed = sample.placeholders(unknown)
        made = table.loss(sample.with_arrays(sample.function, fed), shares)
        found = [g for g in K.gradients(made, [fed[i] for i in sample.wrt()]) if g is not None]
        results.append(K.function(fed, found)(sample.arrays()))
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            compare(b, a, 1e-9)


@every(BY_ENGINE)
def test_gradient_by_the_engine(sample: Sample) -> None:
    """The graph's gradient against the engine's own, over the same rows."""
    wrt, arrays, shares = sample.wrt(), sample.arrays(), table.weights(sample.expected())
    fed = sample.placeholders()
    made = sample.with_arrays(sample.function, fed)
    found = K.gradients(table.loss(made, shares), [fed[i] for i in wrt])
    got = K.function(
        fed, [K.zeros_like(fed[i]) if g is None else g for i, g in zip(wrt, found, strict=True)]
    )
    wanted = autodiff.gradients(
        lambda given: table.loss(sample.with_arrays(sample.function, given), shares), arrays, wrt
    )
    for value, slope in zip(got(arrays), wanted, strict=True):
        compare(value, slope, 1e-8)


COMPOSED = [
    s for s in SAMPLES if getattr(s.function, "op", None) is not None and s.function.op.body
]


@every(COMPOSED)
def test_row_against_definition(sample: Sample) -> None:
    """An engine's own row of a composite against the definition of the composite."""
    table_of_engine = runtime.engine().table
    row = table_of_engine.pop(sample.function.op.name, None)
    try:
        fed = sample.placeholders()
        defined = K.function(fed, sample.with_arrays(sample.function, fed))(sample.arrays())
    finally:
        if row is not None:
            table_of_engine[sample.function.op.name] = row
    for value, wanted in zip(defined, sample.expected(), strict=True):
        compare(value, wanted, sample.call.tolerance)

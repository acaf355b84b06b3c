"""Run samples of the table on another engine than that of the tests: `python -m ... jax images`.

An engine is chosen when keras is imported, so this is a program of its own: it prints a line for
each sample that disagrees, and how many there were.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from typing import Any


def disagreement(sample: Any) -> str | None:
    """What is wrong with values, gradients, or the engine's own gradients; `None` if nothing is."""
    from keras import backend as K
    from tests.backend.ops import autodiff, table

    expected = sample.expected()
    fed = sample.placeholders("batch" if sample.call.open == "all" else "none")
    made = sample.with_arrays(sample.function, fed)
    reference = K.backend() == "numpy"  # it has values only
    wrt = sample.wrt() if table.differentiable(sample) and not reference else []
    shares = table.weights(expected)
    slopes = K.gradients(table.loss(made, shares), [fed[i] for i in wrt]) if wrt else []
    slopes = [K.zeros_like(fed[i]) if g is None else g for i, g in zip(wrt, slopes, strict=True)]
    try:
        got = K.function(fed, [*made, *slopes])(sample.arrays())
        for value, wanted in zip(got, expected, strict=False):
            table.compare(value, wanted, sample.call.tolerance)
        if reference and sample.call.at_once:
            made = sample.with_arrays(sample.function, sample.arrays())
            for value, wanted in zip(made, expected, strict=True):
                table.compare(K.eval(value), wanted, sample.call.tolerance)
        if wrt and sample.call.at_once:
            own = autodiff.gradients(
                lambda given: table.loss(sample.with_arrays(sample.function, given), shares),
                sample.arrays(),
                wrt,
            )
            for value, wanted in zip(got[len(made) :], own, strict=True):
                table.compare(value, wanted, 1e-8)
    except Exception:
        return f"{sample.name}: {traceback.format_exc(limit=-1)}"
    return None


def main(engine: str, room: str) -> int:
    """Check the samples of a room; returns how many disagree."""
    os.environ["KERAS_BACKEND"] = engine
    # Compiling takes longer than running here.
    os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
    from keras import backend as K

    assert K.backend() == engine
    K.set_floatx("float64")
    samples = importlib.import_module(f"tests.backend.ops.samples.{room}").SAMPLES
    wrong = [found for found in map(disagreement, samples) if found]
    said = f"{len(samples)} samples on {engine}, {len(wrong)} disagree"
    print(*wrong, said, sep="\n")  # noqa: T201  it is a program of its own
    return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))

"""Layers told in the terms of Keras 1 give the numbers of Keras 1.2.2."""

from __future__ import annotations

import pytest

from tests.golden.layers import results
from tests.golden.loader import Case, cases, check

# What was told, and that arrays came in the form of Keras 1, is said each time.
pytestmark = [
    pytest.mark.filterwarnings("ignore::keras.legacy.arguments.LegacyWarning"),
    pytest.mark.filterwarnings("ignore:SpatialDropout2D `tested`. classic configs:UserWarning"),
]


@pytest.mark.parametrize("case", cases("layers1", "layer"))
def test_layer(case: Case) -> None:
    """Outputs, shapes and gradients; the weights are given as Keras 1 laid them out.

    Arrays whose shapes don't tell that are given as Keras 2.3.1 converts them.
    """
    today = [case.array(name) for name in case.get("weights2", [])]
    if today and [a.shape for a in today] == [case.array(n).shape for n in case["weights"]]:
        case = Case({**case.spec, "weights": case["weights2"]}, case.arrays, case.tolerances)
    check(case, results(case))

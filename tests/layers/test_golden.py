"""Layers give the numbers of the original: outputs, gradients, masks, updates, shapes, configs."""

from __future__ import annotations

import pytest

from tests.golden.layers import results
from tests.golden.loader import Case, cases, check

GROUPS = ["layers2_core", "layers2_conv", "layers2_norm", "layers2_merge", "layers2_rnn"]


# The classic config of a channels_first SpatialDropout2D leaves that out; we say so.
@pytest.mark.filterwarnings("ignore:SpatialDropout2D `tested`. classic configs:UserWarning")
@pytest.mark.parametrize("case", [case for group in GROUPS for case in cases(group, "layer")])
def test_layer(case: Case) -> None:
    check(case, results(case))

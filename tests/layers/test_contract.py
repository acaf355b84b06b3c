"""Every layer of the table keeps the contract of layers."""

from __future__ import annotations

import pytest

from keras.utils.test_utils import CHECKS, Sample
from tests.layers.samples import SAMPLES


def name_of(sample: Sample) -> str:
    """`Dense-2`: the second row of the class."""
    same = [s for s in SAMPLES if s.layer is sample.layer]
    return f"{getattr(sample.layer, '__name__', sample.layer)}-{same.index(sample) + 1}"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_contract(sample: Sample, check: str) -> None:
    if check not in sample.skip:
        CHECKS[check](sample)

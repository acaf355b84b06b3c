"""Every layer of the table keeps the contract of layers."""

from __future__ import annotations

import pytest

from keras import layers
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


# Bases, and cells: they are tested inside the layers that use them.
WITHOUT_A_ROW = {"InputLayer", "Layer", "Wrapper"}


def test_every_layer_has_a_row() -> None:
    offered = {
        found.__name__
        for found in vars(layers).values()
        if isinstance(found, type) and issubclass(found, layers.Layer)
    }
    own = {name for name in offered if not name.endswith(("Cell", "Cells"))}
    assert own - {s.layer.__name__ for s in SAMPLES} == WITHOUT_A_ROW

"""What one of few costs and one of many: the figures, the table, and the picture of the steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import picture, scaling
from benchmarks.measure import Effort
from benchmarks.report import FIGURES, of_scaling


def found(seconds: float) -> dict[str, Any]:
    return {"median": seconds, "contention": 0.0}


def test_what_layers_cost_is_shared_among_them() -> None:
    round_of = {"layers 10": found(1e-3), "steps 10": found(1e-4), "epochs 10": found(321.0)}
    lines = of_scaling({"evergreen": [{}, round_of]}).splitlines()
    (each,) = [line for line in lines if "each of 10 layers" in line]
    (step,) = [line for line in lines if "epoch of 10 steps" in line]
    (memory,) = [line for line in lines if "after 10 epochs" in line]
    assert each.split("|")[2].strip() == "100"
    assert step.split("|")[2].strip() == "100"
    assert memory.split("|")[2].strip() == "321"


def test_each_number_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, numbers in (
        ("STEPS", (2, 4)),
        ("LAYERS", (1, 3)),
        ("BUILT", (2,)),
        ("STARTED", (2, 3)),
        ("EPOCHS", (1, 2)),
    ):
        monkeypatch.setattr(scaling, name, numbers)
    made = scaling.reports(Effort(share=0.01))
    next(made)
    names = {"steps 2", "steps 4", "layers 1", "layers 3", "built 2", "read 2"}
    names |= {"started 2", "started 3"}
    if scaling.STATM.exists():
        names |= {"epochs 1", "epochs 2"}
    figures = next(made)
    assert figures.keys() == names
    assert all(figure["median"] > 0 for figure in figures.values())


def test_bars_are_multiples_of_ours(tmp_path: Path) -> None:
    def rounds(seconds: float) -> list[Any]:
        return [dict.fromkeys(FIGURES, found(seconds))]

    results = {
        "tiny-mlp": {"evergreen": rounds(2.0), "usual": rounds(3.0), "keras3-jax": rounds(8.0)},
        "building": {"evergreen": [{"import keras": found(0.2)}]},
    }
    assert picture.bars(results) == {
        "tiny-mlp": {"evergreen": 1.0, "usual": 1.5, "keras3-jax": 4.0}
    }
    picture.draw(results, tmp_path / "bars.svg")
    drawn = (tmp_path / "bars.svg").read_text()
    assert "usual 1.50" in drawn
    assert "keras3-jax 4.00" in drawn
    with pytest.raises(ValueError, match="at least one network"):
        picture.draw({"building": results["building"]}, tmp_path / "none.svg")

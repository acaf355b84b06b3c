"""The page about engines knows all of them."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.contenders import ENGINES
from keras.backend.engines import READY

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines.md"
NETWORKS, MEASURED = 4, re.compile(r"\d+(\.\d+)?")


def test_one_table_has_all_engines_and_what_was_measured() -> None:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = {name.strip("`"): rest for name, *rest in cells}
    assert {*READY} <= {*rows}
    for engine in READY:
        purpose, limits, steps, first = rows[engine]
        assert purpose and limits
        if engine in ENGINES:
            assert len(MEASURED.findall(steps)) == len(MEASURED.findall(first)) == NETWORKS

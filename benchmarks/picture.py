"""The table as a picture: bars of a step's time, for each network and each contender."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .contenders import BY_HAND, ENGINES, OURS, PEERS, ours_on
from .report import Runs, ratio
from .workloads import WORKLOADS

COLOURS = {OURS: "#2e7d32", "usual": "#b0603a", "tuned": "#cf8f6a", "manual": "#e3b9a0"}
COLOURS |= {"jax": "#6d7f99"}
OTHER = "#c3cad4"  # other Keras, and ours on other engines
LONGEST = 4.0  # longer bars are cut; the number beside them says how long they are
ORDER = (*map(ours_on, ENGINES), *BY_HAND, *PEERS)


def bars(results: Mapping[str, Runs]) -> dict[str, dict[str, float]]:
    """Workload -> contender -> a step of `fit` as a multiple of ours on its default engine."""
    found: dict[str, dict[str, float]] = {}
    for name, runs in results.items():
        if name not in WORKLOADS or OURS not in runs:
            continue
        ratios = {c: ratio(runs[c], runs[OURS], "fit") for c in ORDER if c in runs}
        found[name] = {c: v.median for c, v in ratios.items() if v is not None}
    return {name: row for name, row in found.items() if row}


def draw(results: Mapping[str, Runs], file: Path) -> None:
    """Write the picture; the file's ending says its format."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = bars(results)
    if not rows:
        raise ValueError("a picture shows steps of `fit`: measure at least one network.")
    order = [c for c in ORDER if any(c in row for row in rows.values())]
    with mpl.rc_context({"font.size": 8, "svg.hashsalt": "bars", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.2, 0.5 + len(rows) * (0.24 + 0.13 * len(order))))
        axes: Any = figure.add_subplot()
        for place, contender in enumerate(order):
            at = [i + (place + 0.5) / (len(order) + 1) for i, row in enumerate(rows.values())]
            lengths = [row.get(contender, 0.0) for row in rows.values()]
            axes.barh(
                at,
                [min(length, LONGEST) for length in lengths],
                height=0.9 / (len(order) + 1),
                color=COLOURS.get(contender, OTHER),
                label=contender,
            )
            for y, length in zip(at, lengths, strict=True):
                label = f" {contender} {length:.2f}" if length else ""
                axes.text(min(length, LONGEST), y, label, va="center", fontsize=6)
        axes.set_yticks([i + 0.45 for i in range(len(rows))], list(rows))
        axes.set_xlim(0, LONGEST * 1.25)
        axes.axvline(1.0, color=COLOURS[OURS], linewidth=0.8, linestyle=":")
        axes.invert_yaxis()
        axes.set_xlabel("a step of fit, as a multiple of ours: shorter is faster")
        axes.spines[["top", "right"]].set_visible(False)
        figure.tight_layout()
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)

"""From what the processes measured to tables: medians with their spread, ratios, limits."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import building, feeding, images, scaling
from .contenders import BEST_OF, ENGINES, OURS, PEERS, ours_on
from .measure import QUIET
from .workloads import WORKLOADS

MEMORY_LIMIT = 1.2
BARE_LIMIT = 60e-6  # seconds that `predict` of one row may take longer than the bare engine

Report = Mapping[str, Any]  # figure -> summary: what one process reported at one time
Runs = Mapping[str, Sequence[Report]]  # contender -> its reports, in the order of the rounds


class Unit(NamedTuple):
    title: str
    name: str
    factor: float


FIGURES = {
    "fit": Unit("`fit`, a step", "ms", 1e3),
    "train_on_batch": Unit("`train_on_batch`", "ms", 1e3),
    "predict 1": Unit("`predict`, one row", "µs", 1e6),
    "predict many": Unit("`predict`, a row of many", "µs", 1e6),
    "memory": Unit("peak memory", "MiB", 1),
    "import": Unit("import", "ms", 1e3),
    "build": Unit("build and compile", "ms", 1e3),
    "start": Unit("from import to first step", "s", 1),
}


class Value(NamedTuple):
    """A median over the rounds, the least and the greatest, and whether others disturbed it."""

    median: float
    low: float
    high: float
    disturbed: bool = False


def is_disturbed(summary: Report) -> bool:
    return (summary["contention"] or 0.0) > QUIET


def over(values: Sequence[float], disturbed: bool) -> Value:
    return Value(statistics.median(values), min(values), max(values), disturbed)


def value(reports: Sequence[Report], figure: str) -> Value | None:
    """A figure over all rounds; the disturbed ones count only if there are no others."""
    found = [report[figure] for report in reports if figure in report]
    quiet = [summary for summary in found if not is_disturbed(summary)]
    if not found:
        return None
    return over([summary["median"] for summary in quiet or found], not quiet)


def ratio(
    ours: Sequence[Report], theirs: Sequence[Report], figure: str, by: str | None = None
) -> Value | None:
    """Ours by theirs, round by round: what stood side by side is compared. `by`: theirs is another
    figure."""
    by = by or figure
    pairs = [
        (a[figure], b[by])
        for a, b in zip(ours, theirs, strict=False)  # who failed has fewer
        if figure in a and by in b
    ]
    quiet = [pair for pair in pairs if not any(map(is_disturbed, pair))]
    ratios = [a["median"] / b["median"] for a, b in quiet or pairs]
    return over(ratios, not quiet) if ratios else None


def combined(
    reports: Sequence[Report], figures: Sequence[str], combine: Callable[..., float]
) -> Value | None:
    """What some figures make together, round by round."""
    found = [[each[f] for f in figures] for each in reports if set(figures) <= set(each)]
    quiet = [summaries for summaries in found if not any(map(is_disturbed, summaries))]
    made = [combine(*(s["median"] for s in summaries)) for summaries in quiet or found]
    return over(made, not quiet) if made else None


def best_of(runs: Runs, figure: str) -> str | None:
    """The hand-written PyTorch with the lowest value."""
    values = {name: value(runs[name], figure) for name in BEST_OF if name in runs}
    medians = {name: v.median for name, v in values.items() if v is not None}
    return min(medians, key=medians.__getitem__) if medians else None


# ---- text


def number(x: float) -> str:
    """Three digits that count."""
    decimals = 0 if abs(x) >= 100 else 1 if abs(x) >= 10 else 2 if abs(x) >= 1 else 3
    return f"{x:,.{decimals}f}"


def shown(v: Value | None, factor: float) -> str:
    """`2.31 ±4%`, with a `~` in front if it was disturbed."""
    if v is None:
        return "–"
    spread = f" ±{(v.high - v.low) / 2 / v.median:.0%}" if v.low != v.high else ""
    return f"{'~' * v.disturbed}{number(v.median * factor)}{spread}"


def judged(v: Value | None, limit: float | None) -> str:
    """`0.58 (0.55–0.61) ≤ 0.6 ✓`."""
    if v is None:
        return "–"
    text = f"{'~' * v.disturbed}{v.median:.2f}"
    if v.low != v.high:
        text += f" ({v.low:.2f}–{v.high:.2f})"
    return text if limit is None else f"{text} {against(v.median, limit)}"


def against(x: float, limit: float, text: str | None = None) -> str:
    return f"{'≤' if x <= limit else '>'} {text or f'{limit:g}'} {'✓' if x <= limit else '✗'}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown that also reads well in a terminal."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return "| " + " | ".join(padded) + " |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(head), line(rule), *(line(row) for row in rows)])


def limits(name: str, figure: str, ours: str) -> tuple[float | None, float | None]:
    """The highest ratios to `usual` and to the best that we accept; on our default engine."""
    if ours != OURS:
        return None, None
    if figure == "fit":
        return WORKLOADS[name].limits
    return (MEMORY_LIMIT, None) if figure == "memory" else (None, None)


def row(name: str, figure: str, runs: Runs, ours: str = OURS) -> list[str]:
    """One line of a workload's table."""
    unit = FIGURES[figure]
    best = best_of(runs, figure)
    columns = [ours, "usual", best or "", "jax"]
    values = [value(runs.get(column, ()), figure) for column in columns]
    cells = [shown(v, unit.factor) for v in values]
    if best:
        cells[2] += f" {best}"
    ratios = [ratio(runs[ours], runs.get(column, ()), figure) for column in columns[1:]]
    highest = (*limits(name, figure, ours), None)
    judgements = [judged(r, limit) for r, limit in zip(ratios, highest, strict=True)]
    if figure == "predict 1" and ours == OURS and values[0] and values[2]:
        more = values[0].median - values[2].median
        judgements[1] += f", {more * 1e6:+.0f} µs {against(more, BARE_LIMIT, '60')}"
    return [f"{unit.title}, {unit.name}", *cells, *judgements]


def losses(runs: Runs) -> str:
    """The losses say that all of them train, and alike."""
    found = {name: value(reports, "loss") for name, reports in runs.items()}
    listed = ", ".join(f"{name} {v.median:.3f}" for name, v in found.items() if v is not None)
    return f"Loss of the second epoch: {listed}."


def of_workload(name: str, runs: Runs) -> str:
    """A workload's title, a table for each of our engines, and the losses."""
    parts = [
        f"## {name}",
        f"{WORKLOADS[name].title}; the large `predict` has {WORKLOADS[name].many:,} rows",
    ]
    for ours in map(ours_on, ENGINES):
        if ours in runs:
            head = ["", ours, "usual", "best by hand", "jax", "÷ usual", "÷ best", "÷ jax"]
            parts.append(table(head, [row(name, figure, runs, ours) for figure in FIGURES]))
    if any(peer in runs for peer in PEERS):
        parts.append(beside_peers(runs))
    return "\n\n".join([*parts, losses(runs), ""])


def fastest_peer(runs: Runs, figure: str) -> str | None:
    """The other Keras with the lowest value."""
    values = {name: value(runs[name], figure) for name in PEERS if name in runs}
    medians = {name: v.median for name, v in values.items() if v is not None}
    return min(medians, key=medians.__getitem__) if medians else None


def beside_peers(runs: Runs) -> str:
    """Ours on each engine beside other Keras, and by the fastest of these."""
    own = [ours for ours in map(ours_on, ENGINES) if ours in runs]
    peers = [peer for peer in PEERS if peer in runs]
    rows = []
    for figure, unit in FIGURES.items():
        cells = [shown(value(runs[name], figure), unit.factor) for name in (*own, *peers)]
        fastest = fastest_peer(runs, figure)
        other = runs[fastest] if fastest else ()
        ratios = [judged(ratio(runs[ours], other, figure), None) for ours in own]
        rows.append([f"{unit.title}, {unit.name}", *cells, fastest or "–", *ratios])
    divided = [f"{ours} ÷ it" for ours in own]
    return table(["", *own, *peers, "fastest of the others", *divided], rows)


def of_building(reports: Sequence[Report]) -> str:
    """The figures that have limits of their own."""
    rows = []
    for name, limit in building.LIMITS.items():
        v = value(reports, name)
        verdict = "–" if v is None else against(v.median, limit, f"{limit * 1e3:g} ms")
        rows.append([f"{name}, ms", shown(v, 1e3), verdict])
    lines = table(["", OURS, "limit"], rows)
    return f"## building\n\nImport; build and compile large models\n\n{lines}\n"


def of_images(runs: Runs) -> str:
    """Ours on each engine beside what is written by hand; and how well both are fed."""
    parts = ["## images", f"Batches of {images.BATCH}; `usual` keeps its channels last"]
    for ours in (name for name in runs if name != "usual"):
        pair = [runs[ours], runs.get("usual", ())]
        rows = []
        for figure, title in images.TITLES.items():
            limit = images.LIMITS.get(figure) if ours == OURS else None
            cells = [shown(value(reports, figure), 1e3) for reports in pair]
            rows.append([f"{title}, ms", *cells, judged(ratio(*pair, figure), limit)])
        fed = [ratio(reports, reports, images.LEARN, images.REMEMBERED) for reports in pair]
        rows.append(["from files ÷ from memory", judged(fed[0], None), judged(fed[1], None), ""])
        parts.append(table(["", ours, "usual", "÷ usual"], rows))
    return "\n\n".join([*parts, ""])


def of_feeding(runs: Runs) -> str:
    """What a step takes longer than on arrays; and whether waiting is hidden by workers."""
    parts = ["## feeding", "`fit` of tiny-mlp on arrays, and what a step takes longer with"]
    columns = {name: reports for name, reports in runs.items() if reports}
    rows = [["nothing else, µs", *(shown(value(r, feeding.BARE), 1e6) for r in columns.values())]]

    def judgements(figures: Sequence[str], combine: Any, limit: float) -> list[str]:
        return [
            judged(combined(reports, figures, combine), limit if name == OURS else None)
            for name, reports in columns.items()
        ]

    def added(fed: float, *without: float) -> float:
        return (fed - sum(without)) * 1e6

    for figure, (title, without) in feeding.ADDED.items():
        most = feeding.LIMITS["added"] * 1e6
        rows.append([f"{title}, µs", *judgements([figure, *without], added, most)])
    parts.append(table(["", *columns], rows))
    waiting = feeding.WAITING / feeding.WORKERS
    milliseconds = f"{feeding.WAITING * 1e3:g} ms"
    parts.append(
        f"`fit` of mnist-mlp from a `Sequence` whose batches wait {milliseconds} each, with "
        f"{feeding.WORKERS} workers"
    )
    figures = {feeding.REMEMBERED: "from memory", feeding.WAITED: "from workers that wait"}
    rows = [
        [f"a step {title}, ms", *(shown(value(r, figure), 1e3) for r in columns.values())]
        for figure, title in figures.items()
    ]
    saturated = judgements(
        [feeding.WAITED, feeding.REMEMBERED],
        lambda fed, remembered: fed / max(remembered, waiting),
        feeding.LIMITS["fed"],
    )
    rows.append(["÷ the longer of training and waiting", *saturated])
    return "\n\n".join([*parts, table(["", *columns], rows), ""])


SCALES = {
    "steps": ("a step, of an epoch of {} steps, µs", scaling.STEPS, 1e6, False),
    "layers": ("a step, for each of {} layers, µs", scaling.LAYERS, 1e6, True),
    "built": ("build and compile, for each of {} layers, µs", scaling.BUILT, 1e6, True),
    "read": ("a `Sequential` of its JSON, for each of {} layers, µs", scaling.BUILT, 1e6, True),
    "started": ("the first step, for each of {} layers, µs", scaling.STARTED, 1e6, True),
    "epochs": ("resident memory after {} epochs, MiB", scaling.EPOCHS, 1, False),
}
"""Kind of figure -> its title, the numbers it is taken at, its unit, and whether it is divided."""


def of_scaling(runs: Runs) -> str:
    """What one of few costs, and one of many."""
    columns = {name: reports for name, reports in runs.items() if reports}
    rows = []
    for kind, (title, numbers, factor, shared) in SCALES.items():
        for n in numbers:
            each = factor / n if shared else factor
            cells = [shown(value(reports, f"{kind} {n}"), each) for reports in columns.values()]
            rows.append([title.format(f"{n:,}"), *cells])
    about = f"Dense layers of {scaling.WIDTH} units, batches of {scaling.BATCH}"
    return "\n\n".join(["## scaling", about, table(["", *columns], rows), ""])


def tables(name: str, runs: Runs) -> str:
    """What was measured under a name."""
    if name == "building":
        return of_building(runs[OURS])
    if name == "feeding":
        return of_feeding(runs)
    if name == "scaling":
        return of_scaling(runs)
    return of_images(runs) if name == "images" else of_workload(name, runs)


def report(results: Mapping[str, Runs]) -> str:
    """All tables."""
    parts = [tables(name, runs) for name, runs in results.items()]
    legend = (
        "±: half the distance from the least to the greatest round. Ratios compare figures of one "
        "round; in brackets the least and the greatest. ~: others used more than "
        f"{QUIET:.0%} of a core meanwhile, in every round; such values say little."
    )
    return "\n".join([*parts, legend])

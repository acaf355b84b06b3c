"""Where boxes stand within their ranks.

What should be straight (the middle of a long edge, a chain of boxes) is put together to columns,
after U. Brandes, B. Köpf, "Fast and simple horizontal coordinate assignment" (2001). Columns then
move below and above their neighbours, by least squares; after each turn they are pushed apart where
they stand too close, by least squares too: C. Hildreth, "A quadratic programming procedure" (1957).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

APART = 22.0  # between boxes of a rank
TURNS = 40
PUSHES = 30  # in each turn
CLOSE = 0.05  # so near is as good as there


class Side(NamedTuple):
    """An edge, seen from one of its ends: where it is attached here and there, from the middle of
    the boxes, and how much it wants to be straight."""

    other: int
    here: float
    there: float
    weight: float


@dataclass
class Spot:
    """A box, or a point that a long edge passes. `x`: of its middle."""

    width: float
    height: float
    rank: int
    x: float = 0.0
    above: list[Side] = field(default_factory=list)
    below: list[Side] = field(default_factory=list)

    @property
    def is_point(self) -> bool:
        """Whether an edge only passes here."""
        return self.width == self.height == 0.0 and len(self.above) == len(self.below) == 1


@dataclass
class Column:
    """Spots that move together. `spots`: each with its distance from the column's `x`; `pulls`:
    edges to others: distance from `x` here, the other column, distance there, weight."""

    x: float
    spots: list[tuple[int, float]]
    pulls: list[tuple[float, int, float, float]] = field(default_factory=list)
    weight: float = 1.0


def place(spots: list[Spot], rows: list[list[int]]) -> None:
    """Set the spots' `x`; in each row they keep their order and their distance."""
    for row in rows:
        x = 0.0
        for number, distance in zip(row, [0.0, *distances(spots, row)], strict=True):
            x += distance
            spots[number].x = x
    columns, home = columns_of(spots, rows)
    limits = limits_of(spots, rows, home)
    for turn in range(TURNS):
        for column in columns if turn % 2 == 0 else columns[::-1]:
            if column.pulls:
                pulled = sum(
                    w * (columns[c].x + there - here) for here, c, there, w in column.pulls
                )
                column.x = pulled / column.weight
        push_apart(columns, limits, PUSHES)
    push_apart(columns, limits, 10 * PUSHES)
    settle(columns, limits)
    for column in columns:
        for number, distance in column.spots:
            spots[number].x = column.x + distance


def distances(spots: list[Spot], row: list[int]) -> list[float]:
    """The least distance from the middle of each to that of the next."""
    return [(spots[a].width + spots[b].width) / 2 + APART for a, b in pairwise(row)]


def columns_of(
    spots: list[Spot], rows: list[list[int]]
) -> tuple[list[Column], list[tuple[int, float]]]:
    """The columns; and for each spot its column, and how far from that column's `x` it is."""
    straight = straight_edges(spots, rows)
    columns: list[Column] = []
    home: list[tuple[int, float]] = [(-1, 0.0)] * len(spots)
    for row in rows:  # from above, so that the upper end of a straight edge has its column
        for number in row:
            side = straight.get(number)
            if side is None:
                home[number] = (len(columns), 0.0)
                columns.append(Column(spots[number].x, [(number, 0.0)]))
            else:
                index, distance = home[side.other]
                home[number] = (index, distance + side.there - side.here)
                columns[index].spots.append((number, home[number][1]))
    for number, spot in enumerate(spots):
        index, distance = home[number]
        for side in spot.above + spot.below:
            other, there = home[side.other]
            if other != index:
                pull = (distance + side.here, other, there + side.there, side.weight)
                columns[index].pulls.append(pull)
    for column in columns:
        column.x = sum(spots[n].x - distance for n, distance in column.spots) / len(column.spots)
        column.weight = sum(w for *_, w in column.pulls) or column.weight
    return columns, home


def straight_edges(spots: list[Spot], rows: list[list[int]]) -> dict[int, Side]:
    """Edges to be drawn straight, by the number of their lower end. No two of them cross."""
    places = {number: i for row in rows for i, number in enumerate(row)}
    found: dict[int, Side] = {}
    for row in rows:
        taken: list[tuple[int, int]] = []
        only = [n for n in row if len(spots[n].above) == 1]
        # The middles of long edges come first: there is nothing a bend in them would be good for.
        for number in sorted(only, key=lambda n: not is_middle(spots, n)):
            side = spots[number].above[0]
            if len(spots[side.other].below) != 1:
                continue
            if spots[number].is_point != spots[side.other].is_point:  # an end of a long edge
                continue
            pair = places[side.other], places[number]
            if all((pair[0] < a) == (pair[1] < b) for a, b in taken):
                taken.append(pair)
                found[number] = side
    return found


def is_middle(spots: list[Spot], number: int) -> bool:
    return spots[number].is_point and spots[spots[number].above[0].other].is_point


def limits_of(
    spots: list[Spot], rows: list[list[int]], home: list[tuple[int, float]]
) -> list[tuple[int, int, float]]:
    """Pairs of columns, and how far at least the second is to the right of the first."""
    widest: dict[tuple[int, int], float] = {}
    for row in rows:
        for (a, b), distance in zip(pairwise(row), distances(spots, row), strict=True):
            (left, to_a), (right, to_b) = home[a], home[b]
            needed = distance + to_a - to_b
            widest[left, right] = max(needed, widest.get((left, right), needed))
    return [(left, right, distance) for (left, right), distance in widest.items()]


def push_apart(columns: list[Column], limits: list[tuple[int, int, float]], most: int) -> None:
    """Move columns as little as possible (weighted squares) until they keep their distances."""
    forces = [0.0] * len(limits)
    for _ in range(most):
        worst = 0.0
        for i, (left, right, distance) in enumerate(limits):
            a, b = columns[left], columns[right]
            missing = distance - (b.x - a.x)
            worst = max(worst, missing)
            force = max(0.0, forces[i] + missing / (1 / a.weight + 1 / b.weight))
            change, forces[i] = force - forces[i], force
            a.x -= change / a.weight
            b.x += change / b.weight
        if worst < CLOSE:
            return


def settle(columns: list[Column], limits: list[tuple[int, int, float]]) -> None:
    """Move to the right what is still too close: no two boxes ever overlap."""
    moved = True
    while moved:  # no column is to the right of itself, so this ends
        moved = False
        for left, right, distance in limits:
            if columns[right].x < columns[left].x + distance - 1e-9:
                columns[right].x = columns[left].x + distance
                moved = True

"""Where boxes stand and edges run: a layered drawing.

After K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system
structures" (1981): break circles, give each box a rank, let long edges pass through the ranks
between, order each rank so that few edges cross, move boxes below their neighbours
(`coordinates.py`).

Ranks run downwards here; whoever wants them to run to the right swaps the axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .coordinates import Side, Spot, place

GAP = 30.0  # between ranks
NARROW_GAP = 10.0  # beside a rank of points
SWEEPS = 12  # to find an order


class Link(NamedTuple):
    """An edge, and where it is attached: how far from the middle of its boxes."""

    tail: int
    head: int
    tail_offset: float = 0.0
    head_offset: float = 0.0


Point = tuple[float, float]


@dataclass
class Layout:
    """`centers`: of the boxes, x in the middle and y at the top; `paths`: of the edges, as cubic
    Bézier curves: a point, then two control points and the next point for each curve."""

    width: float
    height: float
    centers: list[Point]
    paths: list[list[Point]]


def lay_out(
    sizes: Sequence[Point],
    links: Sequence[Link],
    first: Sequence[int] = (),
    last: Sequence[int] = (),
) -> Layout:
    """Places for boxes of these sizes; those in `first` stand above, those in `last` below all."""
    turned = backward(len(sizes), links)
    ranks = ranked(len(sizes), [flip(e) if i in turned else e for i, e in enumerate(links)],
                   set(first), set(last))  # fmt: skip
    spots = [Spot(w, h, rank) for (w, h), rank in zip(sizes, ranks, strict=True)]
    chains = [
        [] if link.tail == link.head else chain(spots, flip(link) if i in turned else link)
        for i, link in enumerate(links)
    ]
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for number, spot in enumerate(spots):
        rows[spot.rank].append(number)
    order(spots, rows)
    place(spots, rows)
    tops, height = heights(spots, rows, {*first, *last})
    left = min((spot.x - spot.width / 2 for spot in spots), default=0.0)
    for spot in spots:
        spot.x -= left
    paths = [
        path(spots, rows, tops, number, link, link_is_turned=i in turned)
        for i, (number, link) in enumerate(zip(chains, links, strict=True))
    ]
    width = max((spot.x + spot.width / 2 for spot in spots), default=0.0)
    width = max([width, *(x for points in paths for x, _ in points)])
    centers = [(spot.x, tops[spot.rank] + (depth(spots, rows[spot.rank]) - spot.height) / 2)
               for spot in spots[: len(sizes)]]  # fmt: skip
    return Layout(width, height, centers, paths)


def flip(link: Link) -> Link:
    return Link(link.head, link.tail, link.head_offset, link.tail_offset)


def backward(count: int, links: Sequence[Link]) -> set[int]:
    """The edges that close a circle, found by walking along the others."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for i, link in enumerate(links):
        leaving[link.tail].append(i)
    state, found = [0] * count, set()  # 0: not met, 1: on the way, 2: done
    for start in range(count):
        stack = [(start, iter(leaving[start]))] if state[start] == 0 else []
        state[start] = state[start] or 1
        while stack:
            node, edges = stack[-1]
            for i in edges:
                head = links[i].head
                if state[head] == 1:
                    found.add(i)
                elif state[head] == 0:
                    state[head] = 1
                    stack.append((head, iter(leaving[head])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return found


def ranked(count: int, links: Sequence[Link], first: set[int], last: set[int]) -> list[int]:
    """Each box one below the lowest of those it follows; inputs as low as they can stand."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        if link.tail != link.head:
            before[link.head].append(link.tail)
            after[link.tail].append(link.head)
    waiting = [len(b) for b in before]
    ready = [i for i in range(count) if not waiting[i]]
    start = 1 if first else 0
    ranks = [0 if i in first else start for i in range(count)]
    for node in ready:  # grows while it is read
        for head in after[node]:
            ranks[head] = max(ranks[head], ranks[node] + 1)
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    for node in range(count):
        if not before[node] and after[node] and node not in first:
            ranks[node] = min(ranks[head] for head in after[node]) - 1
    lowest = max((ranks[i] for i in range(count) if i not in last), default=0)
    return [lowest + 1 if i in last else rank for i, rank in enumerate(ranks)]


def chain(spots: list[Spot], link: Link) -> list[int]:
    """The points that an edge passes, one in each rank between its ends, as new `spots`."""
    numbers = [link.tail]
    for rank in range(spots[link.tail].rank + 1, spots[link.head].rank):
        numbers.append(len(spots))
        spots.append(Spot(0.0, 0.0, rank))
    numbers.append(link.head)
    for i, (upper, lower) in enumerate(pairwise(numbers)):
        out = link.tail_offset if i == 0 else 0.0
        into = link.head_offset if i == len(numbers) - 2 else 0.0
        # A short edge is the main line of a network, a long one a way around it.
        weight = 3.0 if len(numbers) == 2 else 1.0
        spots[upper].below.append(Side(lower, out, into, weight))
        spots[lower].above.append(Side(upper, into, out, weight))
    return numbers[1:-1]


# ---- the order within ranks


def order(spots: list[Spot], rows: list[list[int]]) -> None:
    """Sort each rank by the mean place of its neighbours, there and back; keep the best."""
    best, fewest = [list(row) for row in rows], crossings(spots, rows)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        downwards = sweep % 2 == 0
        sequence = rows[1:] if downwards else rows[-2::-1]
        places = {number: i for row in rows for i, number in enumerate(row)}
        for row in sequence:
            row.sort(key=lambda n: mean_place(spots[n], places, downwards))
            places.update({number: i for i, number in enumerate(row)})
        count = crossings(spots, rows)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    rows[:] = best


def mean_place(spot: Spot, places: dict[int, int], downwards: bool) -> float:
    """The mean place of the neighbours. Offsets in wide boxes count as parts of a place."""
    near = spot.above if downwards else spot.below
    near = near or spot.above or spot.below
    return sum(places[side.other] + 0.001 * side.there for side in near) / max(len(near), 1)


def crossings(spots: list[Spot], rows: list[list[int]]) -> int:
    """How many pairs of edges cross."""
    count = 0
    for upper, lower in pairwise(rows):
        places = {number: i for i, number in enumerate(lower)}
        ends = [
            places[side.other] + 0.001 * side.there
            for number in upper
            for side in sorted(spots[number].below, key=lambda s: (s.here, places[s.other]))
        ]
        count += sum(ends[i] > end for j, end in enumerate(ends) for i in range(j))
    return count


# ---- what comes out


def depth(spots: list[Spot], row: list[int]) -> float:
    return max((spots[n].height for n in row), default=0.0)


def heights(spots: list[Spot], rows: list[list[int]], ends: set[int]) -> tuple[list[float], float]:
    """Where each rank begins, and where the last one ends."""
    tops, y = [], 0.0
    for i, row in enumerate(rows):
        tops.append(y)
        points = set(row) <= ends or (i + 1 < len(rows) and set(rows[i + 1]) <= ends)
        y += depth(spots, row) + (NARROW_GAP if points else GAP)
        bottom = tops[-1] + depth(spots, row)
    return tops, bottom if rows else 0.0


def path(
    spots: list[Spot],
    rows: list[list[int]],
    tops: list[float],
    passed: list[int],
    link: Link,
    link_is_turned: bool,
) -> list[Point]:
    """The curves of an edge, in its own direction; straight through the ranks that it passes."""
    way = flip(link) if link_is_turned else link
    tail, head = spots[way.tail], spots[way.head]

    def top(number: int) -> float:
        rank = spots[number].rank
        return tops[rank] + (depth(spots, rows[rank]) - spots[number].height) / 2

    if way.tail == way.head:  # around the right side
        x, y = tail.x + tail.width / 2, top(way.tail)
        above, below = y + 0.3 * tail.height, y + 0.7 * tail.height
        return [(x, above), (x + 24, above - 4), (x + 24, below + 4), (x, below)]
    points = [(tail.x + way.tail_offset, top(way.tail) + tail.height)]
    for number in passed:
        y = tops[spots[number].rank]
        points += [
            (spots[number].x, y),
            (spots[number].x, y + depth(spots, rows[spots[number].rank])),
        ]
    points.append((head.x + way.head_offset, top(way.head)))
    return smooth(points[::-1] if link_is_turned else points)


def smooth(points: Sequence[Point]) -> list[Point]:
    """Curves through points, which leave and reach each of them along the ranks' direction."""
    curves = [points[0]]
    for (x, y), (to_x, to_y) in pairwise(points):
        half = (y + to_y) / 2
        curves += [(x, half), (to_x, half), (to_x, to_y)]
    return curves

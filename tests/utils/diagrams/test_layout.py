"""Places for boxes: no two overlap, edges keep their ranks, a general solver agrees."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize

from keras.utils.diagrams.coordinates import APART, Column, push_apart
from keras.utils.diagrams.layout import GAP, Layout, Link, backward, lay_out, ranked

BOX = (60.0, 20.0)


def links(*pairs: tuple[int, int]) -> list[Link]:
    return [Link(a, b) for a, b in pairs]


def tops(layout: Layout) -> list[float]:
    return [y for _, y in layout.centers]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[Link]]:
    """Boxes of several sizes, and any edges: circles and loops too."""
    count = draw(st.integers(1, 9))
    side = st.integers(10, 120).map(float)
    sizes = draw(st.lists(st.tuples(side, side), min_size=count, max_size=count))
    ends = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=14, unique=True))
    return sizes, links(*pairs)


@settings(max_examples=150)
@given(graphs())
def test_no_two_boxes_overlap_and_edges_end_at_theirs(
    graph: tuple[list[tuple[float, float]], list[Link]],
) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    corners = [
        (x - w / 2, y, x + w / 2, y + h)
        for (x, y), (w, h) in zip(layout.centers, sizes, strict=True)
    ]
    for a, b in combinations(corners, 2):
        beside = a[2] <= b[0] + 1e-6 or b[2] <= a[0] + 1e-6
        assert beside or a[3] <= b[1] + 1e-6 or b[3] <= a[1] + 1e-6
    for left, top, right, bottom in corners:
        assert left >= -1e-6
        assert top >= 0
        assert right <= layout.width + 1e-6
        assert bottom <= layout.height + 1e-6
    turned = backward(len(sizes), edges)
    for i, (link, path) in enumerate(zip(edges, layout.paths, strict=True)):
        assert len(path) % 3 == 1
        if link.tail == link.head:
            continue
        tail, head = corners[link.tail], corners[link.head]
        assert path[0] == pytest.approx(
            (layout.centers[link.tail][0], tail[1 if i in turned else 3])
        )
        assert path[-1] == pytest.approx(
            (layout.centers[link.head][0], head[3 if i in turned else 1])
        )
        assert (head[1] > tail[1]) == (i not in turned)


def test_without_circles_no_edge_is_turned() -> None:
    edges = links((0, 1), (0, 2), (1, 3), (2, 3), (0, 3))
    assert backward(4, edges) == set()
    assert len(backward(3, links((0, 1), (1, 2), (2, 0)))) == 1
    assert backward(1, links((0, 0))) == {0}


def test_ranks_follow_the_longest_way_and_inputs_stand_low() -> None:
    edges = links((0, 1), (1, 2), (2, 3), (4, 3))
    assert ranked(5, edges, set(), set()) == [0, 1, 2, 3, 2]
    assert ranked(5, edges, {4}, {2}) == [1, 2, 5, 4, 0]


def test_a_chain_is_straight_and_evenly_spaced() -> None:
    layout = lay_out([BOX, (100.0, 20.0), BOX], links((0, 1), (1, 2)))
    assert {x for x, _ in layout.centers} == {50.0}
    assert tops(layout) == [0.0, 20 + GAP, 2 * (20 + GAP)]
    assert layout.height == 3 * 20 + 2 * GAP


def test_branches_stand_beside_each_other_below_the_middle() -> None:
    layout = lay_out([BOX] * 4, links((0, 1), (0, 2), (1, 3), (2, 3)))
    (x0, _), (x1, y1), (x2, y2), (x3, _) = layout.centers
    assert y1 == y2
    assert abs(x2 - x1) == pytest.approx(60 + APART, abs=0.2)
    assert x0 == pytest.approx((x1 + x2) / 2, abs=0.2)
    assert x3 == pytest.approx(x0, abs=0.2)


def test_a_way_around_passes_beside_the_boxes() -> None:
    layout = lay_out([BOX] * 4, links((0, 1), (1, 2), (2, 3), (0, 3)))
    beside = {round(x, 1) for x, _ in layout.paths[3][3:-3]}
    (x,) = beside  # straight all the way
    assert abs(x - layout.centers[1][0]) >= 30
    assert layout.centers[1][0] == pytest.approx(layout.centers[2][0])


def test_crossings_are_undone() -> None:
    """Two chains, whose lower ends are listed the other way round."""
    layout = lay_out([BOX] * 4, links((0, 3), (1, 2)))
    (x0, _), (x1, _), (x2, _), (x3, _) = layout.centers
    assert (x0 - x1) * (x3 - x2) > 0


def test_pushed_apart_as_little_as_possible() -> None:
    random = np.random.RandomState(3)
    wanted, weights = random.uniform(0, 60, 6), random.uniform(0.5, 3, 6)
    limits = [(0, 1, 30.0), (1, 2, 25.0), (0, 3, 10.0), (3, 4, 40.0), (2, 5, 5.0), (4, 5, 12.0)]
    columns = [Column(x, [], [], w) for x, w in zip(wanted, weights, strict=True)]
    push_apart(columns, limits, 2000)
    best = minimize(
        lambda x: np.sum(weights * (x - wanted) ** 2),
        wanted,
        jac=lambda x: 2 * weights * (x - wanted),
        method="SLSQP",
        constraints=[
            {"type": "ineq", "fun": lambda x, a=a, b=b, d=d: x[b] - x[a] - d} for a, b, d in limits
        ],
    )
    np.testing.assert_allclose([column.x for column in columns], best.x, atol=0.2)


def test_nothing_is_laid_out_as_nothing() -> None:
    assert lay_out([], []) == Layout(0.0, 0.0, [], [])

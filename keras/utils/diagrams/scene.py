"""From a diagram to shapes and texts at their places, in points, y downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .diagram import Box, Diagram
from .layout import Layout, Link, Point, lay_out

RANKDIRS = ("TB", "BT", "LR", "RL")
MARGIN = 8.0
TITLE, NAME, ROW = 11.0, 9.5, 9.5  # sizes of letters
HEAD, LINE, SIDE = 22.0, 15.0, 10.0  # heights of the title and of a row; left and right of texts
GROUP_HEAD, GROUP_SIDE = 22.0, 12.0  # around a model that is shown inside
RADIUS = 5.0
INK, GREY, WIRE, GROUND = "#22272e", "#6b7480", "#8a939e", "#f7f8fa"

# Fill and border of a title, by the room that a layer's class comes from.
COLOURS = {
    "input": ("#e9ecef", "#868e96"),
    "core": ("#d8e8f7", "#4a86c0"),
    "advanced_activations": ("#d8e8f7", "#4a86c0"),
    "convolutional": ("#fde5cf", "#d9822b"),
    "local": ("#fde5cf", "#d9822b"),
    "pooling": ("#d3f0ec", "#2a9d8f"),
    "recurrent": ("#e6dcf5", "#7d5bbe"),
    "convolutional_recurrent": ("#e6dcf5", "#7d5bbe"),
    "cudnn_recurrent": ("#e6dcf5", "#7d5bbe"),
    "wrappers": ("#e6dcf5", "#7d5bbe"),
    "embeddings": ("#fadfe9", "#c94f7c"),
    "merge": ("#dcf2d8", "#57a047"),
    "normalization": ("#fbf0c9", "#c9a227"),
    "noise": ("#fbf0c9", "#c9a227"),
}
OTHER = ("#eef0f2", "#7d8794")

# The widths of DejaVu Sans from the space to the tilde, in hundredths of its size.
WIDTHS = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
    60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
BOLD = 1.15  # times as wide


class Shape(NamedTuple):
    """Cubic curves as in `Layout.paths`, filled if they are closed; `arrow`: at their end."""

    points: tuple[Point, ...]
    stroke: str
    fill: str | None = None
    width: float = 1.0
    arrow: bool = False


class Text(NamedTuple):
    """A line of text; x is its left end, y its base line; `halo`: the colour of a rim around it."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    bold: bool = False
    halo: str | None = None


@dataclass
class Scene:
    """What to draw, from the back to the front."""

    width: float = 0.0
    height: float = 0.0
    shapes: list[Shape] = field(default_factory=list)
    wires: list[Shape] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def width_of(text: str, size: float, bold: bool = False) -> float:
    """How long a text is; a letter beyond ASCII counts as a wide one."""
    hundredths = sum(WIDTHS[ord(c) - 32] if " " <= c <= "~" else 100 for c in text)
    return hundredths * size / 100 * (BOLD if bold else 1.0)


def scene_of(diagram: Diagram, rankdir: str = "TB") -> Scene:
    """The picture of a diagram, with its ranks from top to bottom (TB), left to right (LR), ..."""
    made = Part(diagram, checked_rankdir(rankdir))
    scene = Scene(made.size[0] + 2 * MARGIN, made.size[1] + 2 * MARGIN)
    made.draw(scene, MARGIN, MARGIN)
    return scene


def checked_rankdir(rankdir: str) -> str:
    """The argument, if it is a direction."""
    if rankdir not in RANKDIRS:
        raise ValueError(f"`rankdir` is one of {', '.join(RANKDIRS)}, got {rankdir!r}.")
    return rankdir


class Part:
    """A model with its places. Models inside it are parts of their own: boxes that have a size, and
    points on their borders where edges enter and leave, in the order of the diagram's ports."""

    def __init__(self, diagram: Diagram, rankdir: str, inside: bool = False) -> None:
        self.diagram, self.rankdir = diagram, rankdir
        self.across = rankdir in ("LR", "RL")  # ranks run across the page
        self.inner = {
            i: Part(box.inner, rankdir, inside=True)
            for i, box in enumerate(diagram.boxes)
            if box.inner
        }
        self.sizes = [self.size_of(i, box) for i, box in enumerate(diagram.boxes)]
        count = len(self.sizes)
        ins, outs = (len(diagram.inputs), len(diagram.outputs)) if inside else (0, 0)
        first, last = range(count, count + ins), range(count + ins, count + ins + outs)
        links = [self.link(*edge) for edge in diagram.edges]
        entered = zip(first, diagram.inputs, strict=False)
        left = zip(last, diagram.outputs, strict=False)
        links += [self.link(point, box, 0, port) for point, (box, port) in entered]
        links += [self.link(box, point, port, 0) for point, (box, port) in left]
        points = [(0.0, 0.0)] * (ins + outs)
        places = [size[::-1] if self.across else size for size in self.sizes] + points
        self.layout: Layout = lay_out(places, links, first, last)
        self.size = self.turned((self.layout.width, self.layout.height), self.across)
        entries = len(diagram.edges)
        self.entries = self.layout.paths[entries : entries + ins]
        self.exits = self.layout.paths[entries + ins :]

    @staticmethod
    def turned(point: Point, turn: bool) -> Point:
        return (point[1], point[0]) if turn else point

    def size_of(self, number: int, box: Box) -> Point:
        """Width and height of a box on the page."""
        if number in self.inner:
            width, height = self.inner[number].size
            return max(width, title_width(box)) + 2 * GROUP_SIDE, height + GROUP_HEAD + GROUP_SIDE
        labels = max((width_of(label, ROW) for label, _ in box.rows), default=0.0)
        texts = max((width_of(text, ROW) for _, text in box.rows), default=0.0)
        rows = labels + 6 + texts if box.rows else 0.0
        return max(title_width(box), rows, 40.0) + 2 * SIDE, HEAD + LINE * len(box.rows) + 5 * bool(
            box.rows
        )

    def link(self, tail: int, head: int, tail_port: int = 0, head_port: int = 0) -> Link:
        """An edge for the layout, attached where the models inside have inputs and outputs."""
        return Link(
            tail,
            head,
            self.offset(tail, tail_port, out=True),
            self.offset(head, head_port, out=False),
        )

    def offset(self, number: int, port: int, out: bool) -> float:
        """How far beside the middle of its box an edge is attached, across the ranks."""
        if number not in self.inner:
            return 0.0
        inner = self.inner[number]
        ends = [p[-1] for p in inner.exits] if out else [p[0] for p in inner.entries]
        corner = self.inner_corner(number)
        size = self.sizes[number]
        side = 1 if self.across else 0
        return ends[port][0] + corner[side] - size[side] / 2

    def inner_corner(self, number: int) -> Point:
        """Where in its box a model inside begins, from the box's corner."""
        left = (self.sizes[number][0] - self.inner[number].size[0]) / 2
        return left, GROUP_HEAD

    def to_page(self, point: Point) -> Point:
        """A point of the layout, whose ranks run downwards, on the page."""
        x, y = point
        if self.rankdir in ("BT", "RL"):
            y = self.layout.height - y
        return self.turned((x, y), self.across)

    def corner(self, number: int) -> Point:
        """The upper left corner of a box on the page."""
        width, height = self.sizes[number]
        x, y = self.layout.centers[number]
        y += (width if self.across else height) / 2
        x, y = self.to_page((x, y))
        return x - width / 2, y - height / 2

    # ---- drawing

    def draw(self, scene: Scene, x: float, y: float) -> None:
        """Add everything to the scene, with the corner of this part at (x, y)."""
        for number, box in enumerate(self.diagram.boxes):
            left, top = self.corner(number)
            left, top = left + x, top + y
            if number in self.inner:
                draw_group(scene, box, left, top, *self.sizes[number])
                dx, dy = self.inner_corner(number)
                self.inner[number].draw(scene, left + dx, top + dy)
            else:
                draw_box(scene, box, left, top, *self.sizes[number])
        for number, edge in enumerate(self.diagram.edges):
            points = moved(map(self.to_page, self.layout.paths[number]), x, y)
            before = self.way(edge.tail, edge.tail_port, x, y, out=True)
            after = self.way(edge.head, edge.head_port, x, y, out=False)
            joined = join(join(before, points), after)
            scene.wires.append(Shape(tuple(joined), WIRE, width=1.1, arrow=True))

    def way(self, number: int, port: int, x: float, y: float, out: bool) -> list[Point]:
        """What an edge runs through inside a box, on the page."""
        if number not in self.inner:
            return []
        inner = self.inner[number]
        left, top = self.corner(number)
        dx, dy = self.inner_corner(number)
        x, y = x + left + dx, y + top + dy
        points = moved(map(inner.to_page, (inner.exits if out else inner.entries)[port]), x, y)
        box, deeper = (inner.diagram.outputs if out else inner.diagram.inputs)[port]
        more = inner.way(box, deeper, x, y, out)
        return join(more, points) if out else join(points, more)


def moved(points: Sequence[Point] | map[Point], x: float, y: float) -> list[Point]:
    return [(px + x, py + y) for px, py in points]


def join(first: list[Point], second: list[Point]) -> list[Point]:
    """One path after the other, with a straight line where they don't touch."""
    if not first or not second:
        return first or second
    return [*first, first[-1], second[0], *second]


def title_width(box: Box) -> float:
    space = 8.0 if box.name else 0.0
    return width_of(box.title, TITLE, bold=True) + space + width_of(box.name, NAME)


def rounded(
    x: float, y: float, w: float, h: float, upper: float, lower: float
) -> tuple[Point, ...]:
    """A closed rectangle with round corners of these radii."""
    # Each corner with the directions in which the outline reaches and leaves it.
    corners = (
        (x + w, y, (1, 0), (0, 1), upper),
        (x + w, y + h, (0, 1), (-1, 0), lower),
        (x, y + h, (-1, 0), (0, -1), lower),
        (x, y, (0, -1), (1, 0), upper),
    )
    points = [(x + upper, y)]
    for cx, cy, (in_x, in_y), (out_x, out_y), radius in corners:
        near = 0.4477 * radius  # makes a cubic curve look like a quarter of a circle
        start = (cx - radius * in_x, cy - radius * in_y)
        end = (cx + radius * out_x, cy + radius * out_y)
        points += [points[-1], start, start]
        points += [
            (cx - near * in_x, cy - near * in_y),
            (cx + near * out_x, cy + near * out_y),
            end,
        ]
    return tuple(points)


def draw_box(scene: Scene, box: Box, x: float, y: float, w: float, h: float) -> None:
    """A title with its colour, and the rows on white below."""
    fill, border = COLOURS.get(box.family, OTHER)
    scene.shapes.append(Shape(rounded(x, y, w, h, RADIUS, RADIUS), border, fill))
    draw_title(scene, box, x + w / 2 - title_width(box) / 2, y + 15)
    if not box.rows:
        return
    scene.shapes.append(Shape(rounded(x, y + HEAD, w, h - HEAD, 0, RADIUS), border, "#ffffff"))
    labels = max(width_of(label, ROW) for label, _ in box.rows)
    rows = labels + 6 + max(width_of(text, ROW) for _, text in box.rows)
    left = x + (w - rows) / 2
    for i, (label, text) in enumerate(box.rows):
        base = y + HEAD + LINE * (i + 1) - 1
        scene.texts.append(Text(left, base, label, ROW, GREY))
        scene.texts.append(Text(left + labels + 6, base, text, ROW))


def draw_group(scene: Scene, box: Box, x: float, y: float, w: float, h: float) -> None:
    """A frame around a model that is shown inside."""
    scene.shapes.append(Shape(rounded(x, y, w, h, RADIUS + 2, RADIUS + 2), "#b6bec8", GROUND))
    draw_title(scene, box, x + GROUP_SIDE, y + 15, halo=GROUND)  # edges may run behind it


def draw_title(scene: Scene, box: Box, x: float, y: float, halo: str | None = None) -> None:
    scene.texts.append(Text(x, y, box.title, TITLE, bold=True, halo=halo))
    if box.name:
        after = x + width_of(box.title, TITLE, bold=True) + 8
        scene.texts.append(Text(after, y, box.name, NAME, GREY, halo=halo))

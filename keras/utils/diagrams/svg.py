"""A scene as SVG, without any library."""

from __future__ import annotations

from html import escape

from .layout import Point
from .scene import Scene, Shape, Text

ARROW = 6.0  # its length
FONT = "'DejaVu Sans', Verdana, sans-serif"


def svg(scene: Scene, dpi: float = 96) -> bytes:
    """The picture in UTF-8; its size follows `dpi`, and it scales without loss."""
    width, height = (f"{size * dpi / 72:.0f}" for size in (scene.width, scene.height))
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {scene.width:.1f} {scene.height:.1f}" font-family="{FONT}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *map(drawn, scene.shapes),
        *map(drawn, scene.wires),
        *map(written, scene.texts),
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode()


def drawn(shape: Shape) -> str:
    start, *rest = shape.points
    curves = " ".join(
        "C " + " ".join(f"{x:.1f},{y:.1f}" for x, y in rest[i : i + 3])
        for i in range(0, len(rest), 3)
    )
    outline = f'd="M {start[0]:.1f},{start[1]:.1f} {curves}"'
    colours = f'fill="{shape.fill or "none"}" stroke="{shape.stroke}" stroke-width="{shape.width}"'
    text = f"<path {outline} {colours}/>"
    if shape.arrow:
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in arrow(shape))
        text += f'<polygon points="{corners}" fill="{shape.stroke}"/>'
    return text


def arrow(shape: Shape) -> list[Point]:
    """The three corners of an arrow's head at the end of a shape."""
    x, y = shape.points[-1]
    from_x, from_y = next(p for p in reversed(shape.points) if p != (x, y))
    length = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5
    dx, dy = (x - from_x) / length * ARROW, (y - from_y) / length * ARROW
    base_x, base_y, half = x - dx, y - dy, 0.4
    return [
        (x, y),
        (base_x - half * dy, base_y + half * dx),
        (base_x + half * dy, base_y - half * dx),
    ]


def written(text: Text) -> str:
    look = ' font-weight="bold"' if text.bold else ""
    if text.halo:
        look += f' stroke="{text.halo}" stroke-width="3" paint-order="stroke"'
    return (
        f'<text x="{text.x:.1f}" y="{text.y:.1f}" font-size="{text.size:g}"{look} '
        f'fill="{text.colour}">{escape(text.text)}</text>'
    )

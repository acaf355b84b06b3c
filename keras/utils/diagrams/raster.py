"""A scene in any format that matplotlib writes: PNG, PDF, JPEG, PostScript ..."""

from __future__ import annotations

import io
from typing import Any

from .scene import Scene
from .svg import arrow


def formats() -> list[str]:
    """Their names; imports matplotlib."""
    return sorted(_figure(1, 1).canvas.get_supported_filetypes())


def picture(scene: Scene, form: str, dpi: float = 96) -> bytes:
    """The file's content."""
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path
    from matplotlib.patheffects import withStroke

    figure = _figure(scene.width / 72, scene.height / 72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    for shape in (*scene.shapes, *scene.wires):
        codes = [Path.MOVETO] + [Path.CURVE4] * (len(shape.points) - 1)
        axes.add_patch(
            PathPatch(
                Path(shape.points, codes),
                facecolor=shape.fill or "none",
                edgecolor=shape.stroke,
                linewidth=shape.width,
            )
        )
        if shape.arrow:
            axes.add_patch(Polygon(arrow(shape), facecolor=shape.stroke, edgecolor="none"))
    for text in scene.texts:
        axes.text(
            text.x,
            text.y,
            text.text,
            fontsize=text.size,
            color=text.colour,
            fontweight="bold" if text.bold else "normal",
            family=["DejaVu Sans", "sans-serif"],
            va="baseline",
            parse_math=False,
            path_effects=[withStroke(linewidth=3, foreground=text.halo)] if text.halo else None,
        )
    memory = io.BytesIO()
    figure.savefig(memory, format=form, dpi=dpi, facecolor="white")
    return memory.getvalue()


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "To draw a model as anything but .svg or .dot, install matplotlib: "
            '`pip install "evergreen-keras[plot]"`.'
        ) from error
    return Figure(figsize=(width, height))

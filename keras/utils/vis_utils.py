"""Pictures of models.

SVG and Graphviz's text need no other package, PNG, PDF and the like need matplotlib, the extra
`plot`. Nothing needs Graphviz's program.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..layers.wrappers import Wrapper
from ..models import Model
from ..saving.files import replacing
from .diagrams import (
    Graph,
    Show,
    checked_rankdir,
    diagram_of,
    drawn,
    is_model,
    is_wrapped_model,
)

__all__ = [
    "Model",
    "Wrapper",
    "add_edge",
    "is_model",
    "is_wrapped_model",
    "model_to_dot",
    "plot_model",
]


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 96,
) -> Any:
    """Draw a model's layers into a file; its ending says how: .png, .svg, .pdf, .jpg, .dot ...

    `rankdir`: from top to bottom, `"TB"`, or `"LR"`, `"BT"`, `"RL"`. `expand_nested`: show what is
    inside models within the model. In a notebook the picture is returned, and so shown.
    """
    diagram = diagram_of(model, Show(show_shapes, show_layer_names, expand_nested))
    form = Path(to_file).suffix[1:].lower() or "png"
    content = drawn(diagram, form, checked_rankdir(rankdir), dpi)
    with replacing(to_file) as path:
        path.write_bytes(content)
    return in_notebook(content, form)


def in_notebook(content: bytes, form: str) -> Any:
    """What a notebook shows; `None` elsewhere, and where it can't show the format."""
    display = sys.modules.get("IPython.display")
    if display is None or "ipykernel" not in sys.modules:
        return None
    if form == "svg":
        return display.SVG(content)
    return display.Image(content) if form in ("png", "jpg", "jpeg", "gif") else None


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 96,
    subgraph: bool = False,
) -> Any:
    """The model as a graph for Graphviz: pydot's, if it is installed, or one that draws itself.

    `SVG(model_to_dot(model).create(prog="dot", format="svg"))` shows it in a notebook, with or
    without Graphviz. `subgraph`: a cluster for use in another graph.

    >>> from keras.layers import Dense
    >>> from keras.models import Sequential
    >>> graph = model_to_dot(Sequential([Dense(2, input_shape=(3,), name="d")]), show_shapes=True)
    >>> graph.create(prog="dot", format="svg")[:5]
    b'<?xml'
    """
    checked_rankdir(rankdir)
    diagram = diagram_of(model, Show(show_shapes, show_layer_names, expand_nested))
    if find_spec("pydot") is None:
        return Graph(diagram, rankdir, dpi, subgraph)
    from .diagrams.pydot_graph import pydot_graph

    return pydot_graph(diagram, rankdir, dpi, subgraph)


def add_edge(dot: Any, src: Any, dst: Any) -> None:
    """Add an edge to a graph of pydot, unless it is there."""
    if not dot.get_edge(src, dst):
        from pydot import Edge

        dot.add_edge(Edge(src, dst))

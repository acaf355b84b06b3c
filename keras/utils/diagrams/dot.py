"""A diagram in Graphviz's language, and an object that old code can ask for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ...saving.files import replacing
from .diagram import Box, Diagram
from .raster import formats, picture
from .scene import scene_of
from .svg import svg

TEXT = ("dot", "gv", "raw")


def dot_text(diagram: Diagram, rankdir: str = "TB", dpi: float = 96, subgraph: bool = False) -> str:
    """The diagram as text: `digraph`, or a `subgraph` for use in another one."""
    first = f"subgraph {quoted('cluster_' + diagram.name)} {{" if subgraph else "digraph G {"
    lines = [first]
    if subgraph:
        lines.append(f"  label={quoted(diagram.name)}; style=dashed;")
    else:
        lines.append(f"  graph [rankdir={rankdir}, dpi={dpi:g}, concentrate=true];")
    lines.append("  node [shape=record];")
    lines += [f"  {line}" for line in statements(diagram, rankdir, "layer")]
    return "\n".join([*lines, "}", ""])


def statements(diagram: Diagram, rankdir: str, prefix: str) -> Iterator[str]:
    """Boxes and edges. A box is called by its numbers from the outside in: `layer2_0`."""
    for number, box in enumerate(diagram.boxes):
        own = f"{prefix}{number}"
        if box.inner is None:
            yield f"{own} [label={quoted(record(box, rankdir))}];"
            continue
        yield f"subgraph cluster_{own} {{"
        yield f"  label={quoted(headline(box))}; style=dashed;"
        yield from (f"  {line}" for line in statements(box.inner, rankdir, f"{own}_"))
        yield "}"
    for edge in diagram.edges:
        tail = end_of(diagram, edge.tail, edge.tail_port, prefix, out=True)
        head = end_of(diagram, edge.head, edge.head_port, prefix, out=False)
        yield f"{tail} -> {head};"


def end_of(diagram: Diagram, number: int, port: int, prefix: str, out: bool) -> str:
    """The box where an edge ends, however deep inside it is."""
    inner, own = diagram.boxes[number].inner, f"{prefix}{number}"
    if inner is None:
        return own
    return end_of(inner, *(inner.outputs if out else inner.inputs)[port], f"{own}_", out)


def headline(box: Box) -> str:
    return f"{box.name}: {box.title}" if box.name else box.title


def record(box: Box, rankdir: str = "TB") -> str:
    """The label of a record: the title, and fields for the rows beside each other."""
    if not box.rows:
        return escaped(headline(box))
    labels = "|".join(f"{escaped(label)}:" for label, _ in box.rows)
    texts = "|".join(escaped(text) for _, text in box.rows)
    fields = f"{escaped(headline(box))}|{{{labels}}}|{{{texts}}}"
    # Fields of a record stand along the ranks' lines; braces turn them.
    return fields if rankdir in ("TB", "BT") else f"{{{fields}}}"


def escaped(text: str) -> str:
    """What has a meaning in a record's label, without it."""
    return "".join(f"\\{c}" if c in "\\{}|<>" else c for c in text)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def drawn(diagram: Diagram, form: str, rankdir: str = "TB", dpi: float = 96) -> bytes:
    """The content of a file: text for Graphviz, SVG, or any format of matplotlib."""
    form = form.lower()
    if form in TEXT:
        return dot_text(diagram, rankdir, dpi).encode()
    scene = scene_of(diagram, rankdir)
    if form == "svg":
        return svg(scene, dpi)
    if form not in formats():
        raise ValueError(
            f"A model can't be drawn as `{form}`; the formats are {', '.join([*TEXT, *formats()])}."
        )
    return picture(scene, form, dpi)


class Graph:
    """What `model_to_dot` returns without pydot; it answers to the same calls.

    `create(format="svg")`, `create_svg()`, `write("model.png", format="png")`, `write_png(...)`,
    `to_string()`. Graphviz's program draws, if it is installed; if not, we do.
    """

    def __init__(
        self, diagram: Diagram, rankdir: str = "TB", dpi: float = 96, subgraph: bool = False
    ) -> None:
        self.diagram, self.rankdir, self.dpi, self.subgraph = diagram, rankdir, dpi, subgraph

    def to_string(self) -> str:
        """The graph in Graphviz's language."""
        return dot_text(self.diagram, self.rankdir, self.dpi, self.subgraph)

    def create(  # the arguments are called as pydot's are
        self,
        prog: Any = None,
        format: str = "ps",  # noqa: A002
        encoding: str | None = None,
    ) -> bytes:
        """The picture's content; `prog`: the program of Graphviz, with its arguments if a list."""
        program = [prog or "dot"] if isinstance(prog, (str, type(None))) else list(prog)
        if format in TEXT or self.subgraph or shutil.which(program[0]) is None:
            return drawn(self.diagram, format, self.rankdir, self.dpi)
        text = self.to_string().encode(encoding or "utf-8")
        command = [*program, f"-T{format}"]
        return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout

    def write(
        self,
        path: str | os.PathLike[str],
        prog: Any = None,
        format: str = "raw",  # noqa: A002
        encoding: str | None = None,
    ) -> bool:
        """Draw into a file."""
        content = self.create(prog, format, encoding)
        with replacing(path) as file:
            Path(file).write_bytes(content)
        return True

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb, _, form = name.partition("_")
        if verb in ("create", "write") and form:
            return partial(getattr(self, verb), format=form)
        raise AttributeError(
            f"`{type(self).__name__}` has no `{name}`. To change the graph before it is drawn, "
            'install pydot: `pip install "evergreen-keras[plot]"`.'
        )
